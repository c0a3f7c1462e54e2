"""A saved site as a folder: what it answers to an address, without a server, and what is known of its pages.

``site/`` holds the files; ``/path/`` is path/index.html, ``/path`` is path, path.html, or a redirect to ``/path/``; a
``_map.json`` names what no path can (queries, WordPress). ``truth.json`` beside it says what each listing shows.
"""

from __future__ import annotations

import json
from functools import cached_property
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy.http import Headers, Response, TextResponse
from scrapy.responsetypes import responsetypes

from crawler.charset import page_text
from crawler.induction.model import Sample
from news.urls import host_key, url_key

_INDEXES = ("index.html", "index.htm", "index.xml", "index.json", "index.txt")
_TYPES = {".atom": "application/atom+xml", ".rss": "application/rss+xml", ".xml": "application/xml"}
_MAX_REDIRECTS = 5


class SavedSite:
    """One folder of saved sites."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """Return the folder's own name."""
        return self.folder.name

    @cached_property
    def truth(self) -> dict[str, Any]:
        """Return what is known of the site."""
        loaded: dict[str, Any] = json.loads((self.folder / "truth.json").read_text(encoding="utf-8"))
        return loaded

    def older_than(self, page: dict[str, Any]) -> frozenset[str]:
        """Return the URL keys of what a list goes on with below one of its pages, as far as it is known.

        On its further pages; and where these are not all known, or the front page has none, all articles that are not
        newer than the last known item.
        """
        pages = {other["url"]: other for other in self.truth["listing_pages"]}
        found, last, url = set(), page, self._next_of(page["url"])
        while url in pages:
            last = pages[url]
            found |= {url_key(item["url"]) for item in last["items"]}
            url = self._next_of(url)
        if last["items"] and (url or page["kind"] == "home"):
            day = last["items"][-1]["date"][:10]
            found |= {url_key(one["url"]) for one in self.truth["articles"] if one["date"][:10] <= day}
        return frozenset(found)

    def _next_of(self, url: str) -> str:
        following = self.truth["next_page"].get(url)
        return str(following["url"]) if following else ""

    @cached_property
    def _map(self) -> dict[str, Any]:
        path = self.folder / "site" / "_map.json"
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return loaded

    def open(self, url: str) -> Response | None:
        """Return what the site answers, or None for what it does not have or that is elsewhere."""
        if host_key(url) != host_key(self.truth["base_url"]):
            return None
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        for _ in range(_MAX_REDIRECTS):
            found = self._find(target)
            if isinstance(found, Path):
                address = f"{parts.scheme}://{parts.netloc}{target}"
                headers, body = Headers({"Content-Type": self._kind(target, found)}), found.read_bytes()
                made = responsetypes.from_args(headers=headers, url=address, body=body)
                return made(address, headers=headers, body=body)
            if found is None:
                return None
            target = found
        return None

    def fetch(self, url: str) -> Sample | None:
        """Return the page that the site answers with, or None for one that it does not have or that is elsewhere."""
        response = self.open(url)
        return (
            Sample(url=response.url, html=page_text(response)) if isinstance(response, TextResponse) else None
        )

    def _kind(self, target: str, file: Path) -> str:
        known = self._map.get(target, self._map.get(unquote(target), {})).get("type")
        kind = str(known or _TYPES.get(file.suffix.lower()) or guess_type(file.name)[0] or "text/html")
        return kind if "charset" in kind.lower() or not kind.startswith("text/") else f"{kind}; charset=utf-8"

    def _find(self, target: str) -> Path | str | None:
        """Return the file of a path, the path that it redirects to, or None."""
        root = self.folder / "site"
        for name in (target, unquote(target)):
            if name in self._map:
                return root / str(self._map[name]["file"])
        path = unquote(urlsplit(target).path)
        relative = path.lstrip("/")
        if ".." in relative.split("/"):
            return None
        place = root / relative
        if path.endswith("/"):
            return next((place / name for name in _INDEXES if (place / name).is_file()), None)
        if place.is_file():
            return place
        if place.with_name(place.name + ".html").is_file():
            return place.with_name(place.name + ".html")
        return urlsplit(target).path + "/" if (place / "index.html").is_file() else None


def saved_sites(folder: Path, only: str = "") -> list[SavedSite]:
    """Return the sites of a folder, by name."""
    found = sorted(path.parent for path in folder.glob("*/truth.json"))
    return [SavedSite(path) for path in found if not only or only in path.name]


def same_page(url: str, other: str | None) -> bool:
    """Tell whether two addresses are one page."""
    return other is not None and url_key(url) == url_key(other)
