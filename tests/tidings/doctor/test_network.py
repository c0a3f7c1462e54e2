"""The doctor's look at names and robots.txt: a real local site, resolvers that lie, servers that hang."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from news.source import RequestRules
from tests.crawler.crawling import source
from tests.crawler.site import Answer, LocalSite, redirect
from tests.threats.network import Listener
from tidings.doctor.findings import Finding, State
from tidings.doctor.network import Looked, Network, look

AGENT = "tidings/test (+doctor@example.org)"


async def here(host: str) -> tuple[str, ...]:
    """Let every name lead to this machine, save the one that cannot exist."""
    if host.endswith(".invalid"):
        raise OSError("no such name")
    return ("127.0.0.1",)


def looked(*sources: Any, patience: Mapping[str, str] | None = None, **fields: Any) -> Looked:
    return look(sources, Network(user_agent=AGENT, patience=patience or {}, **{"resolve": here, **fields}))


def found(result: Looked, subject: str) -> list[tuple[State, str, str]]:
    return [(each.state, each.seen, each.advice) for each in result.findings if each.subject == subject]


def robots(result: Looked) -> tuple[State, str, str]:
    [one] = found(result, "robots")
    return one


@pytest.fixture
def site() -> Any:
    with LocalSite() as made:
        yield made


def test_a_host_is_found_and_its_robots_txt_asked_once_under_our_name(site: LocalSite) -> None:
    first, second = source(site.url("/news/"), "first"), source(site.url("/more/"), "second")
    state, seen, _ = robots(looked(first, second))
    assert (state, seen) == (State.OK, "HTTP 200, allows first, second")
    [asked] = site.log
    assert (asked.path, asked.headers["user-agent"]) == ("/robots.txt", AGENT)


def test_a_delay_that_a_host_asks_for_is_told(site: LocalSite) -> None:
    site.script("/robots.txt", Answer(body="User-agent: *\nCrawl-delay: 7\n"))
    assert robots(looked(source(site.url("/news/"))))[1].endswith("it asks for 7 s between requests")


def test_a_source_that_robots_txt_forbids_fails_with_what_to_do(site: LocalSite) -> None:
    site.script("/robots.txt", Answer(body="User-agent: tidings\nDisallow: /news/\n"))
    state, seen, advice = robots(
        looked(source(site.url("/news/"), "desk"), source(site.url("/open/"), "open"))
    )
    assert (state, seen) == (State.FAILED, "HTTP 200: robots.txt forbids it")
    assert advice == "ask the site for permission, or `tidings sources pause desk`"


@pytest.mark.parametrize(
    ("status", "state"),
    [(404, State.OK), (403, State.OK), (503, State.WARNING), (429, State.WARNING)],
)
def test_an_answer_without_rules_means_what_rfc_9309_says(site: LocalSite, status: int, state: State) -> None:
    site.script("/robots.txt", Answer(status=status, body="User-agent: *\nDisallow: /\n"))
    assert robots(looked(source(site.url("/news/"))))[0] is state


def test_a_redirect_is_followed_through_the_gate_and_not_past_it(site: LocalSite) -> None:
    site.script("/robots.txt", redirect("/rules.txt"))
    site.script("/rules.txt", Answer(body="User-agent: *\nDisallow: /news/\n"))
    assert robots(looked(source(site.url("/news/"))))[0] is State.FAILED
    with Listener() as listener:
        site.script("/robots.txt", redirect(f"http://127.0.0.1:{listener.port}/robots.txt"))
        state, seen, _ = robots(looked(source(site.url("/news/"))))
        assert (state, listener.connections()) == (State.FAILED, 0)
        assert "loopback" in seen
    site.script("/robots.txt", redirect("/robots.txt"))
    assert robots(looked(source(site.url("/news/"))))[0] is State.OK  # without end: as if there were none


def test_a_server_that_hangs_and_one_that_resets_cost_a_bounded_time(site: LocalSite) -> None:
    begin = time.monotonic()
    for answer in (Answer(delay_seconds=30), Answer(body="x" * 50, drip_seconds=5), Answer(reset=True)):
        site.script("/robots.txt", answer)
        state, seen, advice = robots(looked(source(site.url("/news/")), seconds=0.5))
        assert state is State.FAILED
        assert seen
        assert "browser on this machine" in advice
    assert time.monotonic() - begin < 20


def test_a_host_that_is_busy_or_asked_for_patience_is_left_alone(site: LocalSite) -> None:
    of = source(site.url("/news/"))
    key = site.url("").removeprefix("http://").rstrip("/")
    state, seen, _ = robots(looked(of, patience={key: "somebody is crawling it"}))
    assert (state, seen, site.log) == (State.SKIPPED, "somebody is crawling it", [])


def test_a_private_address_that_no_source_opted_in_to_is_told_with_what_to_do() -> None:
    with Listener() as listener:
        shut = source(f"http://news.test:{listener.port}/", request=RequestRules())
        result = looked(shut)
        assert listener.connections() == 0
    [_, (state, seen, advice)] = found(result, "dns")
    assert state is State.FAILED
    assert "news.test leads to 127.0.0.1" in seen
    assert "allow_private" in advice
    assert not found(result, "robots")


def test_a_name_that_leads_nowhere_and_a_resolver_that_hangs_are_told() -> None:
    async def nowhere(host: str) -> tuple[str, ...]:
        raise OSError("Name or service not known")

    [_, (state, seen, _)] = found(looked(source("https://gone.test/"), resolve=nowhere), "dns")
    assert state is State.FAILED
    assert "not known" in seen

    async def hang(host: str) -> tuple[str, ...]:
        import asyncio

        await asyncio.sleep(60)
        return ()

    results = found(looked(source("https://slow.test/"), resolve=hang, seconds=0.2), "dns")
    assert [state for state, _, _ in results] == [State.FAILED, State.FAILED]


def test_a_network_that_answers_for_every_name_is_suspected() -> None:
    async def portal(host: str) -> tuple[str, ...]:
        return ("2d00::1",)

    sources = [source(f"https://site{number}.test/", f"site{number}") for number in range(4)]
    results = found(looked(*sources, resolve=portal, seconds=0.3), "dns")
    assert results[0][0] is State.WARNING
    assert "cannot exist, and leads to 2d00::1" in results[0][1]
    assert "captive portal" in results[0][2]
    assert (results[-1][0], results[-1][1]) == (State.WARNING, "4 different hosts all lead to 2d00::1")


def test_a_server_tells_how_far_its_clock_is_ahead(site: LocalSite) -> None:
    behind = looked(source(site.url("/news/")), clock=lambda: datetime.now(UTC) - timedelta(hours=3))
    [ahead] = behind.ahead
    assert timedelta(hours=2, minutes=59) < ahead < timedelta(hours=3, minutes=1)


def test_a_source_behind_a_proxy_is_not_asked_past_it() -> None:
    of = source("https://far.test/", request=RequestRules(proxy="http://proxy.test:3128"))
    [_, (state, seen, _)] = found(looked(of), "dns")
    assert state is State.SKIPPED
    assert "proxy" in seen


def test_every_finding_that_is_not_well_says_what_to_do(site: LocalSite) -> None:
    site.script("/robots.txt", Answer(status=503))
    result = looked(source(site.url("/news/")), source("https://no.test/", "no"))
    for each in result.findings:
        assert isinstance(each, Finding)
        assert each.advice or each.state in (State.OK, State.SKIPPED)
