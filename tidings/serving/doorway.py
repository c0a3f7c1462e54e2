"""The way in and out: signing in, signing out, and whether the server lives."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from tidings.complaints import FAILING, OK, checkup_json, complaint_lines
from tidings.serving.callers import Who
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


@router.api_route("/health", methods=["GET", "HEAD"])
def health(here: Here, who: Who, request: Request) -> Response:
    """Say whether all is well, to whoever watches over it; what is not is named to those who are known alone."""
    found = here.checkups.latest()
    status = 200 if found.is_well else 503
    headers = {"Cache-Control": "no-store"}
    if _wants_text(request):
        told = (
            complaint_lines(found)
            if who is not None
            else (f"{kind}: {n}" for kind, n in found.counts.items())
        )
        text = "".join(f"{each}\n" for each in (OK if found.is_well else FAILING, *told))
        return PlainTextResponse(text, status_code=status, headers=headers)
    return JSONResponse(checkup_json(found, named=who is not None), status_code=status, headers=headers)


@router.api_route("/health/live", methods=["GET", "HEAD"])
async def live(here: Here) -> Response:
    """Say whether the server and its database answer: what restarting it could mend."""
    await run_in_threadpool(here.newest)
    return JSONResponse({"status": OK}, headers={"Cache-Control": "no-store"})


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


def _wants_text(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "text/plain" in accepted and "json" not in accepted and "html" not in accepted


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
