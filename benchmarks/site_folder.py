"""A site in a folder, asked in process: what a discovery is measured on, without a server.

The folder is one of real sites with ground truth: ``site/`` holds the files, ``truth.json`` the ``base_url`` under
which they stood, and ``_map.json``, where there is one, the addresses that no file name can hold. A folder answers
for itself and for its ``index``; a path without a slash that is a folder redirects to it, as servers do.
"""

from __future__ import annotations

import json
import mimetypes
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy.http import Headers
from scrapy.responsetypes import responsetypes

from crawler.discovery.asking import Answer, NoAnswer
from news.run import Trouble

_INDEXES = ("index.html", "index.xml", "index.json", "index.txt")
_TYPES = {
    ".atom": "application/atom+xml",
    ".rss": "application/rss+xml",
    ".xml": "application/xml",
    ".json": "application/json",
    ".htm": "text/html",
}


class SiteFolder:
    """Answers for one site's folder; ``ask`` is an effect for `crawler.discovery.discover.discover`.

    ``asked`` are the addresses so far, in order.
    """

    def __init__(self, folder: Path, base_url: str = "") -> None:
        self.root = folder / "site" if (folder / "site").is_dir() else folder
        self.base_url = (base_url or str(self._truth(folder).get("base_url", ""))).rstrip("/")
        self.asked: list[str] = []

    @staticmethod
    def _truth(folder: Path) -> dict[str, Any]:
        for place in (folder / "truth.json", folder.parent / "truth.json"):
            if place.is_file():
                found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
                return found
        return {}

    @cached_property
    def _named(self) -> dict[str, dict[str, str]]:
        place = self.root / "_map.json"
        return json.loads(place.read_text(encoding="utf-8")) if place.is_file() else {}

    async def ask(self, url: str) -> Answer | NoAnswer:
        """Return what the site answers; another host cannot be resolved."""
        self.asked.append(url)
        if urlsplit(url).netloc != urlsplit(self.base_url).netloc:
            return NoAnswer(url=url, trouble=Trouble.NETWORK, detail="the host name cannot be resolved (DNS)")
        at, permanent = url, False
        file, kind = self._find(at)
        if file is None and kind:
            at, permanent = f"{self.base_url}{kind}", True
            file, kind = self._find(at)
        if file is None:
            body, status, kind = (
                b"<!doctype html><title>Not found</title><h1>404 Not found</h1>",
                404,
                "text/html",
            )
        else:
            body, status = file.read_bytes(), 200
        text = kind.startswith("text/") or kind.partition(";")[0].endswith(("xml", "json"))
        if text and "charset" not in kind:
            kind += "; charset=utf-8"
        headers = Headers({"Content-Type": kind})
        made = responsetypes.from_args(headers=headers, url=at, body=body)
        response = made(url=at, status=status, headers=headers, body=body)
        return Answer(url=url, response=response, permanent=permanent)

    def _find(self, url: str) -> tuple[Path | None, str]:
        """Return the file for an address and its type; without a file, the path that it redirects to, if it does."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        for name in (target, unquote(target)):
            if name in self._named:
                return self.root / self._named[name]["file"], self._named[name]["type"]
        path = unquote(parts.path) or "/"
        relative = path.lstrip("/")
        if ".." in relative.split("/"):
            return None, ""
        place = self.root / relative
        if path.endswith("/"):
            found = next((place / name for name in _INDEXES if (place / name).is_file()), None)
            return found, _type_of(found)
        for candidate in (place, place.with_name(f"{place.name}.html")):
            if candidate.is_file():
                return candidate, _type_of(candidate)
        return None, f"{parts.path}/" if (place / "index.html").is_file() else ""


def _type_of(file: Path | None) -> str:
    if file is None:
        return ""
    return _TYPES.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
