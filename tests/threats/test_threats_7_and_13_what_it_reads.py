"""Threats 7 and 13: what a site writes is parsed within bounds, and a selector can only select."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec

import pytest
from scrapy.http import HtmlResponse, TextResponse, XmlResponse

from crawler.catalogue import load_site_text
from crawler.channels.listing import read_listing
from crawler.markup import parse_html, text_of
from crawler.selectors import compile_selector
from news.article import Way
from news.entry import Page
from news.errors import ConfigError, ExtractionError
from news.run import Trouble
from news.source import Channel, Source, Wrapper
from tests.crawler.crawling import crawl, plan, source
from tests.crawler.site import Answer, LocalSite
from tests.threats.network import Listener

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SECONDS = 5.0
"""Far more than any of it takes, and far less than it would take without bounds."""


def billion_laughs(root: str, *, levels: int = 9) -> str:
    entities = ['<!ENTITY a0 "laugh">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels + 1)]
    return f'<?xml version="1.0"?><!DOCTYPE x [{"".join(entities)}]>{root.format(f"&a{levels};")}'


def quadratic(root: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"x" * 50_000}">]>{root.format("&a;" * 50_000)}'


def external(root: str, system: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "{system}">]>{root.format("&a;")}'


def external_dtd(root: str, system: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "{system}">{root.format("x")}'


HTML = "<html><body><ul><li class=item><a href='/a'>{}</a></li></ul></body></html>"
RSS = (
    "<rss version='2.0'><channel><title>t</title><item><link>https://a.example/a</link>"
    "<title>{}</title></item></channel></rss>"
)
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><entry><id>urn:a</id>"
    "<link href='https://a.example/a'/><title>{}</title></entry></feed>"
)
SITEMAP = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://a.example/{}</loc></url></urlset>"
NESTED = "<div>" * 100_000


class Reader:
    """One way in which something from the network is parsed."""

    def __init__(
        self, kind: type[TextResponse], root: str, read: Callable[..., Page], channel: Channel
    ) -> None:
        self.kind, self.root, self._read = kind, root, read
        self.source = Source(
            name="a",
            url="https://a.example/",
            channel=channel,
            wrapper=Wrapper(item=("li.item",), link=("a",), title=("a",)),
        )

    def read(self, text: str) -> Page:
        response = self.kind("https://a.example/", body=text.encode(), encoding="utf-8")
        return self._read(response, self.source, now=NOW)


def _readers() -> Iterator[tuple[str, Reader]]:
    yield "listing", Reader(HtmlResponse, HTML, read_listing, Channel.LISTING)
    yield "listing-as-xml", Reader(XmlResponse, HTML, read_listing, Channel.LISTING)
    for module, function, shapes in (
        ("feed", "read_feed", (("rss", RSS), ("atom", ATOM))),
        ("sitemap", "read_sitemap", (("sitemap", SITEMAP),)),
    ):
        if find_spec(f"crawler.channels.{module}") is None:
            continue
        read = getattr(import_module(f"crawler.channels.{module}"), function)
        for name, root in shapes:
            yield name, Reader(XmlResponse, root, read, Channel(module))


READERS = dict(_readers())


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> Reader:
    return READERS[request.param]


def read_within_bounds(reader: Reader, text: str) -> Page | None:
    """Read it, or be refused with our own error; either in time."""
    started = time.monotonic()
    try:
        return reader.read(text)
    except ExtractionError:
        return None
    finally:
        assert time.monotonic() - started < SECONDS


def written(page: Page | None) -> str:
    return "" if page is None else repr(page)


@pytest.mark.parametrize("bomb", [billion_laughs, quadratic], ids=lambda bomb: bomb.__name__)
def test_threat_7_entities_do_not_grow(reader: Reader, bomb: Callable[[str], str]) -> None:
    page = read_within_bounds(reader, bomb(reader.root))
    assert len(written(page)) < 2_000_000
    assert "laughlaugh" not in written(page)


@pytest.mark.parametrize("attack", [external, external_dtd], ids=lambda attack: attack.__name__)
def test_threat_7_entities_from_elsewhere_are_not_fetched(
    reader: Reader, attack: Callable[[str, str], str]
) -> None:
    with Listener() as listener:
        read_within_bounds(reader, attack(reader.root, f"http://127.0.0.1:{listener.port}/x.dtd"))
        assert listener.connections() == 0


def test_threat_7_entities_do_not_read_files(reader: Reader) -> None:
    page = read_within_bounds(reader, external(reader.root, "file:///etc/passwd"))
    assert "root:" not in written(page)


def test_threat_7_entities_through_a_whole_crawl_reach_nothing() -> None:
    """Whatever the content type says, a listing that is XML is read by the parser for HTML."""
    with LocalSite() as site, Listener() as listener:
        plans = []
        for number, kind in enumerate(("text/html", "application/xml", "application/xhtml+xml"), start=1):
            body = external(HTML, f"http://127.0.0.1:{listener.port}/x")
            site.script(f"/{number}/", Answer(body=body, content_type=kind))
            plans.append(plan(source(site.url(f"/{number}/"), f"site{number}"), source_id=number))
        crawl(*plans)
        assert listener.connections() == 0
        assert {f"/{number}/" for number in (1, 2, 3)} <= set(site.paths())


def test_threat_7_nesting_of_a_hundred_thousand_is_refused_in_time(reader: Reader) -> None:
    assert read_within_bounds(reader, reader.root.format(NESTED)) is None


def test_threat_7_nesting_in_an_article_leaves_it_unread() -> None:
    started = time.monotonic()
    with pytest.raises(ExtractionError, match="too deeply"):
        parse_html(NESTED + "deep")
    assert time.monotonic() - started < SECONDS
    with LocalSite() as site:
        site.page("/news/", HTML.format("Title of a"))
        site.page("/a", NESTED)
        site.page("/deep/", NESTED)
        first = plan(source(site.url("/news/"), "article"), source_id=1)
        second = plan(source(site.url("/deep/"), "listing"), source_id=2)
        readings = crawl(first, second).readings
    [look] = readings["article"].looks
    assert look.way is Way.PAGE
    assert "too deeply" in look.reason
    [problem] = readings["listing"].problems
    assert (problem.trouble, problem.fatal) == (Trouble.NOT_A_PAGE, True)


@pytest.mark.parametrize("attribute", [" a{}=1", " a{}", ' a{}=">"', "/a{}", "a{}=''", "\n<a{}", ' a{}="\'"'])
def test_threat_7_attributes_by_the_thousand_are_refused_in_time(attribute: str) -> None:
    """The parser takes 15 seconds for 40,000 of them, and minutes for 100,000."""
    started = time.monotonic()
    with pytest.raises(ExtractionError, match="attributes"):
        parse_html("<p>x</p><a " + "".join(attribute.format(n) for n in range(40_000)) + ">x</a>")
    assert time.monotonic() - started < SECONDS


def test_threat_7_wide_pages_and_long_attributes_are_read_in_time() -> None:
    started = time.monotonic()
    assert text_of(parse_html("<p>x</p>" * 200_000)).count("x") == 200_000
    drawing = f"<path d='{'M 1 2 ' * 50_000}'/><img src=data:{'x' * 500_000}><p title=it's>don't</p>"
    assert text_of(parse_html(drawing + '<p>"Read" it\'s</p>' * 10_000)).count("Read") == 10_000
    assert time.monotonic() - started < 2 * SECONDS


# ----------------------------------------------------------------------------- 13: the selector language

FUNCTIONS = [
    # XPath 2 and 3, and XSLT: they read files, ask addresses, or tell what runs here.
    "unparsed-text('file:///etc/passwd')", "unparsed-text-lines('/etc/passwd')", "unparsed-text-available('/x')",
    "unparsed-entity-uri('x')", "json-doc('http://127.0.0.1/')", "doc('/etc/passwd')", "doc-available('/x')",
    "document('file:///etc/passwd')", "collection('/etc')", "uri-collection('/etc')", "parse-xml('<a/>')",
    "parse-json('[]')", "xml-to-json(.)", "environment-variable('HOME')", "available-environment-variables()",
    "system-property('xsl:vendor')", "transform(map{})", "load-xquery-module('x')", "matches(., '(a+)+$')",
    "replace(., '(a+)+$', '')", "tokenize(., '(a+)+$')", "analyze-string(., '(a+)+$')", "key('a', 'b')",
    "current()", "generate-id()", "format-number(1, '0')", "function-available('x')", "element-available('x')",
    # EXSLT, by every prefix that libraries register.
    "re:test(., '(a+)+$')", "re:match(., 'a')", "re:replace(., 'a', 'g', 'b')", "regexp:test(., 'a')",
    "str:tokenize(., 'a')", "str:replace(., 'a', 'b')", "set:distinct(//a)", "set:trailing(//a, //b)",
    "exsl:node-set(.)", "exslt:node-set(.)", "dyn:evaluate('//a')", "func:function()", "math:max(//a)", "date:date()",
    "common:object-type(.)", "saxon:evaluate('//a')", "php:function('system', 'id')", "ext:anything(.)",
    "has-class('x')",
]  # fmt: skip
FORMS = [
    "//a[{}]",
    "(//a[{}])[1]",
    ".//a[contains(., {})]",
    "//a[ not( {} ) ]",
    "(string({}))",
    "//*[@href = {}]/@href",
]
OTHER_LANGUAGES = [
    "jq:.[].title", "jq: env", "jqraw:env.SECRET", "$.items[*].url", "$ENV.PATH", "{{7*7}}", "{% import os %}",
    "//a[$x]", "//a[${HOME}]", "xpath:string(1)", "xpath1://a", "for $a in //a return $a", "if (//a) then 1 else 2",
    "//a!string()", "//a => string()", "let $x := 1 return $x", "//a[. instance of element()]",
    "//a[unparsed-text (: hidden :) ('/etc/passwd')]", "//a[unparsed-text\n('/etc/passwd')]", "//Q{uri}a",
    "//a[fn:unparsed-text('/etc/passwd')]", "//x:a", "//a/namespace::x:y", "(//a, //b)", "//a[1 to 3]",
    "a:matches('(a+)+$')", "a::before", "@import 'x'", "a{content: url(http://127.0.0.1/)}",
    "//a[id('x')/re:test('a', 'b')]", "(/processing-instruction('x')/doc('/etc/passwd'))",
]  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_threat_13_selectors_call_nothing_beyond_xpath_1(function: str) -> None:
    for form in FORMS:
        with pytest.raises(ConfigError):
            compile_selector(form.format(function))


@pytest.mark.parametrize("selector", OTHER_LANGUAGES)
def test_threat_13_selectors_are_css_or_xpath_1_and_no_other_language(selector: str) -> None:
    with pytest.raises(ConfigError):
        compile_selector(selector)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("wrapper", key)
        for key in ("item", "link", "title", "date", "summary", "body", "next_page")
    ]
    + [("article", key) for key in ("title", "body", "date", "author", "remove")],
)  # fmt: skip
def test_threat_13_selectors_are_checked_when_a_site_file_is_loaded(table: str, key: str) -> None:
    tables = {"wrapper": {"item": "'li'", "link": "'a'"}, "article": {}}
    tables[table][key] = "\".//a[unparsed-text('/etc/passwd')]\""
    text = "schema = 1\nname = 'a'\nurl = 'https://a.example/'\n" + "".join(
        f"[{name}]\n" + "".join(f"{each} = {value}\n" for each, value in values.items())
        for name, values in tables.items()
    )
    with pytest.raises(ConfigError, match=re.escape("unparsed-text()")) as refused:
        load_site_text(text, "a.toml")
    assert f"{table}.{key}" in str(refused.value)
