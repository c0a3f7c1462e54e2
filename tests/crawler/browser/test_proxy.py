"""The filtering proxy by itself: who may use it, what it lets through, and that it connects to what was checked."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from crawler.browser.chromium import find_chromium
from crawler.browser.proxy import FilteringProxy, Pass
from crawler.failures import RefusedAddress
from crawler.gate import Gate, connect_checked
from news.addresses import endpoint_key
from news.errors import ConfigError
from tests.crawler.site import Answer, LocalSite

Talk = Callable[[FilteringProxy, Pass], Awaitable[bytes]]


def talking(
    site: LocalSite, talk: Talk, *, opted_in: bool = True, budget: int = 1_000_000
) -> tuple[bytes, Pass]:
    """Return what a client of the proxy hears, and its pass afterwards."""

    async def run() -> tuple[bytes, Pass]:
        proxy = FilteringProxy(partial(_connect, Gate()))
        await proxy.start()
        issued = proxy.issue({endpoint_key("127.0.0.1", site.port)} if opted_in else (), budget=budget)
        try:
            async with asyncio.timeout(10):
                return await talk(proxy, issued), issued
        finally:
            await proxy.close()

    return asyncio.run(run())


async def _connect(
    gate: Gate, host: str, port: int, allowed: frozenset[str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await connect_checked(host, port, allowed_private=allowed, gate=gate)


async def say(proxy: FilteringProxy, text: str) -> bytes:
    port = int(proxy.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.replace("\n", "\r\n").encode())
    heard = await reader.read(-1)
    writer.close()
    return heard


def credentials(issued: Pass) -> str:
    return base64.b64encode(f"{issued.token}:{issued.token}".encode()).decode()


def getting(url: str, *, method: str = "GET", token: bool = True) -> Talk:
    async def talk(proxy: FilteringProxy, issued: Pass) -> bytes:
        own = f"Proxy-Authorization: Basic {credentials(issued)}\n" if token else ""
        return await say(proxy, f"{method} {url} HTTP/1.1\nHost: x\n{own}Proxy-Connection: keep-alive\n\n")

    return talk


def test_a_page_of_a_host_that_may_be_asked_comes_through_without_the_pass() -> None:
    with LocalSite() as site:
        site.page("/a?b=1", "<p>through</p>")
        heard, issued = talking(site, getting(site.url("/a?b=1")))
        assert b"through" in heard
        assert not issued.refused
        assert "proxy-authorization" not in site.log[-1].headers
        assert site.log[-1].path == "/a?b=1"


def test_nobody_without_a_pass_gets_anything_through() -> None:
    with LocalSite() as site:
        heard, _ = talking(site, getting(site.url("/"), token=False))
        assert heard.startswith(b"HTTP/1.1 407")
        assert not site.log


@pytest.mark.parametrize("method", ["GET", "CONNECT"])
def test_a_private_address_is_refused_without_the_opt_in(method: str) -> None:
    with LocalSite() as site:
        target = f"127.0.0.1:{site.port}" if method == "CONNECT" else site.url("/")
        heard, issued = talking(site, getting(target, method=method), opted_in=False)
        assert heard.startswith(b"HTTP/1.1 403")
        assert isinstance(issued.refused[endpoint_key("127.0.0.1", site.port)], RefusedAddress)
        assert not site.log


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "http://user@127.0.0.1/", "ftp://example.org/", "http://a\\b/", "no address"],
)
def test_what_is_no_web_address_is_refused(target: str) -> None:
    with LocalSite() as site:
        heard, _ = talking(site, getting(target))
        assert heard.startswith(b"HTTP/1.1 403") or heard == b""
        assert not site.log


def test_a_tunnel_hands_bytes_through_both_ways() -> None:
    async def talk(proxy: FilteringProxy, issued: Pass) -> bytes:
        port = int(proxy.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\nProxy-Authorization: Basic {credentials(issued)}\r\n\r\n"
        writer.write(head.encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET /deep HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        heard = await reader.read(-1)
        writer.close()
        return heard

    with LocalSite() as site:
        site.page("/deep", "<p>down here</p>")
        heard, _ = talking(site, talk)
        assert b"down here" in heard


def test_a_page_gets_no_more_bytes_than_its_budget() -> None:
    with LocalSite() as site:
        site.script("/big", Answer(body="x" * 500_000))
        heard, issued = talking(site, getting(site.url("/big")), budget=100_000)
        assert issued.is_spent
        assert len(heard) <= 100_000


def test_a_name_that_turns_private_after_the_check_is_never_connected() -> None:
    """Rebinding: the resolver answers once with a public address, then with loopback."""
    answers = iter([["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]])

    async def look_up(_: str) -> list[str]:
        return next(answers)

    async def run() -> list[bytes]:
        proxy = FilteringProxy(partial(_connect, Gate(look_up)))
        await proxy.start()
        issued = proxy.issue((), budget=1_000)
        url = f"http://rebinding.example:{site.port}/"
        heard = [await getting(url)(proxy, issued) for _ in range(2)]
        await proxy.close()
        return heard

    with LocalSite() as site:
        assert all(heard.startswith(b"HTTP/1.1 403") for heard in asyncio.run(run()))
        assert not site.log


def test_an_endless_head_is_cut_off() -> None:
    async def talk(proxy: FilteringProxy, issued: Pass) -> bytes:
        port = int(proxy.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000)
        try:
            return await reader.read(-1)
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    with LocalSite() as site:
        assert talking(site, talk)[0] == b""


def test_the_proxy_listens_on_loopback_only() -> None:
    proxy = FilteringProxy(partial(_connect, Gate()))
    assert proxy.url.startswith("http://127.0.0.1:")
    with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2]))):
        pass
    asyncio.run(proxy.close())


def test_a_missing_browser_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="apt-get install chromium"):
        find_chromium(sandbox=False)
    with pytest.raises(ConfigError, match="browser_path: /nowhere/chromium is no program"):
        find_chromium("/nowhere/chromium", sandbox=False)


def test_root_is_told_that_there_is_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(ConfigError, match="browser_sandbox = false"):
        find_chromium()
