"""The network: whether the hosts of the sources can be found and asked, and what their robots.txt says to us.

One request a host, and none to a host that is being crawled or that asked for patience.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from crawler.failures import RefusedAddress
from crawler.gate import Gate, is_address, look_up
from crawler.robots_asking import Asking, RobotsAnswer, ask_robots
from news.addresses import private_hosts
from news.source import Source
from news.urls import endpoint_of, host_key
from tidings.doctor.findings import Finding, failed, ok, skipped, warning

MOST_HOSTS = 50
"""Hosts that are asked; of more, the first by name."""
AT_ONCE = 8
SECONDS = 10.0
"""For one host, name and robots.txt together."""
_PORTAL = (
    "a network that answers for everything (a captive portal, a provider's search page); ask another resolver"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """What is asked with, for a test to replace.

    ``patience`` holds why a host must be left alone, by its key.
    """

    user_agent: str
    patience: Mapping[str, str]
    resolve: Callable[[str], Awaitable[Iterable[str]]] = look_up
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    seconds: float = SECONDS


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What was found, and how far the servers' clocks were ahead of ours."""

    findings: tuple[Finding, ...]
    ahead: tuple[timedelta, ...]


def look(sources: Sequence[Source], network: Network) -> Looked:
    """Look up each source's host, and ask for its robots.txt."""
    by_host: dict[str, list[Source]] = {}
    for source in sorted(sources, key=lambda each: each.name):
        by_host.setdefault(host_key(source.url), []).append(source)
    return asyncio.run(_all(dict(sorted(by_host.items())), network))


async def _all(by_host: Mapping[str, list[Source]], network: Network) -> Looked:
    findings = [await _invented(network)]
    if not by_host:
        return Looked(findings=(*findings, skipped("dns", "hosts", "there are no sources yet")), ahead=())
    free = asyncio.Semaphore(AT_ONCE)
    gate = Gate(network.resolve, timeout_seconds=network.seconds)

    async def one(host: str, of: list[Source]) -> Looked:
        async with free:
            return await _host(host, of, network, gate)

    asked = list(by_host.items())[:MOST_HOSTS]
    looked = await asyncio.gather(*(one(host, of) for host, of in asked))
    findings += _together([finding for each in looked for finding in each.findings])
    if len(by_host) > len(asked):
        findings.append(
            skipped(
                "dns",
                "hosts",
                f"{len(by_host) - len(asked)} more hosts; the first {MOST_HOSTS} by name were asked",
            )
        )
    return Looked(findings=tuple(findings), ahead=tuple(moment for each in looked for moment in each.ahead))


async def _invented(network: Network) -> Finding:
    """Ask for a name that cannot exist (RFC 6761 §6.4)."""
    name = f"{secrets.token_hex(8)}.invalid"
    try:
        async with asyncio.timeout(network.seconds):
            found = list(await network.resolve(name))
    except TimeoutError:
        return failed(
            "dns",
            "resolver",
            f"no answer within {network.seconds:g} seconds",
            "check the network and its resolver",
        )
    except OSError:
        return ok("dns", "resolver", "a name that cannot exist does not")
    if not found:
        return ok("dns", "resolver", "a name that cannot exist does not")
    return warning("dns", "resolver", f"{name} cannot exist, and leads to {found[0]}", f"this is {_PORTAL}")


async def _host(host: str, of: list[Source], network: Network, gate: Gate) -> Looked:
    source = next((each for each in of if each.request.proxy), of[0])
    if source.request.proxy:
        return _only(
            skipped("dns", host, f"{source.name} is read through a proxy, which looks names up by itself")
        )
    endpoint = endpoint_of(source.url)
    allowed = frozenset().union(*(private_hosts(each) for each in of))
    try:
        found = await gate.addresses(endpoint.host, endpoint.port, allowed_private=allowed)
    except RefusedAddress as error:
        seen, _, advice = str(error).partition(": ")
        return _only(failed("dns", host, seen, advice or "check the address of the source"))
    except OSError as error:
        seen = "no answer in time" if isinstance(error, TimeoutError) else str(error)
        return _only(
            failed("dns", host, seen, "check the address of the source, the network and its resolver")
        )
    known = ok("dns", host, "an address" if is_address(endpoint.host) else f"leads to {', '.join(found[:3])}")
    if host in network.patience:
        return Looked(findings=(known, skipped("robots", host, network.patience[host])), ahead=())
    asking = Asking(
        gate=gate, user_agent=network.user_agent, allowed_private=allowed, timeout_seconds=network.seconds
    )
    answer = await ask_robots(source.url, asking)
    ahead = (answer.date - network.clock(),) if answer.date is not None else ()
    return Looked(findings=(known, *_decided(host, of, answer)), ahead=ahead)


def _only(finding: Finding) -> Looked:
    return Looked(findings=(finding,), ahead=())


def _decided(host: str, of: list[Source], answer: RobotsAnswer) -> Iterator[Finding]:
    rules = answer.rules
    if answer.error:
        advice = "see whether a browser on this machine gets there; until then its sources are not read"
        yield failed("robots", host, answer.error, advice)
        return
    denied = [source for source in of if not rules.allows(source.url)]
    if not denied:
        delay = f"; it asks for {rules.delay_seconds:g} s between requests" if rules.delay_seconds else ""
        yield ok("robots", host, f"HTTP {answer.status}, allows {_names(of)}{delay}")
        return
    said = f"HTTP {answer.status}: {rules.refusal}"
    if answer.status >= 500 or answer.status == 429:
        yield warning("robots", host, said, f"{_names(denied)} waits until it answers otherwise")
    else:
        yield failed(
            "robots", host, said, f"ask the site for permission, or `tidings sources pause {denied[0].name}`"
        )


def _names(sources: Sequence[Source]) -> str:
    more = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
    return ", ".join(source.name for source in sources[:3]) + more


def _together(findings: list[Finding]) -> list[Finding]:
    """Say that several hosts which all lead to one address may be answered for by the network itself."""
    places = {
        each.name: each.seen
        for each in findings
        if each.subject == "dns" and each.seen.startswith("leads to ")
    }
    if len(places) < 4 or len(set(places.values())) > 1:
        return findings
    seen = f"{len(places)} different hosts all {next(iter(places.values())).replace('leads', 'lead', 1)}"
    return [
        *findings,
        warning("dns", "hosts", seen, f"unless one server carries them all, this is {_PORTAL}"),
    ]


def unasked(sources: Sequence[Source]) -> tuple[Finding, ...]:
    """Return what stands in place of all this when the network must not be asked."""
    hosts = {host_key(source.url) for source in sources}
    said = f"--offline: {len(hosts)} host{'s were' if len(hosts) != 1 else ' was'} not asked"
    return (skipped("dns", "hosts", said), replace(skipped("robots", "hosts", said)))
