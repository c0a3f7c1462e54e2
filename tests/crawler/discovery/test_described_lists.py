"""Discoveries of pages that describe their list for machines: where it is offered, and where it is not."""

from __future__ import annotations

import json
from collections.abc import Iterable

from crawler.channels.described import BY_DESCRIPTION, described_lists
from crawler.discovery.proposal import Candidate, Decision, Proposal
from crawler.markup import parse_html
from news.source import Channel
from tests.crawler.discovery.memory import TOPICS, Came, article, date_of, listing, paths, site, url_of

NUMBERS = range(10)
SHELL = '<html><head>{}</head><body><div id="root"></div><script src="/app.js"></script></body></html>'


def description(numbers: Iterable[int]) -> str:
    posts = [
        {
            "@type": "NewsArticle",
            "url": url_of(number),
            "headline": TOPICS[number],
            "datePublished": date_of(number).isoformat(),
        }
        for number in numbers
    ]
    return f'<script type="application/ld+json">{json.dumps({"@type": "Blog", "blogPost": posts})}</script>'


def described(proposal: Proposal) -> list[Candidate]:
    return [one for one in proposal.candidates if one.wrapper == BY_DESCRIPTION]


def test_an_empty_page_is_read_by_its_description_if_a_person_says_so() -> None:
    made = site()
    made.pages["/notices/"] = Came(body=SHELL.format(description(NUMBERS)))
    proposal = made.discover()
    assert proposal.decision is Decision.ASK, proposal.reasons
    [candidate] = described(proposal)
    assert proposal.chosen == 0
    assert (candidate.channel, paths(proposal)) == (Channel.LISTING, [url_of(number) for number in NUMBERS])
    assert any("the page describes it for machines" in reason for reason in proposal.reasons)
    assert all(entry.published for entry in candidate.entries)


def test_it_is_not_offered_where_only_feeds_are_wanted() -> None:
    made = site()
    made.pages["/notices/"] = Came(body=SHELL.format(description(NUMBERS)))
    assert described(made.discover(channels=frozenset((Channel.FEED,)))) == []


def test_beside_a_list_that_is_sure_it_is_evidence_and_no_choice() -> None:
    made = site()
    made.pages["/notices/"] = listing(NUMBERS, head=description(NUMBERS), next_path="/notices/page/2/")
    proposal = made.discover()
    assert proposal.decision is Decision.AUTO
    assert described(proposal) == []
    assert "the page describes its list for machines, too (JSON-LD or microdata)" in proposal.reasons


def test_a_page_whose_list_is_not_recognised_is_asked_about() -> None:
    made = site()
    links = "".join(f'<a href="{url_of(number)}">{number}</a>' for number in NUMBERS)
    made.pages["/notices/"] = Came(
        body=f"<html><head>{description(NUMBERS)}</head><body><h1>Notices</h1><nav>{links}</nav></body></html>"
    )
    proposal = made.discover()
    assert proposal.decision is Decision.ASK, proposal.reasons
    assert len(described(proposal)) == 1


def test_an_article_that_describes_related_ones_is_refused() -> None:
    made = site()
    made.pages[url_of(3)] = article(3, head=description(range(5, 9)))
    proposal = made.discover(url_of(3))
    assert proposal.decision is Decision.REFUSE, proposal.reasons


def test_two_items_are_no_list() -> None:
    made = site()
    made.pages["/notices/"] = Came(body=SHELL.format(description(range(2))))
    assert made.discover().decision is Decision.REFUSE


def test_a_menu_is_no_list_of_news() -> None:
    made = site()
    pages = [
        {"url": f"/{name}/", "name": f"About our {name} here"} for name in ("work", "team", "jobs", "rooms")
    ]
    menu = json.dumps({"@type": "ItemList", "itemListElement": pages})
    made.pages["/notices/"] = Came(body=SHELL.format(f'<script type="application/ld+json">{menu}</script>'))
    proposal = made.discover()
    assert proposal.decision is Decision.REFUSE, proposal.reasons
    assert "its items have no dates" in " ".join(proposal.reasons)


def test_a_list_that_was_left_behind_years_ago_says_so() -> None:
    made = site()
    old = description(NUMBERS).replace("2026-", "2015-").replace("2025-", "2014-")
    made.pages["/notices/"] = Came(body=SHELL.format(old))
    [candidate] = described(made.discover())
    assert candidate.confidence == 0.5
    assert any("its newest item is of 2015-" in reason for reason in candidate.reasons)


def test_what_names_its_kind_a_thousand_times_is_read_once() -> None:
    posts = [{"url": f"/story-{number}/", "headline": f"Story {number}"} for number in range(1_000)]
    hostile = {"@type": ["Blog"] * 5_000, "blogPost": posts}
    root = parse_html(f'<script type="application/ld+json">{json.dumps(hostile)}</script>')
    lists = described_lists(root)
    assert [len(one.items) for one in lists] == [500]
