"""WordPress's interface, scoped to what the page lists."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from scrapy.http import HtmlResponse

from crawler.discovery.signposts import Link, links_of
from crawler.discovery.wordpress import Scope, api_root, category_in, scope_of, scoped_posts_url
from crawler.markup import parse_html

PAGE = "https://harbour.example/category/notices/"
ROOT = "https://harbour.example/wp-json/"
DECLARED = f'<link rel="https://api.w.org/" href="{ROOT}">'


def itself(route: str) -> str:
    return f'<link rel="alternate" type="application/json" href="{ROOT}wp/v2/{route}">'


def read(head: str = "", body_class: str = "", link: str = "") -> tuple[tuple[Link, ...], Scope | None]:
    root = parse_html(f'<html><head>{head}</head><body class="{body_class}"><p>x</p></body></html>')
    response = HtmlResponse(PAGE, body=b"", headers={"Link": link} if link else {}, encoding="utf-8")
    links = links_of(root, response, PAGE)
    return links, scope_of(root, links)


@pytest.mark.parametrize(
    ("head", "link", "expected"),
    [
        (DECLARED, "", ROOT),
        ("", f'<{ROOT}>; rel="https://api.w.org/"', ROOT),
        (
            '<link rel="https://api.w.org/" href="/?rest_route=/">',
            "",
            "https://harbour.example/?rest_route=/",
        ),
        (itself("categories/12"), "", ROOT),
        ("", "", ""),
    ],
)
def test_the_interface_is_found_in_head_and_headers(head: str, link: str, expected: str) -> None:
    assert api_root(read(head, link=link)[0]) == expected


@pytest.mark.parametrize(
    ("head", "body_class", "expected"),
    [
        (itself("categories/12"), "", Scope(parameter="categories", value="12")),
        (itself("tags/7"), "archive category category-x category-3", Scope(parameter="tags", value="7")),
        (itself("users/2"), "", Scope(parameter="author", value="2")),
        (itself("topics/31"), "", Scope(parameter="topics", value="31")),
        (itself("posts/99"), "", None),
        (itself("pages/5"), "blog", None),
        (
            "",
            "archive category category-notices category-12 paged-2 category-paged-2",
            Scope(parameter="categories", value="12"),
        ),
        ("", "archive category category-12 category-12", Scope(parameter="categories", value="12")),
        ("", "archive tag tag-crane tag-4", Scope(parameter="tags", value="4")),
        ("", "archive author author-jo author-6", Scope(parameter="author", value="6")),
        ("", "archive category category-notices", None),
        ("", "home blog wp-theme-x", Scope()),
        ("", "blog", Scope()),
        ("", "home page page-id-5", None),
        ("", "archive date", None),
        ("", "single single-post postid-12", None),
        ("", "search search-results", None),
        ("", "", None),
    ],
)
def test_the_scope_is_what_the_page_says_and_nothing_else(
    head: str, body_class: str, expected: Scope | None
) -> None:
    assert read(head, body_class)[1] == expected


@pytest.mark.parametrize(
    ("scope", "asked"),
    [
        (Scope(parameter="categories", value="12"), {"categories": "12"}),
        (Scope(parameter="tags", value="4"), {"tags": "4"}),
        (Scope(parameter="topics", value="31"), {"topics": "31"}),
        (Scope(), {}),
    ],
)
@pytest.mark.parametrize("api", [ROOT, "https://harbour.example/index.php?rest_route=/"])
def test_the_address_of_the_posts_works_in_both_forms(scope: Scope, asked: dict[str, str], api: str) -> None:
    parts = urlsplit(scoped_posts_url(api, scope, language="fr"))
    query = dict(parse_qsl(parts.query))
    assert f"{parts.path}{query.pop('rest_route', '')}".endswith("/wp/v2/posts")
    assert query.items() >= asked.items()
    assert query["lang"] == "fr"
    assert {"categories", "tags", "topics"} & query.keys() == asked.keys()


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ([{"id": 12, "slug": "notices", "link": PAGE}], "12"),
        ([{"id": 12, "slug": "notices", "link": "https://harbour.example/old/notices/"}], ""),
        ([{"id": "12", "link": PAGE}], ""),
        ([], ""),
        ({"code": "rest_no_route"}, ""),
        ("text", ""),
    ],
)
def test_a_slug_names_a_category_only_if_its_address_is_the_page_s(answer: object, number: str) -> None:
    assert category_in(json.dumps(answer).encode(), page_url=f"{PAGE}page/2/") == number
    assert category_in(b"<html>", page_url=PAGE) == ""
