"""A saved site on the loopback interface: a folder of pages, which may be exchanged for another while it serves.

Pages stand as ``path/index.html`` or ``path``; a ``_map.json`` names the rest (``{"/?p=4": {"file": …, "type": …}}``).
Absolute links to the site's own address are rewritten to this server's. It answers GET and HEAD with an entity tag, and
304 where that comes back.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_INDEXES = ("index.html", "index.xml", "index.json", "index.txt")
_TEXT = (
    "text/",
    "application/json",
    "application/xml",
    "application/rss",
    "application/atom",
    "application/xhtml",
)


class FolderSite(ThreadingHTTPServer):
    """Serves ``folder`` (or the ``site`` in it) as the site that stood at ``base``; ``hits`` counts its answers."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path, base: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.base = base.rstrip("/")
        self.hits = 0
        self.show(folder)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def show(self, folder: Path) -> None:
        """Serve another folder from now on."""
        self.root = folder / "site" if (folder / "site").is_dir() else folder
        names = self.root / "_map.json"
        self.map: dict[str, Any] = json.loads(names.read_text(encoding="utf-8")) if names.is_file() else {}

    @property
    def address(self) -> str:
        """Where it stands."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def here(self, url: str) -> str:
        """Return the address here of what stood at ``url``."""
        return url.replace(self.base, self.address).replace(
            self.base.replace("https:", "http:"), self.address
        )

    def find(self, target: str) -> tuple[Path | None, str]:
        """Return the file behind a request's target with its type, or (None, where to go on)."""
        for name in (target, unquote(target)):
            if name in self.map:
                return self.root / self.map[name]["file"], self.map[name]["type"]
        path = unquote(urlsplit(target).path)
        parts = [part for part in path.split("/") if part]
        if ".." in parts or path.startswith("/_map"):
            return None, ""
        file = self.root.joinpath(*parts)
        if not path.endswith("/"):
            for candidate in (file, file.with_name(f"{file.name}.html")):
                if candidate.is_file():
                    return candidate, ""
            return None, f"{urlsplit(target).path}/" if (file / "index.html").is_file() else ""
        return next((file / name for name in _INDEXES if (file / name).is_file()), None), ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FolderSite

    def do_GET(self) -> None:
        self.server.hits += 1
        file, said = self.server.find(self.path)
        if file is None:
            status, page = (301, b"") if said else (404, b"<title>Not found</title><h1>Not found</h1>")
            self._answer(status, page, "text/html; charset=utf-8", {"Location": said} if said else {})
            return
        data = file.read_bytes()
        kind = said or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if kind.startswith(_TEXT):
            kind = kind if "charset" in kind.lower() else f"{kind}; charset=utf-8"
            for base in (self.server.base, self.server.base.replace("https:", "http:")):
                here = self.server.address
                data = data.replace(base.encode(), here.encode())
                data = data.replace(base.replace("/", "\\/").encode(), here.replace("/", "\\/").encode())
        tag = f'"{hashlib.blake2b(data, digest_size=8).hexdigest()}"'
        unchanged = self.headers.get("If-None-Match") == tag
        self._answer(304 if unchanged else 200, b"" if unchanged else data, kind, {"ETag": tag})

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(self, status: int, data: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(data))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, format: str, *_args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""
