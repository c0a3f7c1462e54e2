"""The way in and out: signing in, signing out, and whether the server lives."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from tidings.serving.forms import PostedForm, posted_form
from tidings.serving.problems import Refused
from tidings.serving.served import Here
from tidings.serving.signing_in import keep_session, sign_in, sign_out

HOME = "/"

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def ask(request: Request, here: Here, next: str = HOME) -> Response:  # noqa: A002 - the parameter's name
    """Ask who it is."""
    return here.drawing.sign_in(request, next_page=own_page(next), name="", problem=None)


@router.post("/sign-in")
async def come_in(request: Request, here: Here, form: PostedForm) -> Response:
    """Sign somebody in, and lead on to where they wanted to go."""
    name, wanted = _text(form.get("name")).strip(), own_page(_text(form.get("next")))
    try:
        secret = await sign_in(request, name, _text(form.get("password")))
    except Refused as refusal:
        answer = here.drawing.sign_in(request, next_page=wanted, name=name[:255], problem=refusal.problem)
        answer.headers.update(refusal.problem.headers)
        return answer
    answer = RedirectResponse(wanted, status_code=303)
    keep_session(request, answer, secret)
    return answer


@router.post("/sign-out", dependencies=[Depends(posted_form)])
async def go_out(request: Request) -> Response:
    """Sign out."""
    answer = RedirectResponse("/sign-in", status_code=303)
    await sign_out(request, answer)
    return answer


@router.get("/health")
async def health(here: Here) -> Response:
    """Say whether the server and its database answer, to whoever watches over them."""
    await run_in_threadpool(here.newest)
    return JSONResponse({"status": "ok"})


def own_page(address: str) -> str:
    r"""Return an address if it is a page of this server, else the first page.

    >>> [
    ...     own_page(text)
    ...     for text in ("/runs?a=1", "//evil.example", "https://evil.example", "/\\evil.example", "")
    ... ]
    ['/runs?a=1', '/', '/', '/', '/']
    """
    own = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if own and address.isprintable() and len(address) <= 2_000 else HOME


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
