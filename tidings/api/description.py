"""The description of the API (OpenAPI 3.1), with what the framework does not say by itself."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from tidings.api.replies import ProblemDetails


def describe(app: FastAPI) -> None:
    """Let the application describe its problems too."""
    usual = app.openapi

    def openapi() -> dict[str, Any]:
        described = usual()
        known = described.setdefault("components", {}).setdefault("schemas", {})
        known.setdefault("ProblemDetails", ProblemDetails.model_json_schema())
        return described

    app.openapi = openapi  # type: ignore[method-assign]  # as its documentation says
