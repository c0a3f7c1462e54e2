"""A small site of our own as recordings: three notices, then a new and an edited one, then a page without any."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from crawler.recordings.directory import write_directory
from crawler.recordings.model import RecordedAnswer, Recording

NAME = "harbour"
HOST = "https://harbour.example"
LISTING = f"{HOST}/notices/"
DEFINITIONS = f"""\
schema = 1
name = "{NAME}"
title = "Harbour notices"
url = "{LISTING}"
language = "en"

[wrapper]
item = "article"
link = "h2 a"
title = "h2"
body = "div.text"

[request]
delay_seconds = 0.0
"""

FERRY = (
    "2026/03/01/ferry",
    "Ferry starts earlier",
    "The first ferry leaves at six from Monday on, not at seven.",
)
CRANE = (
    "2026/02/27/crane",
    "Crane is under repair",
    "The large crane stands still until its cable is replaced.",
)
LIGHT = (
    "2026/02/25/light",
    "Lighthouse opens its doors",
    "Visitors may climb the tower on the first Sunday.",
)
FOG = ("2026/03/02/fog", "Fog horn is tested", "The horn sounds three times at noon, and there is no danger.")
CRANE_AGAIN = (
    CRANE[0],
    CRANE[1],
    "The large crane works again, and its old cable goes to the museum of the port.",
)

Notice = tuple[str, str, str]
STEPS: Mapping[str, tuple[datetime, tuple[Notice, ...]]] = {
    "1-baseline": (datetime(2026, 3, 1, 8, tzinfo=UTC), (FERRY, CRANE, LIGHT)),
    "2-news": (datetime(2026, 3, 2, 8, tzinfo=UTC), (FOG, FERRY, CRANE_AGAIN, LIGHT)),
    "3-empty": (datetime(2026, 3, 3, 8, tzinfo=UTC), ()),
}


def listing(notices: tuple[Notice, ...]) -> bytes:
    items = "".join(
        f"<article><h2><a href='/{path}/'>{title}</a></h2><div class='text'><p>{text}</p></div></article>"
        for path, title, text in notices
    )
    return f"<html lang='en'><title>Notices</title><body><main>{items}</main></body></html>".encode()


def answer(url: str, body: bytes, at: datetime, kind: str = "text/html; charset=UTF-8") -> RecordedAnswer:
    headers = (("Content-Type", kind), ("Content-Length", str(len(body))))
    return RecordedAnswer(url=url, at=at, headers=headers, body=body)


def recording(step: str, *, definitions: str = DEFINITIONS, leave_out: str = "") -> Recording:
    at, notices = STEPS[step]
    answers = [answer(f"{HOST}/robots.txt", b"User-agent: *\nAllow: /\n", at, "text/plain")]
    answers += [answer(LISTING, listing(notices), at)] * 3
    pages = notices or STEPS["2-news"][1]
    answers += [answer(f"{HOST}/{path}/", page(title, text), at) for path, title, text in pages]
    kept = tuple(each for each in answers if not leave_out or each.url != leave_out)
    return Recording(clock=at, sources=(NAME,), definitions=definitions, answers=kept)


def page(title: str, text: str) -> bytes:
    return (
        f"<html lang='en'><body><h1>{title}</h1><div class='text'><p>{text}</p></div></body></html>".encode()
    )


def write_series(folder: Path) -> Path:
    """Write all steps as directories, and return their folder."""
    for step in STEPS:
        write_directory(recording(step), folder / step)
    return folder
