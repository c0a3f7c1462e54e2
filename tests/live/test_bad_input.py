"""Everything that a network and a site can get wrong: said in words, nothing announced wrongly, nothing lost.

Each case is a source with a site of its own. All sites are crawled together three times: whole, then each with its
fault, then mended and with one more article. So a case also shows that it takes nothing else down.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from news.run import Settled, Verdict
from news.source import Source
from scheduler.crawling import crawl_now
from storage.articles import ArticleRow, list_articles
from storage.engine import open_engine, reading
from storage.settings import Settings
from storage.source_status import SourceStatus, list_sources
from storage.sources import save_sources
from tests.crawler.site import HTML, Answer, Asked, LocalSite, redirect
from tests.promises.archive import Item, local_source, prose, whole

OLD = whole(*(f"old-{number}" for number in range(6)))
LATE = whole("late")
MEGABYTES_20 = "<!-- " + "x" * 20_000_000 + " -->"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
DEEP = "<div>" * 10_000 + "deep" + "</div>" * 10_000
BAD_DATES = (
    "31/02/2026 25:61",
    "0000-00-00",
    "yesterdayish",
    "2026-13-45T99:99:99Z",
    "9" * 400,
    "٣١ فبراير ٩٩٩٩٩",
)


def page(*items: Item, next_url: str = "", head: str = "", foot: str = "") -> str:
    more = f'<a class="next" href="{next_url}">Older</a>' if next_url else ""
    rows = "".join(item.html for item in items)
    return f"<!doctype html><html><head><title>News</title>{head}</head><body><ul>{rows}</ul>{more}{foot}</body></html>"


def fault(**answer: object) -> Callable[[LocalSite], None]:
    """Return a fault: the listing answers so."""
    return lambda site: site.script("/news/", Answer(**answer))  # type: ignore[arg-type]


def shows(body: str, **answer: object) -> Callable[[LocalSite], None]:
    return fault(body=body, etag=True, **answer)


def redirect_loop(site: LocalSite) -> None:
    site.script("/news/", redirect("/round/"))
    site.script("/round/", redirect("/news/"))


def endless_redirect(site: LocalSite) -> None:
    numbers = itertools.count(1)
    hosts = ("localhost", "127.0.0.1")

    def lead_on(asked: Asked) -> Answer:
        number = next(numbers)
        path = f"/on/{number}/"
        site.respond(path, lead_on)
        return redirect(site.url(path, hosts[number % 2]))

    site.respond("/news/", lead_on)


def next_link_loop(site: LocalSite) -> None:
    site.script("/news/", Answer(body=page(*whole("odd-1", "odd-2", "odd-3"), next_url="/news/?page=2")))
    site.script("/news/?page=2", Answer(body=page(*whole("odd-4"), next_url="/news/?page=3")))
    site.script("/news/?page=3", Answer(body=page(*whole("odd-5", "odd-6"), next_url="/news/?page=2")))


def thousand_pages(site: LocalSite) -> None:
    def turn(asked: Asked) -> Answer:
        number = int(asked.path.rpartition("=")[2]) if "=" in asked.path else 1
        site.respond(f"/news/?page={number + 1}", turn)
        names = [f"p{number:04}-{item}" for item in range(3)]
        return Answer(body=page(*whole(*names), next_url=f"/news/?page={number + 1}"))

    site.respond("/news/", turn)


def broken_article(**answer: object) -> Callable[[LocalSite], None]:
    """Return a fault: the listing shows an article whose page answers so."""

    def apply(site: LocalSite) -> None:
        site.script("/news/", Answer(body=page(Item("/late", "Title of late"), *OLD), etag=True))
        site.script("/late", Answer(**answer))  # type: ignore[arg-type]

    return apply


@dataclass(frozen=True, kw_only=True)
class Case:
    """A fault, the verdict and the words that it must lead to, and the titles that are announced all the same."""

    name: str
    apply: Callable[[LocalSite], None]
    verdict: Verdict
    says: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    pending: int = 0
    fields: dict[str, int] = field(default_factory=dict)


LATE_PAGE = page(*LATE, *OLD)
ACCENTED = page(Item("/late", "Été à Salé : « le thé »", prose("late") + " Déjà été, à Fès."), *OLD)
HALF_ZIPPED = gzip.compress(page(*whole(*(f"zip-{os.urandom(300).hex()}" for _ in range(5))), *OLD).encode())
FAILED, SUSPECT, OK, PARTIAL = Verdict.FAILED, Verdict.SUSPECT, Verdict.OK, Verdict.PARTIAL
CASES = [
    Case(name="20 megabytes", apply=fault(body=MEGABYTES_20), verdict=SUSPECT, says=("larger than we read",)),
    Case(name="20 megabytes zipped", apply=fault(body=MEGABYTES_20, gzipped=True), verdict=SUSPECT,
         says=("larger than we read",)),
    Case(name="binary served as a page", apply=fault(body=PNG, content_type=HTML), verdict=SUSPECT,
         says=("binary",)),
    Case(name="an empty page", apply=fault(body=""), verdict=SUSPECT, says=("empty",)),
    Case(name="no content", apply=fault(status=204), verdict=SUSPECT, says=("empty",)),
    Case(name="a page that became a document", apply=fault(body=b"%PDF-1.7 ...", content_type="application/pdf"),
         verdict=SUSPECT, says=("application/pdf",)),
    Case(name="a page that became JSON", apply=fault(body='{"posts": []}', content_type="application/json"),
         verdict=SUSPECT, says=("json",)),
    Case(name="a redirect loop", apply=redirect_loop, verdict=FAILED, says=("redirect loop",)),
    Case(name="an endless redirect between two hosts", apply=endless_redirect, verdict=FAILED,
         says=("redirect",)),
    Case(name="a redirect without an address", apply=fault(status=302), verdict=FAILED, says=("302",)),
    Case(name="a redirect to another scheme", apply=fault(status=302, headers={"Location": "file:///etc/passwd"}),
         verdict=FAILED, says=()),
    Case(name="silence", apply=fault(body="late", delay_seconds=30), verdict=FAILED, says=("time-out",)),
    Case(name="a byte now and then", apply=fault(body=LATE_PAGE, drip_seconds=0.3), verdict=FAILED,
         says=("time-out",)),
    Case(name="a reset connection", apply=fault(reset=True), verdict=FAILED, says=("no answer",)),
    Case(name="a page that is cut off", apply=fault(body=LATE_PAGE, cut=True), verdict=FAILED,
         says=("cut off",)),
    Case(name="a zipped page that is cut off", verdict=FAILED, says=("cut off",),
         apply=fault(body=HALF_ZIPPED[: len(HALF_ZIPPED) // 2], headers={"Content-Encoding": "gzip"}, etag='"half"')),
    Case(name="zipped by its label only", verdict=FAILED, says=("cut off, or is not packed",),
         apply=fault(body=b"\x1f\x8b no zip", headers={"Content-Encoding": "gzip"})),
    Case(name="nested ten thousand deep", apply=shows(page(*LATE, *OLD, foot=DEEP)), verdict=SUSPECT, says=("deep",)),
    Case(name="UTF-8 that is called Latin-1", verdict=OK, told=("Été à Salé : « le thé »",),
         apply=shows(ACCENTED, content_type="text/html; charset=iso-8859-1")),
    Case(name="Latin-1 that calls itself so in the page only", verdict=OK, told=("Été à Salé : « le thé »",),
         apply=fault(content_type=HTML, etag=True,
                     body=ACCENTED.replace("<head>", '<head><meta charset="iso-8859-1">').encode("latin-1"))),
    Case(name="Latin-1 that is called UTF-8", verdict=OK, told=("Été à Salé : « le thé »",),
         apply=fault(content_type=HTML, etag=True, body=ACCENTED.encode("latin-1"))),
    Case(name="a charset that nobody knows", apply=shows(ACCENTED, content_type="text/html; charset=klingon-7"),
         verdict=OK, told=("Été à Salé : « le thé »",)),
    Case(name="malformed dates", verdict=OK, told=tuple(f"Title of bad-{n}" for n in reversed(range(len(BAD_DATES)))),
         apply=shows(page(*(Item(f"/bad-{n}", f"Title of bad-{n}", prose(f"bad-{n}"), text)
                            for n, text in enumerate(BAD_DATES)), *OLD))),
    Case(name="a title of ten thousand characters", verdict=OK, told=("L" + "o" * 9_997 + "ng",),
         apply=shows(page(Item("/late", "L" + "o" * 9_997 + "ng", prose("late")), *OLD))),
    Case(name="a next link that leads in a circle", apply=next_link_loop, verdict=OK,
         told=tuple(f"Title of odd-{n}" for n in (6, 5, 4, 3, 2, 1))),
    Case(name="a thousand pages", apply=thousand_pages, verdict=OK, fields={"max_pages": 4},
         told=tuple(f"Title of p{n:04}-{i}" for n in (4, 3, 2, 1) for i in (2, 1, 0))),
    Case(name="an article of 20 megabytes", apply=broken_article(body=MEGABYTES_20), verdict=OK, pending=1),
    Case(name="an article that is binary", apply=broken_article(body=PNG), verdict=OK, pending=1),
    Case(name="an article that is cut off", verdict=OK, pending=1,
         apply=broken_article(body=prose("late") * 9, cut=True)),
    Case(name="an article that is empty", apply=broken_article(body=""), verdict=OK, pending=1),
    Case(name="an article nested ten thousand deep", apply=broken_article(body=DEEP), verdict=OK, pending=1),
    Case(name="an article that redirects for ever", verdict=OK, pending=1,
         apply=broken_article(status=302, headers={"Location": "/late"})),
    Case(name="an article that never answers", apply=broken_article(delay_seconds=30), verdict=OK, pending=1),
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one case: its runs, how its source stood after the fault, and what is stored at the end."""

    whole: Settled
    broken: Settled
    status: SourceStatus
    mended: Settled
    requests: int
    articles: list[ArticleRow]


def slug(case: Case) -> str:
    return case.name.lower().replace(" ", "-")


@pytest.fixture(scope="module")
def settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    file = shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("bad") / "tidings.db")
    return Settings(database_url=f"sqlite:///{file}", timeout_seconds=2, log_level="error")


def crawl(settings: Settings, *sources: Source) -> dict[str, Settled]:
    return {run.source: run for run in crawl_now(settings, [each.name for each in sources])}


@pytest.fixture(scope="module")
def outcomes(settings: Settings) -> Iterator[dict[str, Outcome]]:
    """Crawl all sites whole, broken and mended; a case's outcome is there by its name."""
    with ExitStack() as stack:
        sites = {slug(case): stack.enter_context(LocalSite()) for case in CASES}
        for site in sites.values():
            site.page("/news/", page(*OLD))
        sources = [
            local_source(site.url("/news/"), name, hosts=(f"localhost:{site.port}",), **case.fields)
            for case, (name, site) in zip(CASES, sites.items(), strict=True)
        ]
        engine = open_engine(settings.database_url)
        stack.callback(engine.dispose)
        save_sources(engine, sources, origin="file", now=datetime.now(UTC))
        baselines = crawl(settings, *sources)
        for case in CASES:
            sites[slug(case)].forget()
            case.apply(sites[slug(case)])
        broken = crawl(settings, *sources)
        after = {status.name: status for status in list_sources(engine)}
        requests = {name: len(site.log) for name, site in sites.items()}
        for site in sites.values():
            site.page("/late", "")  # what was pending stays so, unless it is whole on the listing now
            site.page("/news/", page(*whole("mended"), *LATE, *OLD))
        mended = crawl(settings, *sources)
        with reading(engine) as connection:
            yield {
                name: Outcome(
                    whole=baselines[name],
                    broken=broken[name],
                    status=after[name],
                    mended=mended[name],
                    requests=requests[name],
                    articles=list_articles(connection, source=name, limit=None),
                )
                for name in sites
            }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_said_in_words_and_nothing_is_announced_wrongly(
    case: Case, outcomes: dict[str, Outcome]
) -> None:
    outcome = outcomes[slug(case)]
    broken = outcome.broken
    assert (outcome.whole.verdict, outcome.whole.baseline) == (OK, len(OLD))
    assert broken.verdict is case.verdict, broken.reason
    assert [change.title[:900] for change in broken.changes] == [title[:900] for title in case.told]
    assert {change.kind.value for change in broken.changes} <= {"published"}
    for word in case.says:
        assert word in broken.reason.lower(), broken.reason
    if case.verdict in (FAILED, SUSPECT):
        assert len(broken.reason) > 10
        assert "Traceback" not in broken.reason
        assert outcome.status.failing_since is not None
    assert broken.pending == case.pending


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_loses_nothing_and_the_source_is_due_again(
    case: Case, outcomes: dict[str, Outcome]
) -> None:
    outcome = outcomes[slug(case)]
    now = datetime.now(UTC)
    assert now - timedelta(minutes=5) < outcome.status.next_due_at < now + timedelta(hours=2)
    assert not outcome.status.paused
    told = [
        c.title for c in (*outcome.broken.changes, *outcome.mended.changes) if c.kind.value == "published"
    ]
    assert outcome.mended.verdict in (OK, PARTIAL), outcome.mended.reason
    assert told.count("Title of mended") == 1
    assert len(told) == len(set(told))
    late = [row for row in outcome.articles if row.url.endswith("/late")]
    assert len(late) == 1
    assert len([row for row in outcome.articles if "/old-" in row.url]) == len(OLD)


def test_bad_dates_are_no_dates_and_a_long_title_is_cut(outcomes: dict[str, Outcome]) -> None:
    bad = [row for row in outcomes["malformed-dates"].articles if "/bad-" in row.url]
    assert [(row.published_at, row.published_precision) for row in bad] == [(None, "")] * len(BAD_DATES)
    [long] = [
        row for row in outcomes["a-title-of-ten-thousand-characters"].articles if row.url.endswith("/late")
    ]
    assert len(long.title) <= 1_000


def test_a_thousand_pages_are_read_down_to_the_cap(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["a-thousand-pages"]
    assert outcome.broken.gap is not None
    assert outcome.broken.gap.state == "open"
    assert outcome.requests < 20


# --------------------------------------------------------------------- what cannot be a fault of a running site


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://tidings-test.invalid/news/", ("resolved", "dns")),
        (f"http://127.0.0.1:{closed_port()}/news/", ("refused",)),
    ],
    ids=["a name that does not exist", "a port that nobody listens on"],
)
def test_bad_input_no_connection(sqlite_url: str, url: str, says: tuple[str, ...]) -> None:
    settings = Settings(database_url=sqlite_url, timeout_seconds=5, log_level="error")
    engine = open_engine(sqlite_url)
    save_sources(engine, [local_source(url, "news")], origin="file", now=datetime.now(UTC))
    run = crawl(settings, local_source(url, "news"))["news"]
    assert (run.verdict, run.changes) == (FAILED, ())
    assert all(word in run.reason.lower() for word in says), run.reason
    with LocalSite() as site:
        site.page("/news/", page(*OLD))
        save_sources(engine, [local_source(site.url("/news/"), "news")], origin="file", now=datetime.now(UTC))
        assert crawl(settings, local_source(url, "news"))["news"].baseline == len(OLD)
    engine.dispose()


def test_bad_input_a_certificate_that_nobody_vouches_for_and_one_for_another_host(
    sqlite_url: str, tmp_path: Path
) -> None:
    trusted, stranger = trustme.CA(), trustme.CA()
    trusted.cert_pem.write_to_path(str(tmp_path / "trusted.pem"))
    certificates = {
        "right": trusted.issue_cert("127.0.0.1"),
        "wrong-host": trusted.issue_cert("elsewhere.example"),
        "stranger": stranger.issue_cert("127.0.0.1"),
    }
    engine = open_engine(sqlite_url)
    with ExitStack() as stack:
        for name, certificate in certificates.items():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            site = stack.enter_context(LocalSite(tls=context))
            site.page("/news/", page(*OLD))
            save_sources(
                engine, [local_source(site.url("/news/"), name)], origin="file", now=datetime.now(UTC)
            )
        done = subprocess.run(
            [sys.executable, "-m", "tidings", "crawl", *certificates, "--json", "--database", sqlite_url],
            env=os.environ | {"SSL_CERT_FILE": str(tmp_path / "trusted.pem"), "SSL_CERT_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    engine.dispose()
    runs = {run["source"]: run for run in json.loads(done.stdout)["runs"]}
    assert (runs["right"]["verdict"], runs["right"]["entries"]) == ("ok", len(OLD)), runs["right"]["reason"]
    for name in ("wrong-host", "stranger"):
        assert runs[name]["verdict"] == "failed"
        assert "TLS" in runs[name]["reason"]
        assert "Traceback" not in done.stderr, "the run says it; nobody else need"
        assert "certificate" in runs[name]["reason"]
