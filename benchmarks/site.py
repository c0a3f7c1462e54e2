"""The sites of the benchmark: one bare server on the loopback interface that answers for any number of host names.

    python -m benchmarks.site [--alike N] [--idle-seconds S]

It prints its port, and ends when its standard input is closed. Every host has a listing of about 60 KB with 10 items,
``ETag`` and ``Last-Modified``, and answers 304. On even hosts the items carry their whole bodies; on odd ones they are
teasers that lead to article pages of about 80 KB.
``/__publish`` gives a tenth of the hosts one more item, ``/__hits`` and ``/__counts`` tell the requests since they were
last asked. The protocol is written by hand, so that the server takes little of the machine that is measured.

With ``--alike 20`` the twenty-first host begins with the words of the first, and so on, so that what one has left in a
database can stand for many; what is published later is each host's own. ``--idle-seconds`` is how long a connection is
kept open while nothing is asked (0: for ever): nobody could keep open those of 50,000 hosts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections import Counter
from functools import lru_cache

import uvloop

ITEMS = 10
MODIFIED = "Sun, 01 Nov 2026 08:00:00 GMT"
WORDS = (
    "council river bridge school budget minister harbour museum railway festival vote repair season library engine "
    "valley record letter market teacher winter planning village concert signal company doctor garden summit report "
    "the of and to in for on with at from after before under their its two seven new old public late first open"
).split()
_HOST = re.compile(rb"\r\nhost: *([^\r:]+)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_TAG = re.compile(rb"\r\nif-none-match: *([^\r]+)", re.IGNORECASE)


def prose(seed: int, count: int) -> str:
    """Return ``count`` words in sentences, always the same for a seed."""
    state, pieces = seed * 2_654_435_761 % 2**32, []
    for position in range(count):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        word = WORDS[(state >> 8) % len(WORDS)]
        pieces.append(word.title() if position % 14 == 0 else word + ("." if position % 14 == 13 else ""))
    return " ".join(pieces)


def paragraphs(seed: int, count: int, words: int) -> str:
    """Return paragraphs as HTML."""
    return "".join(f"<p>{prose(seed * 31 + number, words)}</p>" for number in range(count))


@lru_cache(maxsize=4)
def boilerplate(kilobytes: int) -> tuple[str, str]:
    """Return what stands around the news on a page of so many kilobytes: styles, menus, scripts, a footer."""
    rule = ".block-{0} .entry-title a {{ color: #{0:06x}; padding: 0 {0}px; margin: {0}px auto }}\n"
    style = "".join(rule.format(number) for number in range(kilobytes * 5))
    menu = "".join(
        f"<li class='menu-item menu-item-{number}'><a href='/topic/{number}/'>{prose(number, 3)}</a></li>"
        for number in range(kilobytes * 3)
    )
    script = "".join(
        f"window.data.push([{number}, 'slot-{number}', true]);\n" for number in range(kilobytes * 6)
    )
    top = f"<style>{style}</style></head><body><header><nav><ul>{menu}</ul></nav></header><main>"
    return top, f"</main><footer><p>{prose(1, 60)}</p></footer><script>{script}</script></body></html>"


def publishes(host: int) -> bool:
    """Say whether a host has one item more whenever the server publishes: one in ten, half of them with pages."""
    return host % 20 in (0, 1)


def title(host: int, item: int) -> str:
    """Return the title of a host's item."""
    return f"{prose(host * 1_009 + item, 7).rstrip('.')} {host}.{item}"


def item_html(host: int, item: int) -> str:
    """Return one item of a listing."""
    path = f"/2026/11/{host}-{item}/"
    seed = host * 1_009 + item
    body = paragraphs(seed, 4, 60) if host % 2 == 0 else f"<p>{prose(seed, 50)} […]</p>"
    return (
        f'<article class="post post-{item} hentry"><h2 class="entry-title"><a href="{path}" rel="bookmark">'
        f'{title(host, item)}</a></h2><div class="entry-content">{body}</div></article>'
    )


@lru_cache(maxsize=200_000)
def item_bytes(host: int, item: int) -> bytes:
    """Return the same item as it is sent."""
    return item_html(host, item).encode()


def owner(host: int, item: int, alike: int) -> int:
    """Return the host whose words an item of a host has: another's among its first ones, where hosts are alike."""
    return host % alike if alike and item <= ITEMS else host


def tag_of(host: int, published: int, alike: int) -> str:
    """Return the entity tag of a host's listing; alike as long as the listings are."""
    return f'"{owner(host, 0, alike)}-{published}"'


def listing(host: int, published: int, alike: int = 0) -> bytes:
    """Return a host's listing after it has published ``published`` items more than its first ten."""
    top, bottom = boilerplate(46 if host % 2 == 0 else 59)
    head = f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>News of {host}</title>{top}"
    newest = ITEMS + published
    numbers = range(newest, newest - ITEMS, -1)
    items = b"\n".join(item_bytes(owner(host, item, alike), item) for item in numbers)
    return head.encode() + items + bottom.encode()


def article(host: int, item: int) -> bytes:
    """Return the page of an item."""
    top, bottom = boilerplate(82)
    name = title(host, item)
    head = (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{name}</title>"
        f"<meta property='og:title' content='{name}'>"
        f"<meta property='article:published_time' content='2026-11-02T08:00:00+00:00'>{top}"
    )
    body = paragraphs(host * 1_009 + item, 8, 60)
    page = f'<article><h1 class="entry-title">{name}</h1><div class="entry-content">{body}</div></article>'
    return (head + page + bottom).encode()


class Sites:
    """What has been published, and what was asked for."""

    def __init__(self, alike: int) -> None:
        self.alike = alike
        self.hits = 0
        self.rounds = 0
        self.asked: Counter[str] = Counter()
        self.listings: Counter[int] = Counter()

    def counts(self) -> dict[str, int]:
        """Return what was asked for since the last time: by kind, and how often the same listing at most."""
        most = max(self.listings.values(), default=0)
        told = {**self.asked, "listings": self.listings.total(), "hosts": len(self.listings), "most": most}
        self.asked, self.listings = Counter(), Counter()
        return told

    def answer(self, path: str, host_name: str, tag: bytes) -> bytes:
        """Return a whole response."""
        if path == "/__hits":
            hits, self.hits = self.hits, 0
            return response(200, str(hits).encode())
        if path == "/__counts":
            return response(200, json.dumps(self.counts()).encode())
        if path == "/__publish":
            self.rounds += 1
            return response(200, str(self.rounds).encode())
        self.hits += 1
        numbers = _NUMBER.findall(host_name)
        host = int(numbers[0]) if numbers else 0
        if path == "/robots.txt":
            self.asked["robots"] += 1
            return response(200, b"User-agent: *\nDisallow: /wp-admin/\n", kind="text/plain")
        if path == "/news/":
            return self._listing(host, tag)
        self.asked["articles"] += 1
        words_of, item = map(int, _NUMBER.findall(path)[-2:])
        return response(200, article(words_of, item), tag=f'"a{item}"'.encode())

    def _listing(self, host: int, tag: bytes) -> bytes:
        self.listings[host] += 1
        published = self.rounds if publishes(host) else 0
        own = tag_of(host, published, self.alike).encode()
        if own == tag:
            self.asked["not modified"] += 1
            return response(304, b"", tag=own)
        return response(200, listing(host, published, self.alike), tag=own)


def response(status: int, body: bytes, *, kind: str = "text/html; charset=utf-8", tag: bytes = b"") -> bytes:
    """Return a response as it goes over the wire."""
    head = f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Modified'}\r\nContent-Type: {kind}\r\n"
    if tag:
        head += f"ETag: {tag.decode()}\r\nLast-Modified: {MODIFIED}\r\n"
    if status == 200:
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Connection(asyncio.Protocol):
    """One connection: a request at a time, kept open."""

    def __init__(self, sites: Sites, open_ones: set[Connection]) -> None:
        self._sites = sites
        self._open_ones = open_ones
        self._received = b""
        self.used_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._open_ones.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_ones.discard(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(b"\r\n\r\n"):
            return
        request, self._received = self._received, b""
        self.used_at = asyncio.get_running_loop().time()
        path = request.split(b" ", 2)[1].decode()
        host, tag = _HOST.search(request), _TAG.search(request)
        answer = self._sites.answer(path, host[1].decode() if host else "", tag[1].strip() if tag else b"")
        self._transport.write(answer)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Close it, as servers do with one on which nothing is asked."""
        self._transport.close()


async def close_idle(open_ones: set[Connection], seconds: float) -> None:
    """Close connections on which nothing was asked for so long, again and again."""
    while True:
        await asyncio.sleep(1)
        before = asyncio.get_running_loop().time() - seconds
        for connection in [each for each in open_ones if 0 < each.used_at < before]:
            connection.close()


async def serve(alike: int, idle_seconds: float) -> None:
    """Serve until standard input is closed."""
    loop = asyncio.get_running_loop()
    sites, open_ones = Sites(alike), set[Connection]()
    server = await loop.create_server(lambda: Connection(sites, open_ones), "127.0.0.1", 0, backlog=4096)
    closing = asyncio.create_task(close_idle(open_ones, idle_seconds)) if idle_seconds else None
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    if closing is not None:
        closing.cancel()
    server.close()


def main() -> None:
    """Serve as the arguments say."""
    parser = argparse.ArgumentParser(prog="benchmarks.site")
    parser.add_argument("--alike", type=int, default=0)
    parser.add_argument("--idle-seconds", type=float, default=0.0)
    options = parser.parse_args()
    uvloop.run(serve(options.alike, options.idle_seconds))


if __name__ == "__main__":
    main()
