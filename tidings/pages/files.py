"""Our own files, under names that hold the hash of what is in them: a browser keeps them for a year."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
KEPT = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Path]:
    return {hashed(path): path for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


def hashed(path: Path) -> str:
    """Return the name under which a file is served."""
    return f"{path.stem}.{sha256(path.read_bytes()).hexdigest()[:12]}{path.suffix}"


@lru_cache(maxsize=8)
def address_of(name: str) -> str:
    """Return the address of one of our files."""
    return f"/static/{hashed(FOLDER / name)}"


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Serve one of our files."""
    path = _by_name().get(name)
    if path is None:
        raise HTTPException(404, "There is no such file.")
    return Response(path.read_bytes(), media_type=TYPES[path.suffix], headers={"Cache-Control": KEPT})
