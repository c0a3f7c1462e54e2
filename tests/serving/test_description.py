"""schemathesis asks the live API whatever its own description allows and forbids, and looks at every answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from sqlalchemy import Engine

from storage.tokens import add_token
from storage.users import add_user
from tests.serving.content import HOSTILE, filled
from tests.serving.serving import Site, serving
from tidings.serving.secrets import TOKEN_PREFIX, hash_password, new_secret, secret_hash

EXAMPLES = 12
"""Requests an operation and mode; ``--hypothesis-profile`` of a longer run may ask for more."""
KNOWN = {"number": st.integers(1, 10), "name": st.sampled_from(["one", "two", "desk", HOSTILE[:20]])}
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.fixture(params=["full", "empty"])
def site(request: pytest.FixtureRequest, engine: Engine) -> Iterator[tuple[Site, str]]:
    if request.param == "full":
        filled(engine)
    add_user(
        engine, "amal", password_hash=hash_password("correct horse battery")
    )  # who asks unknown is refused
    secret = f"{TOKEN_PREFIX}{new_secret()}"
    add_token(engine, "schemathesis", hash=secret_hash(secret), may_write=True)
    with serving(engine) as made:
        yield made, secret


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", MODES, ids=["allowed", "forbidden"])
def test_the_api_does_what_it_says_of_itself(site: tuple[Site, str], mode: GenerationMode) -> None:
    served, secret = site
    headers = {"Authorization": f"Bearer {secret}"}
    schema = schemathesis.openapi.from_dict(served.api("/openapi.json", headers=headers, timeout=100))
    tried: list[str] = []
    for found in schema.get_all_operations():
        operation: Any = cast(Any, found).ok()
        with suppress_unsatisfiable():
            try_out(operation, mode, served.origin, headers)
            tried.append(operation.label)
    assert len(tried) >= (20 if mode is GenerationMode.POSITIVE else 15), tried


def suppress_unsatisfiable() -> Any:
    """Some operations have nothing about which a request could be wrong."""
    from hypothesis.errors import Unsatisfiable

    return suppress(Unsatisfiable)


def try_out(operation: Any, mode: GenerationMode, origin: str, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def run(case: Case[Any], data: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE:
            for name in set(case.path_parameters or ()) & KNOWN.keys():
                if data.draw(st.booleans()):
                    case.path_parameters[name] = data.draw(KNOWN[name])
        query = case.query or {}
        if mode is GenerationMode.POSITIVE and "q" in query:
            # That it holds a word, and not too many, cannot be said in a schema.
            query["q"] = f"title {query['q'][:30]}"
        with suppress(KeyError, TypeError, ValueError):
            if 0 < float(query["wait"]) <= 60:
                query["wait"] = 0.01  # a minute is as good as a moment
        case.call_and_validate(base_url=origin, headers=headers, timeout=60)

    run()
