"""Threats 5 and 6: secrets and proxies stay with their host, and no answer is too large, too slow or too deep."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from scrapy.utils._compression import zstd  # type: ignore[attr-defined]
from scrapy.utils.test import get_crawler

from crawler.credentials import Credentials
from crawler.downloading import MAX_HEADER_BYTES
from crawler.middlewares.compression import WholeCompressionMiddleware
from crawler.middlewares.proxies import ProxyMiddleware
from news.article import Sight
from news.run import Plan, Problem, Reading, Trouble
from news.source import RequestRules
from news.urls import host_key
from tests.crawler.crawling import crawl, plan, source
from tests.crawler.site import Answer, LocalSite, article, redirect, rows
from tests.threats.network import raw_site

CLOSED = RequestRules(delay_seconds=0.0)
BODY = "A body that is long enough to be one, with several words in it. " * 6
MIB = 1024 * 1024
GIB = 1024 * MIB
MEMORY = {"EXTENSIONS": {"tests.threats.network.PeakMemory": 0}}
SPARE_MEGABYTES = 80
"""The limit of one answer is 10 MiB; some copies of it, and no more."""


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as local:
        local.page("/news/", rows([("/a", "Title of a")]))
        local.page("/a", article("Title of a", BODY))
        yield local


def only_problem(reading: Reading) -> Problem:
    [problem] = reading.problems
    return problem


# ------------------------------------------------------------------------------ 5: what leaks across hosts


def secret(url: str, **fields: Any) -> Credentials:
    headers = (("X-Key", "canary-1"), ("Authorization", "Basic canary-2"), ("Cookie", "canary=3"))
    return Credentials(url=url, headers=headers, **fields)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_threat_5_leak_no_secret_follows_a_redirect_to_a_second_host(site: LocalSite, status: int) -> None:
    with LocalSite() as other:
        other.page("/x", article("Title of a", BODY))
        site.script("/a", redirect(other.url("/x"), status))
        started = plan(source(site.url("/news/"), hosts=(host_key(other.url()),)))
        crawl(started, credentials={"site": secret(started.source.url)})
        assert site.asked("/news/")[0].headers["authorization"] == "Basic canary-2"
        assert other.paths() == ["/x"]
        assert not any("canary" in str(request.headers) for request in other.log)


def test_threat_5_leak_cookies_are_neither_kept_nor_sent(site: LocalSite) -> None:
    body = rows([("/a", "Title of a")])
    site.script("/news/", Answer(body=body, headers={"Set-Cookie": "session=canary; Path=/"}))
    crawl(plan(source(site.url("/news/"))))
    assert "/a" in site.paths()
    assert not any("cookie" in request.headers for request in site.log)


def test_threat_5_leak_a_declared_proxy_gets_its_sources_requests_and_no_others() -> None:
    with LocalSite() as proxy, LocalSite() as other:
        at = "http://news.test"
        proxy.page(f"{at}/news/", rows([("/a", "Title of a")]))
        proxy.script(f"{at}/a", redirect(other.url("/x")))
        other.page("/x", article("Title of a", BODY))
        started = plan(source(f"{at}/news/", hosts=(host_key(other.url()),)))
        through = secret(started.source.url, proxy=proxy.url().removesuffix("/"))
        reading = crawl(started, credentials={"site": through}).readings["site"]
        assert [entry.title for entry in reading.entries] == ["Title of a"]
        assert proxy.paths() == [f"{at}/robots.txt", f"{at}/news/", f"{at}/a"]
        assert other.paths() == ["/x"]
        assert not any("canary" in str(request.headers) for request in other.log)


def test_threat_5_leak_a_proxy_may_stand_in_a_private_network_but_is_not_asked_for_one(
    site: LocalSite,
) -> None:
    """What a proxy looks up cannot be checked; an address, and the names of a machine for itself, can."""
    with LocalSite() as proxy:
        proxy.page("http://public.test/news/", rows([("/a", "Title of a")]))
        plans, through = [], {}
        urls = ["http://public.test/news/", site.url("/news/"), site.url("/news/", host="localhost")]
        urls += ["http://169.254.169.254/latest/", "http://deep.localhost/news/", "https://10.0.0.1/news/"]
        for number, url in enumerate(urls):
            plans.append(plan(source(url, f"site{number}", request=CLOSED), source_id=number + 1))
            through[f"site{number}"] = Credentials(url=url, proxy=proxy.url().removesuffix("/"))
        readings = crawl(*plans, credentials=through).readings
        assert {request.path.split("/")[2] for request in proxy.log} == {"public.test"}
    assert readings["site0"].entries
    for number in range(1, len(urls)):
        assert only_problem(readings[f"site{number}"]).trouble is Trouble.REFUSED
    assert not site.log


def test_threat_5_leak_a_tunnel_goes_to_the_declared_proxy_by_name() -> None:
    """The proxy's own name is looked up once, and its checked address connected."""
    seen: list[str] = []

    def refuse(connection: socket.socket, line: str) -> None:
        seen.append(line)
        connection.sendall(b"HTTP/1.1 403 No\r\n\r\n")

    with raw_site(refuse) as proxy:
        of = source("https://news.test/news/", request=CLOSED)
        through = Credentials(url=of.url, proxy=f"http://proxy.test:{proxy.port}")
        settings = {"TIDINGS_RESOLVER": "tests.threats.network.everything_is_here", "RETRY_TIMES": 0}
        reading = crawl(plan(of), credentials={"site": through}, settings=settings).readings["site"]
    assert set(seen) == {"CONNECT news.test:443 HTTP/1.1"}
    assert only_problem(reading).fatal


@pytest.mark.parametrize(("wanted", "proxies"), [(False, 0), (True, 1)])
def test_threat_5_leak_proxies_of_the_environment_count_only_where_an_operator_says_so(
    monkeypatch: pytest.MonkeyPatch, wanted: bool, proxies: int
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("http_proxy", "http://user:word@proxy.example:3128")
    crawler = get_crawler(settings_dict={"TIDINGS_ENVIRONMENT_PROXIES": wanted})
    assert len(ProxyMiddleware.from_crawler(crawler).proxies) == proxies


# -------------------------------------------------------------------------------------------- 6: bombs


def gzip_bomb(size: int) -> bytes:
    """Return a gzip stream of zeros: one packed piece over and over, so that it is made at once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece + again * (size // (16 * MIB) - 1)


def deflate_bomb(size: int) -> bytes:
    packer = zlib.compressobj(9)
    piece = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece + again * (size // (16 * MIB) - 1)


def brotli_bomb(size: int) -> bytes:
    packer, chunk = brotli.Compressor(quality=1), bytes(16 * MIB)
    packed = b"".join(packer.process(chunk) for _ in range(size // len(chunk)))
    return bytes(packed + packer.finish())


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: gzip_bomb(GIB)),
    "gzip-twice": ("gzip, gzip", lambda: gzip.compress(gzip_bomb(GIB))),
    "deflate": ("deflate", lambda: deflate_bomb(GIB)),
    "br": ("br", lambda: brotli_bomb(GIB)),
    "zstd": ("zstd", lambda: zstd.compress(bytes(16 * MIB)) * 64),
}


@pytest.fixture(scope="module")
def usual_megabytes() -> float:
    with LocalSite() as site:
        site.page("/news/", rows([]))
        peak: float = crawl(plan(source(site.url("/news/"))), settings=MEMORY).facts["stats"][
            "peak_megabytes"
        ]
    return peak


@pytest.mark.parametrize("name", BOMBS)
def test_threat_6_bomb_is_given_up_within_bounds_of_memory(name: str, usual_megabytes: float) -> None:
    encoding, make = BOMBS[name]
    packed = make()
    assert len(packed) < 2 * MIB
    with LocalSite() as site:
        site.page("/news/", rows([("/a", "Title of a")]))
        for path in ("/a", "/bomb/"):
            site.script(path, Answer(body=packed, headers={"Content-Encoding": encoding}))
        listing = plan(source(site.url("/news/"), "article"), source_id=1)
        bomb = plan(source(site.url("/bomb/"), "listing"), source_id=2)
        crawled = crawl(listing, bomb, settings=MEMORY)
    problem = only_problem(crawled.readings["listing"])
    assert (problem.trouble, problem.fatal) == (Trouble.NOT_A_PAGE, True)
    assert "larger than we read" in problem.detail
    [look] = crawled.readings["article"].looks
    assert look.sight is Sight.UNREADABLE
    assert "larger than we read" in look.reason
    assert crawled.facts["stats"]["peak_megabytes"] < usual_megabytes + SPARE_MEGABYTES


@pytest.mark.parametrize("encoding", ["gzip", "identity", "x-unknown"])
def test_threat_6_bomb_is_told_by_the_run_alone_without_a_raw_warning_beside(
    site: LocalSite, encoding: str
) -> None:
    body = b"<p>x</p>" * 100_000
    packed = gzip.compress(body) if encoding == "gzip" else body
    site.script("/news/", Answer(body=packed, headers={"Content-Encoding": encoding}))
    counting = {
        "DOWNLOAD_MAXSIZE": 200_000,
        "EXTENSIONS": {"scrapy.extensions.logcount.LogCount": 0},
    }
    crawled = crawl(plan(source(site.url("/news/"))), settings=counting)
    assert "larger than we read" in only_problem(crawled.readings["site"]).detail
    assert not [name for name in crawled.facts["stats"] if name in ("log_count/WARNING", "log_count/ERROR")]


def test_threat_6_bomb_of_many_layers_is_not_even_begun(site: LocalSite) -> None:
    body = b"<p>x</p>"
    for _ in range(3):
        body = gzip.compress(body)
    site.script("/news/", Answer(body=body, headers={"Content-Encoding": "gzip, gzip, gzip"}))
    problem = only_problem(crawl(plan(source(site.url("/news/")))).readings["site"])
    assert problem.trouble is Trouble.NOT_A_PAGE
    assert "packed 3 times over" in problem.detail


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("br", brotli.compress(b"<p>News</p>" * 50_000)),
        ("zstd", zstd.compress(bytes(range(256)) * 5_000)),
        ("gzip", gzip.compress(b"<p>News</p>" * 50_000)),
    ],
)
@pytest.mark.parametrize("harm", ["cut", "garbage"])
def test_threat_6_bomb_or_not_a_body_that_does_not_unpack_whole_is_typed(
    site: LocalSite, encoding: str, packed: bytes, harm: str
) -> None:
    body = packed[: len(packed) // 2] if harm == "cut" else b"this is not packed at all"
    site.script("/news/", Answer(body=body, headers={"Content-Encoding": encoding}))
    problem = only_problem(crawl(plan(source(site.url("/news/")))).readings["site"])
    assert (problem.trouble, problem.fatal) == (Trouble.NETWORK, True)
    assert "not packed as it says" in problem.detail


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_threat_6_bomb_bounds_leave_whole_bodies_whole(encoding: str) -> None:
    body = bytes(range(256)) * 10_000
    packed = brotli.compress(body) if encoding == "br" else zstd.compress(body)
    assert WholeCompressionMiddleware._decode(packed, encoding.encode(), len(body)) == body
    assert WholeCompressionMiddleware._decode(b"", b"br", 10) == b""


def unbounded(site_plan: Plan, **settings: Any) -> tuple[Problem, float, float]:
    """Crawl; return the problem, how long it took, and the largest memory."""
    started = time.monotonic()
    crawled = crawl(site_plan, settings={"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 2, **MEMORY, **settings})
    took = time.monotonic() - started
    return only_problem(crawled.readings["site"]), took, crawled.facts["stats"]["peak_megabytes"]


def _promised(connection: socket.socket, _line: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999999999\r\n\r\n")
    _for_ever(connection, b"x" * MIB)


def _chunked(connection: socket.socket, _line: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    _for_ever(connection, b"100000\r\n" + b"x" * MIB + b"\r\n")


def _until_closed(connection: socket.socket, _line: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
    _for_ever(connection, b"x" * MIB)


def _headers(connection: socket.socket, _line: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    _for_ever(connection, b"X-More: and more\r\n" * 1_000)


def _interim(connection: socket.socket, _line: str) -> None:
    _for_ever(connection, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1_000)


def _one_header(connection: socket.socket, _line: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    _for_ever(connection, b"x" * 65_536)


def _continued_header(connection: socket.socket, _line: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: a\r\n")
    _for_ever(connection, b" " + b"x" * 1_000 + b"\r\n")


def _status_line(connection: socket.socket, _line: str) -> None:
    _for_ever(connection, b"x" * 65_536)


def _trailer(connection: socket.socket, _line: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    _for_ever(connection, b"X-More: and more\r\n" * 1_000)


def _for_ever(connection: socket.socket, data: bytes) -> None:
    while True:
        connection.sendall(data)  # ends with an error once the client has closed


@pytest.mark.parametrize(
    "misbehave",
    [
        _promised,
        _chunked,
        _until_closed,
        _headers,
        _interim,
        _one_header,
        _continued_header,
        _status_line,
        _trailer,
    ],
)
def test_threat_6_bomb_that_does_not_end_is_cut_off_at_once(misbehave: Any, usual_megabytes: float) -> None:
    with raw_site(misbehave) as site:
        problem, _, peak = unbounded(plan(source(site.url())), DOWNLOAD_TIMEOUT=60)
    assert problem.fatal
    assert problem.trouble in {Trouble.NOT_A_PAGE, Trouble.NETWORK}
    assert "time-out" not in problem.detail
    assert peak < usual_megabytes + SPARE_MEGABYTES


def test_threat_6_bomb_of_headers_is_told_as_too_large() -> None:
    def large(connection: socket.socket, _line: str) -> None:
        lines = b"X-More: and more\r\n" * (MAX_HEADER_BYTES // 18 + 1)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 0\r\n\r\n")

    with raw_site(large) as site:
        problem, _, _ = unbounded(plan(source(site.url())))
    assert (problem.trouble, problem.detail) == (Trouble.NOT_A_PAGE, "the answer is larger than we read")


def _drip_body(connection: socket.socket, _line: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n")
    _drip(connection)


def _drip_head(connection: socket.socket, _line: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(connection)


def _drip(connection: socket.socket) -> None:
    connection.settimeout(0.3)  # a byte now and then, until the client has had enough
    while True:
        connection.sendall(b"x")
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            continue


@pytest.mark.parametrize("misbehave", [_drip_body, _drip_head])
def test_threat_6_bomb_in_slow_motion_ends_at_the_time_limit_of_the_whole_answer(misbehave: Any) -> None:
    with raw_site(misbehave) as site:
        problem, took, _ = unbounded(plan(source(site.url())))
    assert (problem.trouble, problem.fatal) == (Trouble.NETWORK, True)
    assert "time-out" in problem.detail
    assert took < 20


def test_threat_6_bomb_a_url_that_no_server_takes_is_not_asked_for(site: LocalSite) -> None:
    site.script("/news/", redirect("/" + "x" * 9_000))
    assert only_problem(crawl(plan(source(site.url("/news/")))).readings["site"]).trouble is Trouble.REFUSED
    assert site.paths() == ["/news/"]
