"""Where a page says that its news can be read otherwise."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from crawler.discovery.signposts import feeds_among, feeds_linked_in_text, links_of, sitemaps_in
from crawler.markup import parse_html

PAGE = "https://harbour.example/en/category/notices/"


def feeds(head: str, *, page_url: str = PAGE, link_header: str = "") -> list[str]:
    root = parse_html(f"<html><head>{head}</head><body></body></html>")
    headers = {"Link": link_header} if link_header else {}
    response = HtmlResponse(page_url, body=b"", headers=headers, encoding="utf-8")
    return [link.url for link in feeds_among(links_of(root, response, page_url), page_url)]


def alternate(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (alternate("/feed/"), ["/feed/"]),
        (alternate("/feed/") + alternate("/comments/feed/"), ["/feed/"]),
        (alternate("/feed/") + alternate("/f2/", title="Harbour » Comments Feed"), ["/feed/"]),
        (alternate("/x", title="Flux des commentaires"), []),
        (alternate("/?feed=comments-rss2"), []),
        (
            alternate("/feed/") + alternate("/en/category/notices/feed/"),
            ["/en/category/notices/feed/", "/feed/"],
        ),
        (alternate("/en/feed/") + alternate("/fr/feed/"), ["/en/feed/", "/fr/feed/"]),
        (alternate("/fr/feed/") + alternate("/en/feed/"), ["/en/feed/", "/fr/feed/"]),
        (alternate("/rss.xml") + alternate("/atom.xml", "application/atom+xml"), ["/atom.xml", "/rss.xml"]),
        (alternate("/feed.json", "application/feed+json"), ["/feed.json"]),
        (alternate("/wp-json/wp/v2/categories/12", "application/json"), []),
        (alternate("/oembed/1.0/embed?url=x&format=xml", "text/xml"), []),
        (alternate("/news/rss", "text/xml"), ["/news/rss"]),
        (alternate("/fr/category/notices/", "text/html"), []),
        ('<link rel="ALTERNATE home" type="Application/RSS+XML; charset=utf-8" href="/feed/">', ["/feed/"]),
        ('<link rel="stylesheet" type="application/rss+xml" href="/feed/">', []),
        (alternate("javascript:alert(1)"), []),
        (alternate("/feed/") + alternate("/feed"), ["/feed/"]),
    ],
)
def test_the_declared_feeds_are_those_of_news_and_the_nearest_comes_first(
    head: str, expected: list[str]
) -> None:
    assert feeds(head) == [f"https://harbour.example{path}" for path in expected]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('</feed/>; rel="alternate"; type="application/rss+xml"', ["https://harbour.example/feed/"]),
        ("<https://feeds.example/h>;type=application/atom+xml;rel=alternate", ["https://feeds.example/h"]),
        (
            '</a,b>; rel="preload"; as=style, </feed/>; title="a, b; c"; rel="alternate"; type="application/rss+xml"',
            ["https://harbour.example/feed/"],
        ),
        ("</feed/>; rel=alternate", []),
        ("<", []),
    ],
)
def test_link_headers_declare_feeds_too(header: str, expected: list[str]) -> None:
    assert feeds("", link_header=header) == expected


def test_a_page_that_declares_hundreds_of_feeds_is_not_followed_to_all() -> None:
    assert len(feeds("".join(alternate(f"/{number}/feed/") for number in range(500)))) == 40


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a href="/rss.xml">RSS</a>', ["/rss.xml"]),
        (
            '<a href="/en/category/notices/feed/">RSS</a><a href="/feed/">all</a>',
            ["/en/category/notices/feed/", "/feed/"],
        ),
        ('<a href="/about-rss.html">What is RSS?</a>', []),
        ('<a href="https://other.example/feed/">theirs</a>', []),
        ('<a href="/feedback/">Feedback</a><a href="/atomic-energy/">Atomic energy</a>', []),
        ('<a href="/post/1/comments/feed/">comments</a>', []),
    ],
)
def test_plain_links_that_look_like_feeds_are_found(body: str, expected: list[str]) -> None:
    root = parse_html(f"<html><body>{body}</body></html>")
    assert feeds_linked_in_text(root, PAGE, PAGE) == tuple(
        f"https://harbour.example{path}" for path in expected
    )


def test_sitemaps_are_found_in_any_spelling_and_those_of_news_come_first() -> None:
    robots = "User-agent: *\nDisallow:\n sitemap : https://a.example/s.xml\nSITEMAP:/news.xml # ours\nSitemap: ftp://a/\n"
    assert sitemaps_in(robots, "https://a.example/x") == (
        "https://a.example/news.xml",
        "https://a.example/s.xml",
    )
