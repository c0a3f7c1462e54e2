"""The rules of polling, in every channel, as the server's own log proves them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from news.run import Verdict
from news.source import Channel, Wrapper
from tests.crawler.site import Answer, Asked, LocalSite, http_date, redirect
from tests.live.wire import ATOM, POSTS, Wire, stories, story

FEED, POSTS_URL, SITEMAP = "/feed.xml", f"{POSTS}?per_page=3", "/news-sitemap.xml"
OLD = stories("ab")


@pytest.fixture
def wire(sqlite_url: str) -> Iterator[Wire]:
    with LocalSite() as site:
        made = Wire(site, sqlite_url)
        yield made
        made.engine.dispose()


@pytest.fixture
def wires(database_url: str) -> Iterator[Wire]:
    """The same on each kind of database."""
    with LocalSite() as site:
        made = Wire(site, database_url)
        yield made
        made.engine.dispose()


# ---------------------------------------------------------------------------------------------- one request


def test_a_feed_with_whole_bodies_costs_one_request_and_a_304_tells_that_nothing_is_new(wires: Wire) -> None:
    wire = wires
    wire.feed(*OLD)
    wire.declare(Channel.FEED, FEED)
    first = wire.crawl()
    assert (first.verdict, first.baseline, wire.site.paths()) == (Verdict.OK, 2, [FEED])
    assert wire.site.asked(FEED)[0].headers["accept"].startswith("application/atom+xml,application/rss+xml")
    assert wire.article(OLD[0]).authors == ("Lena Ahlers",)
    again = wire.crawl()
    assert (again.verdict, again.not_modified, [a.status for a in wire.site.log]) == (
        Verdict.NOT_MODIFIED,
        1,
        [304],
    )
    new = story("c", at=9)
    wire.feed(new, *OLD)
    assert wire.told() == [("published", "c")]
    assert (wire.site.paths(), wire.article(new).way) == ([FEED], "listing")


@pytest.mark.parametrize(
    ("channel", "accept"),
    [(Channel.WORDPRESS, "application/json"), (Channel.SITEMAP, "application/xml,text/xml")],
)
def test_each_channel_says_what_it_can_read(wire: Wire, channel: Channel, accept: str) -> None:
    wire.wordpress(*OLD)
    wire.sitemap(*OLD)
    wire.pages(*OLD)
    path = POSTS_URL if channel is Channel.WORDPRESS else SITEMAP
    wire.declare(channel, path)
    assert wire.crawl().baseline == 2
    assert wire.site.asked(path)[0].headers["accept"].startswith(accept)
    pages = [asked for asked in wire.site.log if asked.path.startswith("/reports/")]
    assert len(pages) == (0 if channel is Channel.WORDPRESS else 2)
    assert all(asked.headers["accept"].startswith("text/html") for asked in pages)


def test_a_server_that_never_answers_304_is_found_out_by_the_bytes_of_its_answer(wire: Wire) -> None:
    wire.feed(*OLD, etag=False)
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    for _ in range(2):
        again = wire.crawl()
        assert (again.verdict, again.not_modified, again.run_id) == (Verdict.NOT_MODIFIED, 0, None)
        assert [(asked.path, asked.conditional) for asked in wire.site.log] == [(FEED, False)]
    wire.feed(story("c", at=9), *OLD, etag=False)
    assert wire.told() == [("published", "c")]


@pytest.mark.parametrize(
    ("validators", "sent"),
    [
        ({"ETag": 'W/"odd:tag=="'}, {"if-none-match": 'W/"odd:tag=="'}),
        ({"Last-Modified": "Sun, 22 Nov 2026 03:00:00 EST"}, {"if-modified-since": "Sun, 22 Nov 2026 03:00:00 EST"}),
        ({"Last-Modified": "a while ago"}, {"if-modified-since": "a while ago"}),
        ({"ETag": '"x-gzip"'}, {"if-none-match": '"x-gzip"'}),
        ({"ETag": '"x"', "Expires": "0"}, {}),
        ({"ETag": '"x"', "Cache-Control": "no-store", "Expires": "Thu, 19 Nov 1981 08:52:00 GMT"},
         {"if-none-match": '"x"'}),
    ],
)  # fmt: skip
def test_validators_go_back_verbatim_and_a_200_with_the_same_body_is_unchanged(
    wire: Wire, validators: dict[str, str], sent: dict[str, str]
) -> None:
    wire.feed(*OLD, etag=False, headers=validators)  # it answers 200 whatever it is asked with
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    again = wire.crawl()
    [asked] = wire.site.log
    assert {name: asked.headers[name] for name in asked.headers if name.startswith("if-")} == sent
    assert (again.verdict, again.not_modified, asked.status) == (Verdict.NOT_MODIFIED, 0, 200)


def test_a_tag_that_stays_while_the_body_changes_hides_nothing(wire: Wire) -> None:
    wire.feed(*OLD, etag=False, headers={"ETag": '"for ever"'})
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    wire.feed(story("c", at=9), *OLD, etag=False, headers={"ETag": '"for ever"'})
    assert wire.told() == [("published", "c")]


def test_a_304_is_believed_fifty_times(wire: Wire) -> None:
    wire.feed(*OLD)
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    wire.set(unchanged_in_row=50)
    assert wire.crawl().verdict is Verdict.OK
    assert [asked.conditional for asked in wire.site.log] == [False]
    assert wire.crawl().verdict is Verdict.NOT_MODIFIED
    assert [asked.conditional for asked in wire.site.log] == [True]


# -------------------------------------------------------------------------------------------- being patient


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_feeds_host_that_asks_for_patience_is_left_alone_in_either_form(
    wire: Wire, status: int, form: str
) -> None:
    value = "600" if form == "seconds" else http_date(datetime.now(UTC) + timedelta(minutes=10))
    wire.site.script(FEED, Answer(status=status, headers={"Retry-After": value}))
    wire.declare(Channel.FEED, FEED)
    assert wire.crawl().verdict is Verdict.FAILED
    assert wire.crawl().verdict is Verdict.FAILED
    assert wire.site.log == []
    until = wire.status().not_before
    assert until is not None
    assert timedelta(minutes=8) < until - datetime.now(UTC) <= timedelta(minutes=10)
    assert wire.status().next_due_at >= until


@pytest.mark.parametrize(
    ("headers", "seconds", "reason"),
    [
        ({"Cache-Control": "public, max-age=7200"}, 7_200, "the server asks for 7200 s (Cache-Control)"),
        (
            {"Cache-Control": "max-age=31536000, immutable"},
            86_400,
            "the server asks for 31536000 s (Cache-Control), of which a day is believed",
        ),
        ({"Cache-Control": "max-age=60"}, 1_800, ""),
        ({"Cache-Control": "no-cache, max-age=7200"}, 1_800, ""),
    ],
)
def test_what_the_server_asks_for_is_a_lower_bound_and_the_reason_is_kept(
    wire: Wire, headers: dict[str, str], seconds: int, reason: str
) -> None:
    wire.feed(*OLD, headers=headers)
    wire.declare(Channel.FEED, FEED, schedule="30m")
    for verdict in (Verdict.OK, Verdict.NOT_MODIFIED):
        before = datetime.now(UTC)
        assert wire.crawl().verdict is verdict
        wait = (wire.status().next_due_at - before).total_seconds()
        assert seconds * 0.94 < wait < seconds * 1.06 + 30
        assert wire.status().due_reason == reason


def test_a_feeds_own_ttl_is_a_lower_bound_and_a_listings_long_life_is_at_most_a_day(wire: Wire) -> None:
    wire.rss(*OLD, ttl=120)
    wire.pages(*OLD)
    wire.declare(Channel.FEED, "/rss.xml")
    for verdict in (Verdict.OK, Verdict.NOT_MODIFIED):  # what is unchanged still asks for it
        assert wire.crawl().verdict is verdict
        assert wire.status().due_reason == "the feed itself asks for 7200 s (ttl)"
    listing = "".join(f'<li><a href="{each.path}">{each.title}</a></li>' for each in OLD)
    wire.site.page("/news/", listing, headers={"Cache-Control": "max-age=99999999"})
    wire.declare(Channel.LISTING, "/news/", "page", wrapper=Wrapper(item=("li",), link=("a",)))
    wire.crawl("page")
    assert wire.status("page").next_due_at - datetime.now(UTC) <= timedelta(days=1)


def test_the_days_that_a_feed_skips_are_left_out_also_when_it_is_unchanged(wire: Wire) -> None:
    days = [f"{datetime.now(UTC) + timedelta(days=n):%A}" for n in range(2)]
    said = f"<skipDays>{''.join(f'<day>{day}</day>' for day in days)}</skipDays>"
    wire.rss(*OLD, ttl=5, channel=said)
    wire.pages(*OLD)
    wire.declare(Channel.FEED, "/rss.xml")
    for verdict in (Verdict.OK, Verdict.NOT_MODIFIED):
        assert wire.crawl().verdict is verdict
        assert wire.status().due_reason == "the feed asks not to be read at these hours (skipHours, skipDays)"
        assert f"{wire.status().next_due_at:%A %H:%M}" == f"{datetime.now(UTC) + timedelta(days=2):%A} 00:00"


def test_a_feed_and_its_pages_are_asked_one_after_the_other_with_the_delay_between(wire: Wire) -> None:
    wire.feed(*OLD, bodies=False)
    wire.pages(*OLD)
    wire.declare(Channel.FEED, FEED, delay=0.4)
    wire.crawl()
    asked = [each for each in wire.site.log if each.path != "/robots.txt"]
    assert [each.path for each in asked] == [FEED, OLD[0].path, OLD[1].path]
    assert min(later.at - earlier.at for earlier, later in pairwise(asked)) > 0.38


# ---------------------------------------------------------------------------------------- moving, and going


def test_a_permanent_redirect_of_a_feed_is_learnt_after_three_good_answers(wire: Wire) -> None:
    wire.feed(*OLD, path="/moved.xml")
    wire.site.script(FEED, redirect("/moved.xml", 308))
    wire.declare(Channel.FEED, FEED)
    for _ in range(3):
        assert wire.status().url == wire.site.url(FEED)
        assert wire.crawl().verdict in (Verdict.OK, Verdict.NOT_MODIFIED)
    assert wire.status().url == wire.site.url("/moved.xml")
    wire.crawl()
    assert wire.site.paths() == ["/moved.xml"]


@pytest.mark.parametrize("status", [302, 307])
def test_a_temporary_redirect_is_never_learnt(wire: Wire, status: int) -> None:
    wire.feed(*OLD, path="/today.xml")
    wire.site.script(FEED, redirect("/today.xml", status))
    wire.declare(Channel.FEED, FEED)
    for _ in range(5):
        wire.crawl()
    assert wire.status().url == wire.site.url(FEED)


def test_a_redirect_to_something_that_is_no_feed_is_never_learnt(wire: Wire) -> None:
    wire.feed(*OLD)
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    wire.site.script(FEED, redirect("/", 301))
    wire.site.page(
        "/", "<html><head><title>Welcome</title></head><body><h1>Welcome to the harbour</h1></body></html>"
    )
    for _ in range(4):
        assert wire.crawl().verdict in (Verdict.SUSPECT, Verdict.FAILED)
    assert wire.status().url == wire.site.url(FEED)
    wire.feed(*OLD)
    assert wire.crawl().verdict is Verdict.OK
    assert not wire.site.asked(FEED)[0].conditional  # a suspect source is asked without validators


def test_a_feed_that_is_gone_is_paused_and_says_so(wire: Wire) -> None:
    wire.feed(*OLD)
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    wire.site.remove(FEED, 410)
    gone = wire.crawl()
    assert (gone.verdict, gone.changes) == (Verdict.FAILED, ())
    assert "gone for good (410)" in gone.reason
    assert wire.status().paused


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(body="<feed xmlns='http://www.w3.org/2005/Atom'><title>cut", content_type=ATOM), None),
        (Answer(body="<title>Just a moment...</title><h1>Checking your browser</h1>"), Verdict.SUSPECT),
        (Answer(body=b"\x00\x01\x02" * 100, content_type=ATOM), None),
        (Answer(status=500, body="broken"), Verdict.FAILED),
    ],
)
def test_what_is_no_feed_announces_nothing_and_leaves_the_validators(
    wire: Wire, answer: Answer, verdict: Verdict | None
) -> None:
    wire.feed(*OLD)
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    wire.site.script(FEED, answer)
    bad = wire.crawl()
    assert bad.verdict in ({verdict} if verdict else {Verdict.SUSPECT, Verdict.FAILED})
    assert bad.changes == ()
    wire.feed(story("c", at=9), *OLD)
    assert wire.told() == [("published", "c")]


# --------------------------------------------------------------------------------------- the articles' host


def test_articles_on_the_pages_host_are_the_feeds_own(wire: Wire) -> None:
    wire.pages(*OLD)
    wire.feed(*OLD, bodies=False, host="localhost")
    wire.declare(Channel.FEED, FEED, page_url=wire.site.url("/", "localhost"))
    wire.crawl()
    assert wire.site.paths() == [FEED, OLD[0].path, OLD[1].path]
    assert {asked.host.partition(":")[0] for asked in wire.site.log if asked.path != FEED} == {
        "localhost",
        "127.0.0.1",
    }  # each host's robots.txt was asked for
    assert [asked.host.partition(":")[0] for asked in wire.site.asked("/robots.txt")] == [
        "127.0.0.1",
        "localhost",
    ]


def test_articles_elsewhere_are_kept_as_the_feed_tells_them(wire: Wire) -> None:
    wire.pages(*OLD)
    wire.feed(*OLD, bodies=False, host="localhost")
    wire.declare(Channel.FEED, FEED)
    assert wire.crawl().baseline == 2
    assert wire.site.paths() == [FEED]


def test_what_the_pages_host_asked_for_is_known_to_the_next_process(wires: Wire) -> None:
    wire = wires
    for each in OLD:
        wire.site.script(each.path, Answer(status=429, headers={"Retry-After": "3600"}))
    wire.feed(*OLD, bodies=False, host="localhost")
    wire.declare(Channel.FEED, FEED, page_url=wire.site.url("/", "localhost"))
    wire.crawl()
    assert wire.site.paths() == [FEED, OLD[0].path]
    wire.feed(*OLD, bodies=False, host="localhost", etag='"other"')
    again = wire.crawl()
    assert wire.site.paths(robots=True) == [FEED]  # neither its pages nor its robots.txt
    assert wire.status().not_before is None  # the feed's own host did not ask for anything
    assert again.verdict in (Verdict.OK, Verdict.PARTIAL)


# ---------------------------------------------------------------------------------------------- the channels


def test_bodies_that_are_not_whole_are_fetched_and_what_the_page_lacks_is_completed(wire: Wire) -> None:
    wire.pages(*OLD)
    wire.feed(*OLD)
    wire.declare(Channel.FEED, FEED, whole_bodies=False)
    wire.crawl()
    assert wire.site.paths() == [FEED, OLD[0].path, OLD[1].path]
    kept = wire.article(OLD[0])
    assert (kept.way, kept.authors, kept.modified_at) == ("page", ("Lena Ahlers",), OLD[0].modified)


def test_a_feed_that_went_past_us_is_told_as_a_gap_and_then_as_lost(wire: Wire) -> None:
    wire.feed(*OLD)
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    # None of the moment of an old one: of one form, they would wait until those that went were asked again.
    wire.feed(*stories("wxyzab")[:4])
    opened = wire.crawl()
    assert opened.gap is not None
    assert (opened.gap.state, len(opened.changes)) == ("open", 4)
    lost = wire.crawl()
    assert lost.gap is not None
    assert (lost.gap.state, lost.changes) == ("lost", ())
    assert wire.crawl().verdict is Verdict.NOT_MODIFIED


def test_a_short_feed_goes_on_without_false_gaps(wire: Wire) -> None:
    wire.feed(*stories("a"))
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    wire.feed(*stories("ba"))
    settled = wire.crawl()
    assert (len(settled.changes), settled.gap, settled.reason) == (1, None, "")


def test_an_entry_that_was_modified_is_looked_at_once(wire: Wire) -> None:
    some = stories("cba")
    wire.pages(*some)
    wire.feed(*some, bodies=False)
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    edited = story("b", at=some[1].at, edited=20, word="rough")
    wire.pages(edited)
    wire.feed(some[0], edited, some[2], bodies=False)
    assert wire.told() == [("edited", "b")]
    assert wire.site.paths() == [FEED, edited.path]
    wire.feed(some[0], edited, some[2], bodies=False, headers={"X-Mood": "other"}, etag='"new"')
    assert wire.told() == []
    assert wire.site.paths() == [FEED]


def test_a_feed_that_writes_the_present_time_into_every_entry_is_not_believed(wire: Wire) -> None:
    some = stories("fedcba")
    wire.pages(*some)
    wire.feed(*some, bodies=False)
    wire.declare(Channel.FEED, FEED)
    wire.crawl()
    wire.feed(*(story(each.name, at=each.at, edited=30) for each in some), bodies=False)
    assert wire.told() == []
    assert wire.site.paths() == [FEED]


def test_posts_are_read_page_by_page_while_they_stand_still_on_frozen_pages(wire: Wire) -> None:
    wire.wordpress(*stories("cba"))
    wire.declare(Channel.WORDPRESS, POSTS_URL)
    wire.crawl()
    wire.posts = [*stories("cba"), *(story(name, at=10 + place) for place, name in enumerate("defgh"))]
    late = story("z", at=40)

    def answer(asked: Asked) -> Answer:
        if "before=" in asked.path and late not in wire.posts:
            wire.posts.append(late)  # published between page 1 and page 2
        return wire.answer_posts(asked)

    wire.site.respond(POSTS, answer)
    assert sorted(wire.told()) == [("published", name) for name in "defghz"]
    listing = [path for path in wire.site.paths() if "modified_after" not in path]
    assert listing.count(POSTS_URL) >= 3  # page 1, again from the bottom up, and once more since it had moved
    assert len({path for path in listing if "before=" in path}) >= 2


def test_past_the_last_page_of_posts_is_an_end_and_no_trouble(wire: Wire) -> None:
    wire.wordpress(*stories("cba"))  # exactly one page: the next one answers 400
    wire.declare(Channel.WORDPRESS, POSTS_URL, baseline_pages=2)
    first = wire.crawl()
    assert (first.verdict, first.baseline) == (Verdict.OK, 3)


def test_edits_of_the_archive_are_asked_for_once_a_day_and_are_never_news(wires: Wire) -> None:
    wire = wires
    some = stories("gfedcba")
    wire.wordpress(*some)
    wire.declare(Channel.WORDPRESS, POSTS_URL, baseline_pages=3)
    wire.crawl()
    assert not [path for path in wire.site.paths() if "modified_after" in path]
    edited = story("a", at=some[-1].at, edited=47.5, word="rough")
    stranger = story("q", at=-500, edited=47.6)
    wire.wordpress(*some[:-1], edited, stranger)
    assert wire.told() == []  # page 1 shows neither, and it is not time
    wire.age(days=1)
    assert wire.told() == [("edited", "a")]
    questions = [path for path in wire.site.paths() if "modified_after" in path]
    assert len(questions) == 1
    assert wire.told() == []
    assert not [path for path in wire.site.paths() if "modified_after" in path]


def test_an_empty_news_sitemap_is_well_and_what_it_shows_next_is_news(wire: Wire) -> None:
    wire.sitemap()
    wire.declare(Channel.SITEMAP, SITEMAP)
    assert (wire.crawl().verdict, wire.status().has_baseline) == (Verdict.OK, True)
    new = stories("a")
    wire.pages(*new)
    wire.sitemap(*new)
    assert wire.told() == [("published", "a")]
    wire.sitemap()
    assert (wire.crawl().verdict, wire.status().failing_since) == (Verdict.OK, None)
    assert wire.article(new[0]).withdrawn_at is None


def test_an_index_leads_to_its_parts_the_newest_first_and_is_read_every_time(wire: Wire) -> None:
    some = stories("dcba")
    wire.pages(*some)
    wire.sitemap(*some[:2], path="/part-2.xml", etag=True)
    wire.sitemap(*some[2:], path="/part-1.xml", etag=True)
    wire.index("/part-2.xml", "/part-1.xml")
    wire.declare(Channel.SITEMAP, "/sitemap.xml", baseline_pages=4)
    assert wire.crawl().baseline == 4
    new = story("e", at=9)
    wire.pages(new)
    wire.sitemap(new, *some[:2], path="/part-2.xml", etag=True)  # the index stays as it is
    assert wire.told() == [("published", "e")]
    assert wire.site.paths()[:2] == ["/sitemap.xml", "/part-2.xml"]
    assert "/part-1.xml" not in wire.site.paths()
