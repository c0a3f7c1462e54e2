"""Whole discoveries of what is no listing, or may be none: what is refused, what is asked about, and why."""

from __future__ import annotations

import pytest

from crawler.discovery.proposal import Decision
from news.run import Trouble
from news.source import Channel
from tests.crawler.discovery.entries import SITE
from tests.crawler.discovery.memory import (
    TOPICS,
    Came,
    MemorySite,
    alternate,
    article,
    chosen,
    date_of,
    feed,
    listing,
    paths,
    site,
    text_of,
    url_of,
)

NOTICES = [url_of(number) for number in range(10)]


def test_what_brings_no_page_is_refused_with_its_reason() -> None:
    made = site()
    made.failing = {
        "/notices/": (Trouble.ROBOTS, "robots.txt forbids it"),
        "/dns/": (Trouble.NETWORK, "the host name cannot be resolved (DNS)"),
    }
    made.pages["/gone/"] = Came(status=410)
    made.pages["/login/"] = Came(body="<h1>Sign in</h1><form><input type=password>Log in</form>")
    made.pages["/pdf/"] = Came(body="%PDF-1.7", kind="application/pdf")
    for path, said in (
        ("/notices/", "robots.txt forbids it"),
        ("/dns/", "cannot be resolved"),
        ("/gone/", "HTTP 410"),
        ("/missing/", "HTTP 404"),
        ("/login/", "a login page"),
        ("/pdf/", "application/pdf"),
    ):
        proposal = made.discover(path)
        assert (proposal.decision, proposal.chosen) == (Decision.REFUSE, None), path
        assert any(said in reason for reason in proposal.reasons), (path, proposal.reasons)


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (
            Came(
                body="<!DOCTYPE rss [<!ENTITY lol 'lol'>]><rss><channel><title>&lol;</title></channel></rss>"
            ),
            "the address is itself a feed, but cannot be read: the feed uses &lol;",
        ),
        (
            Came(body="<rss><channel><item>"),
            "the address is itself a feed, but cannot be read: the feed is cut off",
        ),
        (Came(body='{"a": 1}', kind="application/json"), "the answer is application/json, not a page"),
        (Came(body="<title>Log in</title><form><input type=password></form>"), "a login page"),
    ],
)
def test_a_refusal_says_once_what_the_answer_is(came: Came, said: str) -> None:
    reasons = site({"/odd/": came}).discover("/odd/").reasons
    assert reasons[0].startswith(said)
    assert all("no list of news" in reason for reason in reasons[1:])


def test_obstacles_are_said_of_the_page_and_not_again_of_each_candidate() -> None:
    made = site()
    made.pages["/search/?q=quay"] = Came(
        body=made.pages["/notices/"].body.replace("<h1>", "<h1>Search results: ")
    )
    proposal = made.discover("/search/?q=quay")
    assert proposal.decision is Decision.ASK
    said = " ".join(proposal.reasons)
    for obstacle in ("it shows what a search found", "its address is that of a search"):
        assert said.count(obstacle) == 1
        assert not any(obstacle in reason for one in proposal.candidates for reason in one.reasons)


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (Channel.FEED, "no feed: the page declares none"),
        (Channel.WORDPRESS, "no posts of WordPress's: the page declares no interface"),
        (Channel.SITEMAP, "no news sitemap: robots.txt names none"),
    ],
)
def test_a_channel_that_was_wanted_and_is_not_there_is_named(channel: Channel, said: str) -> None:
    proposal = site().discover(channels=frozenset((channel,)))
    assert proposal.decision is Decision.REFUSE
    assert [reason.partition(",")[0] for reason in proposal.reasons] == [said]


def test_an_empty_shell_is_refused_unless_its_feed_or_a_browser_helps() -> None:
    shell = '<html><head>{}</head><body><div id="root"></div><script src="/app.js"></script></body></html>'
    made = site({"/feed/": feed(range(10), bodies="whole")})
    made.pages["/notices/"] = Came(body=shell.format(""))
    refused = made.discover(channels=frozenset((Channel.LISTING,)))
    assert refused.decision is Decision.REFUSE
    assert "the page is empty without JavaScript" in refused.reasons
    made.pages["/notices/"] = Came(body=shell.format(alternate("/feed/")))
    with_feed = made.discover()
    assert with_feed.decision is Decision.ASK
    assert chosen(with_feed).channel is Channel.FEED
    rendered = MemorySite({"/notices/": listing(range(10), next_path="/notices/page/2/")})
    made.pages["/notices/"] = Came(body=shell.format(""))
    by_browser = made.discover(channels=frozenset((Channel.LISTING,)), render=rendered.ask)
    assert paths(by_browser) == NOTICES
    assert chosen(by_browser).browser


@pytest.mark.parametrize(
    "numbers", [range(10), range(10, 20)], ids=["as an item of the feed", "too old for the feed"]
)
def test_an_article_never_reaches_auto_not_even_with_the_site_s_feed(numbers: range) -> None:
    made = site({"/feed/": feed(numbers, bodies="whole")})
    recent = "".join(
        f'<li><a href="{url_of(number)}">{TOPICS[number]}</a></li>' for number in list(numbers)[:5]
    )
    shown = article(3, head=alternate("/feed/")).body
    made.pages[url_of(3)] = Came(body=shown.replace("</main>", f"</main><aside><ul>{recent}</ul></aside>"))
    proposal = made.discover(url_of(3))
    assert proposal.decision is not Decision.AUTO
    assert any("itself an item" in reason for reason in proposal.reasons) is (3 in numbers)


def test_a_permanent_redirect_is_told_and_the_final_address_used() -> None:
    made = site(
        {"/old/": Came(status=301, location="/notices/"), "/hop/": Came(status=302, location="/notices/")}
    )
    moved = made.discover("/old/")
    assert moved.url == f"{SITE}/notices/"
    assert moved.reasons[0] == f"{SITE}/old/ has moved for good to {SITE}/notices/"
    assert not any("moved for good" in reason for reason in made.discover("/hop/").reasons)


def test_a_refusal_shows_three_candidates_at_most() -> None:
    made = site()
    made.pages["/notices/"] = Came(
        body="<html><head>"
        + "".join(alternate(f"/f{number}/feed/") for number in range(4))
        + "</head><body><p>Welcome.</p></body></html>"
    )
    for number in range(4):
        made.pages[f"/f{number}/feed/"] = feed([])
    proposal = made.discover()
    assert proposal.decision is Decision.REFUSE
    assert 1 <= len(proposal.candidates) <= 3


def test_a_list_that_stands_beside_every_article_is_not_the_page_s_own() -> None:
    cards = listing(range(5)).body.partition('<div class="cards">')[2].partition("</div>")[0]
    made = site()
    for number in range(20):  # articles that say nothing of what they are, with recent ones below
        page = article(number).body.replace('<meta property="og:type" content="article">', "")
        page = page.replace("</main>", f'</main><div class="cards">{cards}</div>')
        made.pages[url_of(number)] = Came(body=page)
    proposal = made.discover(url_of(12))
    assert proposal.decision is not Decision.AUTO, proposal.reasons
    assert (
        made.discover().decision is Decision.AUTO
    )  # the listing itself shows more than stands beside articles


def test_the_first_list_taken_with_a_heading_is_no_surer_than_without_it() -> None:
    cards = "".join(
        f"""<div class="card">
        <div class="card-image"><a href="{url_of(n)}"><img src="/{n}.jpg" alt="{TOPICS[n]}"></a></div>
        <article class="card-content"><div class="meta"><span>On <time>{date_of(n):%Y-%m-%d}</time></span></div>
        <p class="title"><a href="{url_of(n)}">{TOPICS[n]}</a></p>
        <div><p>{text_of(n)[:140]}…</p></div></article></div>"""
        for n in range(2)
    )
    crumbs = (
        '<nav><ul><li><a href="/topics/">All topics of ours</a></li><li><a href="#">Quays</a></li></ul></nav>'
    )
    made = site()
    made.pages["/topics/quays/"] = Came(
        body=f"""<html lang="en"><head><title>Quays – Harbour</title></head><body><section><div class="column">
        <div class="card"><div class="card-content">{crumbs}</div></div>{cards}</div></section></body></html>"""
    )
    proposal = made.discover("/topics/quays/")
    assert proposal.decision is Decision.ASK, proposal.reasons
    assert paths(proposal) == NOTICES[:2]


def test_two_lists_of_one_style_are_not_taken_for_one() -> None:
    def rows(numbers: range, *, newest: int) -> str:
        return "".join(
            f"""<div class="row"><div><time datetime="{at.isoformat()}">{at:%d/%m/%Y}</time></div>
            <div><h3><a href="{url_of(n)}">{TOPICS[n]}</a></h3></div><div>{text_of(n)[:140]}…</div></div>"""
            for n, at in ((n, date_of(n - numbers[0] + newest)) for n in numbers)
        )

    def page(numbers: range, more: str) -> Came:
        return Came(
            body=f"""<html lang="en"><head><title>News – Harbour</title></head><body><main><h1>News</h1><div>
            <div class="column"><h2>News</h2><div>
            <div class="rows">{rows(numbers, newest=numbers[0])}</div>{more}</div></div>
            <div class="column"><h2>Council</h2><div>
            <div class="rows">{rows(range(14, 20), newest=0)}</div></div></div></div></main></body></html>"""
        )

    more = '<ul class="pager"><li><a rel="next" href="/both/?page=2">Next</a></li></ul>'
    made = site({"/both/": page(range(8), more), "/both/?page=2": page(range(8, 14), "")})
    proposal = made.discover("/both/")
    assert paths(proposal) == NOTICES[:8]


def test_a_list_whose_pages_cannot_be_read_is_not_taken_unasked_unless_a_channel_knows_its_items() -> None:
    made = site({"/notices/": listing(range(10), next_path="/notices/page/2/")})
    for number in range(10):
        del made.pages[url_of(number)]
    proposal = made.discover(channels=frozenset((Channel.LISTING,)))
    assert proposal.decision is Decision.ASK
    assert paths(proposal) == NOTICES
    assert "the pages behind its items could not be read" in "; ".join(proposal.reasons)
    made.pages["/notices/"] = listing(range(10), head=alternate("/notices/feed/"))
    made.pages["/notices/feed/"] = feed(range(10))
    assert made.discover().decision is Decision.AUTO
