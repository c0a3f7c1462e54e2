"""What stands in the place of a news page is named."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse, Response

from crawler.discovery.asking import Answer, NoAnswer
from crawler.discovery.obstacles import is_shell, why_no_answer, why_not_readable
from crawler.markup import parse_html
from news.run import Trouble
from tests.crawler.discovery.entries import NOW

URL = "https://harbour.example/notices/"
LOGIN = "<h1>Sign in</h1><form><input name=u><input type=password><button>Log in</button></form>"


def answer(html: str = "<p>Some words.</p>", status: int = 200, kind: str = "text/html") -> Answer:
    made = HtmlResponse(
        URL, status=status, body=html.encode(), headers={"Content-Type": kind}, encoding="utf-8"
    )
    return Answer(url=URL, response=made)


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (answer(), ""),
        (answer(status=404), "HTTP 404: there is no page at this address"),
        (answer(status=403), "HTTP 403: the site does not let us read the page"),
        (answer(status=503), "HTTP 503: the site's own trouble"),
        (answer(status=304), "a redirect that leads nowhere"),
        (
            answer("<title>Just a moment...</title><p>Checking your browser</p>", status=403),
            "a challenge page",
        ),
        (answer(LOGIN), "a login page"),
        (answer("<title>404 - Page not found</title><h1>Page not found</h1>"), "a missing page"),
        (answer(""), "the answer is empty"),
        (
            Answer(
                url=URL, response=Response(URL, body=b"%PDF-", headers={"Content-Type": "application/pdf"})
            ),
            "pdf",
        ),
    ],
    ids=["a page", "404", "403", "503", "304", "challenge", "login", "soft 404", "empty", "PDF"],
)
def test_an_answer_that_is_no_page_says_what_it_is(came: Answer, said: str) -> None:
    why = why_not_readable(came, now=NOW)
    assert said in why
    assert bool(why) is bool(said)


@pytest.mark.parametrize(
    ("status", "value", "said"),
    [
        (429, "3600", "HTTP 429: the site asks to be left alone until 2026-03-20 13:00 UTC"),
        (
            503,
            "Fri, 20 Mar 2026 12:05:00 GMT",
            "HTTP 503: the site asks to be left alone until 2026-03-20 12:05 UTC",
        ),
        (429, "9999999", "HTTP 429: the site asks to be left alone until 2026-03-21 12:00 UTC"),
        (500, "3600", "HTTP 500: the site's own trouble"),
    ],
)
def test_a_site_that_wants_to_be_left_alone_says_until_when(status: int, value: str, said: str) -> None:
    response = HtmlResponse(
        URL, status=status, headers={"Retry-After": value}, body=b"slow", encoding="utf-8"
    )
    assert why_not_readable(Answer(url=URL, response=response), now=NOW).startswith(said)


def test_words_convict_no_page_that_has_items() -> None:
    assert why_not_readable(answer("<title>Page not found</title>"), now=NOW, found_entries=5) == ""


@pytest.mark.parametrize(
    ("trouble", "detail", "said"),
    [
        (Trouble.ROBOTS, "robots.txt forbids it", "does not want this page to be read by programs"),
        (Trouble.ROBOTS, "robots.txt could not be had: time-out", "time-out"),
        (Trouble.NETWORK, "the host name cannot be resolved (DNS)", "check the address"),
    ],
)
def test_no_answer_says_why_and_what_to_do(trouble: Trouble, detail: str, said: str) -> None:
    told = why_no_answer(NoAnswer(url=URL, trouble=trouble, detail=detail))
    assert told.startswith(f"{URL}: {detail}")
    assert said in told


@pytest.mark.parametrize(
    ("html", "empty"),
    [
        ('<div id="root"></div><script src="/a.js"></script>', True),
        ('<div id="__next"></div><script src="/a.js"></script>', True),
        ("<app-root></app-root><script src=/a.js></script>", True),
        (
            "<noscript>You need to enable JavaScript to run this app.</noscript><script src=/a.js></script>",
            True,
        ),
        ("<noscript>Veuillez activer JavaScript.</noscript><div></div><script src=/a.js></script>", True),
        ('<div id="root"></div>', False),  # no script would fill it
        ('<div id="root"><a href="/a">A story</a></div><script src="/a.js"></script>', False),
        (f'<div id="root"></div><p>{"words " * 200}</p><script src="/a.js"></script>', False),
        ("<p>Nothing here yet.</p><script src=/stats.js></script>", False),
    ],
)
def test_a_shell_is_told_from_a_page_that_says_little(html: str, empty: bool) -> None:
    assert is_shell(parse_html(f"<html><body>{html}</body></html>")) is empty


def test_what_noscript_says_counts_no_more_once_a_browser_has_run_the_scripts() -> None:
    page = (
        '<noscript>Please enable JavaScript.</noscript><div id="root">{}</div><script src="/app.js"></script>'
    )
    rendered = parse_html(page.format("<h1>News</h1><p><a href='/quay'>A crane stands still</a></p>"))
    assert is_shell(rendered)
    assert not is_shell(rendered, rendered=True)
    assert is_shell(parse_html(page.format("")), rendered=True)
