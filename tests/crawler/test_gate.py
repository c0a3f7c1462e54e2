"""The gate as whoever speaks asyncio uses it: names looked up once, answers judged, a checked address connected."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from scrapy.exceptions import DownloadFailedError
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed

from crawler.failures import RefusedAddress, explain
from crawler.gate import Gate, connect_checked, look_up, named_endpoint
from news.run import Trouble
from tests.crawler.site import LocalSite
from tests.threats.network import UNROUTED, Listener, Rebinding


def answering(*addresses: str) -> Callable[[str], Awaitable[tuple[str, ...]]]:
    async def answer(host: str) -> tuple[str, ...]:
        return addresses

    return answer


async def asked(site: LocalSite, host: str, **options: Any) -> bytes:
    reader, writer = await connect_checked(host, site.port, **options)
    try:
        writer.write(b"GET /news/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return await reader.read(15)
    finally:
        writer.close()
        await writer.wait_closed()


def test_an_opted_in_host_is_connected_at_its_checked_address() -> None:
    with LocalSite() as site:
        site.page("/news/", "x")
        allowed = frozenset((f"intranet.test:{site.port}",))
        gate = Gate(answering("127.0.0.1"))
        assert (
            asyncio.run(asked(site, "intranet.test", allowed_private=allowed, gate=gate))
            == b"HTTP/1.1 200 OK"
        )
        allowed = frozenset((f"127.0.0.1:{site.port}",))
        assert asyncio.run(asked(site, "127.0.0.1", allowed_private=allowed)) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("host", "answers"),
    [
        ("127.0.0.1", ()),
        ("::1", ()),
        ("[::1]", ()),
        ("::ffff:127.0.0.1", ()),
        ("a.test", ("127.0.0.1",)),
        ("a.test", (UNROUTED, "127.0.0.1")),
        ("a.test", ("::1",)),
        ("a.test", ("64:ff9b::7f00:1",)),
        ("a.test", ("not an address",)),
        ("other.test", ("127.0.0.1",)),
    ],
)
def test_a_blocked_address_is_refused_before_anything_is_connected(
    host: str, answers: tuple[str, ...]
) -> None:
    with Listener() as listener:
        allowed = frozenset(("named.test", f"named.test:{listener.port}"))
        with pytest.raises(RefusedAddress):
            asyncio.run(
                connect_checked(host, listener.port, allowed_private=allowed, gate=Gate(answering(*answers)))
            )
        assert listener.connections() == 0


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("user@a.test", 80),
        ("a.test\\@b.test", 80),
        ("a.test/x", 80),
        ("a.test?", 80),
        ("a.test#", 80),
        ("a.test:81", 80),
        ("127.1", 80),
        ("0x7f000001", 80),
        ("a test", 80),
        ("a.test\r\nX: y", 80),
        ("", 80),
        ("fe80::1%eth0", 80),
        ("a.test", 0),
        ("a.test", 65_536),
        ("a.test", -1),
    ],
)
def test_a_host_that_parsers_disagree_about_is_refused(host: str, port: int) -> None:
    with pytest.raises(RefusedAddress):
        named_endpoint(host, port)


def test_a_name_that_answers_otherwise_the_second_time_is_connected_nowhere() -> None:
    names = Rebinding()

    async def twice() -> None:
        gate = Gate(names)
        first = await gate.addresses("a.test", 80)
        assert first == (UNROUTED,)
        gate._kept.clear()
        await gate.addresses("a.test", 80)

    with pytest.raises(RefusedAddress, match=r"a\.test leads to 127\.0\.0\.1"):
        asyncio.run(twice())
    assert names.asked == 2


def test_an_answer_is_kept_and_still_judged_for_each_source() -> None:
    asks: list[str] = []

    async def count(host: str) -> tuple[str, ...]:
        asks.append(host)
        return ("10.0.0.1", "fd00::1")

    async def three() -> None:
        gate = Gate(count)
        allowed = frozenset(("a.test",))
        assert await gate.addresses("a.test", 80, allowed_private=allowed) == ("10.0.0.1", "fd00::1")
        assert await gate.addresses("a.test", 443, allowed_private=allowed) == ("10.0.0.1", "fd00::1")
        with pytest.raises(RefusedAddress):
            await gate.addresses("a.test", 80)

    asyncio.run(three())
    assert asks == ["a.test"]


def test_a_name_without_address_and_a_resolver_that_hangs_are_errors_of_the_network() -> None:
    async def hang(host: str) -> tuple[str, ...]:
        await asyncio.sleep(60)
        return ()

    with pytest.raises(socket.gaierror):
        asyncio.run(connect_checked("a.test", 80, gate=Gate(answering())))
    with pytest.raises(socket.gaierror):
        asyncio.run(look_up("no-such-host.invalid"))
    with pytest.raises(TimeoutError):
        asyncio.run(connect_checked("a.test", 80, gate=Gate(hang, timeout_seconds=0.05)))


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with LocalSite() as site:
        site.page("/news/", "x")
        allowed = frozenset((f"a.test:{site.port}",))
        gate = Gate(answering("127.0.0.9", "127.0.0.1"))
        assert asyncio.run(asked(site, "a.test", allowed_private=allowed, gate=gate)) == b"HTTP/1.1 200 OK"
        with Listener() as listener:
            closed_port = listener.port
        allowed = frozenset((f"a.test:{closed_port}",))
        with pytest.raises(ConnectionRefusedError):
            asyncio.run(connect_checked("a.test", closed_port, allowed_private=allowed, gate=gate))


def test_the_system_gives_every_address_of_a_name_once() -> None:
    found = asyncio.run(look_up("localhost"))
    assert set(found) <= {"127.0.0.1", "::1"}
    assert len(found) == len(set(found))


def test_an_error_that_only_holds_others_says_what_they_say() -> None:
    error = DownloadFailedError("[<Failure>]")
    closed = Failure(ConnectionDone())  # type: ignore[no-untyped-call]
    error.__cause__ = ResponseFailed([closed])  # type: ignore[no-untyped-call]
    assert explain(error) == (Trouble.NETWORK, "no answer: Connection was closed cleanly.")


def test_a_refusal_is_a_trouble_of_its_own_with_its_words() -> None:
    trouble, detail = explain(RefusedAddress("10.0.0.1 is an address of a private network"))
    assert (trouble, detail) == (Trouble.REFUSED, "10.0.0.1 is an address of a private network")
