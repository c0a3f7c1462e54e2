"""Whole discoveries over small sites in memory: every rung, every choice, and what is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.discovery.proposal import Decision, decision_for
from news.source import Channel
from tests.crawler.discovery.entries import SITE
from tests.crawler.discovery.memory import (
    Came,
    MemorySite,
    alternate,
    article,
    chosen,
    feed,
    listing,
    news_sitemap,
    paths,
    posts,
    site,
    sitemap_index,
    url_of,
)

NOTICES = [url_of(number) for number in range(10)]


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
