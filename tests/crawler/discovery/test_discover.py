"""Whole discoveries over small sites in memory: every rung, every choice, and what is asked for."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crawler.discovery.proposal import Candidate, Decision, Proposal, decision_for
from news.run import Trouble
from news.source import Channel
from tests.crawler.discovery.entries import SITE
from tests.crawler.discovery.memory import (
    TOPICS,
    Came,
    MemorySite,
    alternate,
    article,
    date_of,
    feed,
    listing,
    news_sitemap,
    paths,
    posts,
    site,
    sitemap_index,
    text_of,
    url_of,
)

NOTICES = [url_of(number) for number in range(10)]


def chosen(proposal: Proposal) -> Candidate:
    assert proposal.chosen is not None, proposal.reasons
    return proposal.candidates[proposal.chosen]


def with_head(head: str, pages: Mapping[str, Came] | None = None) -> MemorySite:
    made = site(pages)
    made.pages["/notices/"] = listing(range(10), head=head, next_path="/notices/page/2/")
    return made


# ------------------------------------------------------------------------------------------- the listing


def test_a_page_without_anything_else_is_read_as_a_listing() -> None:
    proposal = site().discover()
    assert proposal.decision is Decision.AUTO, proposal.reasons
    best = chosen(proposal)
    assert (best.channel, best.url, best.next_url) == (
        Channel.LISTING,
        f"{SITE}/notices/",
        f"{SITE}/notices/page/2/",
    )
    assert paths(proposal) == NOTICES
    assert all(entry.published for entry in best.entries)


def test_restricted_to_the_listing_nothing_else_is_asked_for() -> None:
    made = with_head(alternate("/feed/"), {"/feed/": feed(range(10))})
    proposal = made.discover(channels=frozenset((Channel.LISTING,)))
    assert paths(proposal) == NOTICES
    assert {one.channel for one in proposal.candidates} == {Channel.LISTING}
    assert set(made.asked) <= {"/notices/", "/notices/page/2/", *NOTICES}
    assert len(made.asked) <= 5


def test_no_address_is_asked_for_twice() -> None:
    made = with_head(alternate("/notices/feed/") + alternate("/feed/"), {"/feed/": feed(range(10))})
    made.discover()
    assert len(made.asked) == len(set(made.asked))


# ---------------------------------------------------------------------------------------------- feeds


def test_a_feed_with_whole_bodies_is_better_than_the_listing() -> None:
    made = with_head(alternate("/notices/feed/"), {"/notices/feed/": feed(range(10), bodies="whole")})
    proposal = made.discover()
    assert proposal.decision is Decision.AUTO, proposal.reasons
    best = chosen(proposal)
    assert (best.channel, best.url, best.whole_bodies, best.overlap) == (
        Channel.FEED,
        f"{SITE}/notices/feed/",
        True,
        1.0,
    )
    assert Channel.LISTING in {one.channel for one in proposal.candidates}


def test_bodies_that_are_cut_are_not_whole() -> None:
    made = with_head(alternate("/feed/"), {"/feed/": feed(range(10), bodies="cut")})
    [found] = [one for one in made.discover().candidates if one.channel is Channel.FEED]
    assert not found.whole_bodies


def test_a_feed_of_the_whole_site_is_not_the_category() -> None:
    everything = feed(range(20))
    made = with_head(alternate("/feed/"), {"/feed/": everything})
    made.pages["/notices/"] = listing(range(0, 20, 4), head=alternate("/feed/"))
    proposal = made.discover()
    assert chosen(proposal).channel is Channel.LISTING
    [other] = [one for one in proposal.candidates if one.channel is Channel.FEED]
    assert other.confidence < 0.5


def test_a_feed_that_goes_on_is_not_the_archive_of_one_year() -> None:
    made = with_head(alternate("/feed/"), {"/feed/": feed(range(10), bodies="whole")})
    made.pages["/2024/"] = made.pages["/notices/"]
    best = chosen(made.discover("/2024/"))
    assert best.channel is Channel.LISTING
    feeds = [one for one in made.discover("/2024/").candidates if one.channel is Channel.FEED]
    assert [one.confidence for one in feeds] == [0.6]
    assert "goes on when 2024 is over" in "; ".join(feeds[0].reasons)
    assert chosen(made.discover("/notices/")).channel is Channel.FEED


def test_the_feed_that_extends_the_page_s_path_is_asked_first_and_comments_never() -> None:
    head = alternate("/comments/feed/", "Comments Feed") + alternate("/feed/") + alternate("/notices/feed/")
    made = with_head(head, {"/notices/feed/": feed(range(10)), "/feed/": feed(range(20))})
    made.discover()
    assert "/notices/feed/" in made.asked
    assert "/feed/" not in made.asked
    assert "/comments/feed/" not in made.asked


def test_a_dead_feed_is_not_chosen() -> None:
    made = with_head(alternate("/feed/"), {"/feed/": feed(range(7, 17), bodies="whole")})
    proposal = made.discover()
    assert chosen(proposal).channel is Channel.LISTING
    assert any("newer items" in reason for reason in proposal.reasons)


def test_a_feed_and_a_listing_that_agree_make_each_other_surer() -> None:
    alone = site().discover().candidates[0].confidence
    agreed = with_head(alternate("/feed/"), {"/feed/": feed(range(10))}).discover()
    [shown] = [one for one in agreed.candidates if one.channel is Channel.LISTING]
    assert shown.confidence >= alone
    assert chosen(agreed).confidence >= 0.9


def test_a_declared_feed_that_is_none_is_told() -> None:
    made = with_head(alternate("/feed/"), {"/feed/": Came(body="<html><h1>Feeds have moved</h1></html>")})
    proposal = made.discover(channels=frozenset((Channel.FEED,)))
    assert proposal.decision is Decision.REFUSE
    assert any("/feed/" in reason for reason in proposal.reasons)


def test_a_feed_behind_link_headers_is_found() -> None:
    made = site({"/feed/": feed(range(10), bodies="whole")})
    shown = listing(range(10), next_path="/notices/page/2/")
    link = '</feed/>; rel="alternate"; type="application/rss+xml"'
    made.pages["/notices/"] = Came(body=shown.body, headers={"Link": link})
    assert chosen(made.discover()).url == f"{SITE}/feed/"


def test_the_page_may_itself_be_a_feed() -> None:
    made = MemorySite(
        {"/feed/": feed(range(10), bodies="whole"), **{url_of(n): article(n) for n in range(10)}}
    )
    proposal = made.discover("/feed/")
    assert proposal.decision is Decision.AUTO, proposal.reasons
    assert (chosen(proposal).channel, chosen(proposal).whole_bodies) == (Channel.FEED, True)
    assert paths(proposal) == NOTICES
    assert made.discover("/feed/", channels=frozenset((Channel.LISTING,))).decision is Decision.REFUSE


def test_well_known_paths_are_parsed_before_they_are_offered() -> None:
    made = site({"/feed/": Came(body="<title>Page not found</title>"), "/rss.xml": feed(range(10))})
    proposal = made.discover(channels=frozenset((Channel.FEED,)))
    assert [one.url for one in proposal.candidates] == [f"{SITE}/rss.xml"]
    assert proposal.decision is Decision.AUTO, proposal.reasons


def test_the_whole_ladder_is_climbed_also_when_the_list_is_sure() -> None:
    made = site({"/rss.xml": feed(range(10), bodies="whole"), "/news-sitemap.xml": news_sitemap(range(10))})
    proposal = made.discover()
    assert proposal.decision is Decision.AUTO, proposal.reasons
    assert {"/robots.txt", "/news-sitemap.xml", "/feed/", "/rss.xml"} <= set(made.asked)
    assert len(made.asked) == len(set(made.asked)) <= 15
    found = {one.channel: one for one in proposal.candidates}
    # Both bring the list of today, but stand at the root and are declared by nobody: what is sure goes first.
    assert chosen(proposal).channel is Channel.LISTING
    for channel in (Channel.FEED, Channel.SITEMAP):
        assert found[channel].overlap == 1.0
        assert decision_for(found[channel].confidence) is Decision.ASK


def test_an_undeclared_feed_of_the_page_s_own_goes_before_its_list() -> None:
    made = site({"/notices/feed/": feed(range(10), bodies="whole")})
    best = chosen(made.discover())
    assert (best.channel, best.url, best.whole_bodies) == (Channel.FEED, f"{SITE}/notices/feed/", True)


def test_no_feed_is_guessed_at_where_the_page_declares_one() -> None:
    made = site({"/notices/feed/": feed(range(10))})
    made.pages["/notices/"] = listing(range(10), head=alternate("/notices/feed/"))
    made.discover()
    assert "/robots.txt" in made.asked
    assert "/rss.xml" not in made.asked


def test_what_the_budget_leaves_out_is_told() -> None:
    proposal = site().discover(budget=6)
    assert proposal.decision is Decision.AUTO
    assert any("not asked for: a discovery asks for 6 pages at most" in why for why in proposal.reasons)


# ------------------------------------------------------------------------------- WordPress and sitemaps

API = '<link rel="https://api.w.org/" href="/wp-json/">'


def wordpress(head: str, body_class: str, posts: Mapping[str, Came]) -> MemorySite:
    made = site()
    made.pages["/notices/"] = listing(
        range(10), head=API + head, body_class=body_class, next_path="/notices/page/2/"
    )
    made.respond = lambda path: next((came for query, came in posts.items() if query in path), None)
    return made


def test_wordpress_is_asked_for_the_posts_of_the_page_s_category() -> None:
    made = wordpress(
        "",
        "archive category category-notices category-12",
        {"/wp/v2/posts?per_page=20&categories=12": posts(range(18))},
    )
    proposal = made.discover()
    assert proposal.decision is Decision.AUTO, proposal.reasons
    best = chosen(proposal)
    assert (best.channel, best.whole_bodies, best.overlap) == (Channel.WORDPRESS, True, 1.0)
    assert "categories=12" in best.url
    assert paths(proposal)[:10] == NOTICES


def test_a_category_that_the_theme_does_not_name_is_looked_up_by_its_slug() -> None:
    category = Came(kind="application/json", body=f'[{{"id": 12, "link": "{SITE}/notices/"}}]')
    made = wordpress("", "", {"/wp/v2/categories?slug=notices": category, "categories=12": posts(range(10))})
    assert chosen(made.discover()).channel is Channel.WORDPRESS


def test_wordpress_is_not_offered_where_nobody_says_what_the_page_lists() -> None:
    made = wordpress("", "page page-id-5", {"/wp/v2/posts": posts(range(20))})
    proposal = made.discover()
    assert {one.channel for one in proposal.candidates} == {Channel.LISTING}
    assert not any("/wp/v2/posts" in path for path in made.asked)


def test_an_interface_that_is_closed_is_passed_by() -> None:
    closed = Came(
        status=401, kind="application/json", body='{"code": "rest_login_required", "message": "No."}'
    )
    made = wordpress("", "category category-12", {"/wp/v2/posts": closed})
    assert chosen(made.discover()).channel is Channel.LISTING


def test_an_answer_of_wordpress_may_be_named_itself() -> None:
    made = site({"/wp-json/wp/v2/posts": posts(range(10))})
    proposal = made.discover("/wp-json/wp/v2/posts")
    assert proposal.decision is Decision.AUTO, proposal.reasons
    assert chosen(proposal).channel is Channel.WORDPRESS


def test_a_news_sitemap_is_found_through_robots_txt_and_an_index() -> None:
    made = site({"/news.xml": news_sitemap(range(10)), "/index.xml": sitemap_index("/old.xml", "/news.xml")})
    made.pages["/robots.txt"] = Came(body=f"Sitemap: {SITE}/index.xml", kind="text/plain")
    proposal = made.discover(channels=frozenset((Channel.SITEMAP,)))
    assert [one.url for one in proposal.candidates] == [f"{SITE}/news.xml"]
    assert proposal.candidates[0].overlap == 1.0
    assert paths(proposal) == NOTICES


def test_an_index_of_sitemaps_may_be_named_itself_and_shows_what_its_parts_bring() -> None:
    made = site({"/news.xml": news_sitemap(range(10)), "/index.xml": sitemap_index("/old.xml", "/news.xml")})
    proposal = made.discover("/index.xml")
    best = chosen(proposal)
    assert (proposal.decision, best.channel, best.url) == (
        Decision.AUTO,
        Channel.SITEMAP,
        f"{SITE}/index.xml",
    )
    assert paths(proposal) == NOTICES
    assert made.asked == ["/index.xml", "/news.xml", "/old.xml"]


def test_a_list_that_the_page_describes_for_machines_confirms_what_it_shows() -> None:
    urls = ", ".join(f'"{SITE}{path}"' for path in NOTICES)
    described = f'{{"@type": "ItemList", "itemListElement": [{urls}]}}'
    made = with_head(f'<script type="application/ld+json">{described}</script>')
    proposal = made.discover()
    assert any("for machines" in reason for reason in proposal.reasons)
    assert chosen(proposal).confidence >= chosen(site().discover()).confidence


# ------------------------------------------------------------------------------------- what is refused


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
    made = with_head("")
    for number in range(10):
        del made.pages[url_of(number)]
    proposal = made.discover(channels=frozenset((Channel.LISTING,)))
    assert proposal.decision is Decision.ASK
    assert paths(proposal) == NOTICES
    assert "the pages behind its items could not be read" in "; ".join(proposal.reasons)
    made.pages["/notices/"] = listing(range(10), head=alternate("/notices/feed/"))
    made.pages["/notices/feed/"] = feed(range(10))
    assert made.discover().decision is Decision.AUTO
