"""Articles out of their pages: structured data with bounds, titles, people, languages, canonical addresses, bodies."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.article import extract_again, extract_article, extract_inline, extractor_version
from crawler.extraction.jsonld import LinkedArticle, linked_article
from crawler.extraction.kept import MAX_RAW_CHARS, kept_html
from crawler.extraction.languages import article_language, language_tag
from crawler.extraction.naming import article_title, people
from news.article import Content, Way
from news.dates import Precision, Stamp
from news.entry import Entry
from news.errors import ExtractionError
from news.source import ArticleRules, Source, Wrapper
from news.urls import url_key

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://a.example/en/2026/11/20/a-story/"
SOURCE = Source(
    name="a",
    url="https://a.example/en/category/news/",
    title="The Source",
    wrapper=Wrapper(item=("article",), link=("a",), body=(".entry",)),
    article=ArticleRules(title=("h1",), body=(".body",), date=("time",), author=(".by",), remove=(".share",)),
    language="en",
)
BODY = "<div class=body><p>The council met.</p></div>"


def extract(html: str, url: str = URL, source: Source = SOURCE) -> Content:
    return extract_article(url, html, source, now=NOW, extractor="v")


def linked(value: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(value)}</script>"


def test_sections_are_those_that_the_page_names_in_its_head() -> None:
    head = '<meta property="article:section" content="Culture"><meta name="parsely-section" content=" Arts ">'
    data = {
        "@type": "NewsArticle",
        "headline": "Found",
        "articleSection": ["World &amp; Region", "Culture", {"@id": "x"}],
    }
    page = f"<head>{head}{linked(data)}</head><h1>Found</h1>{BODY}"
    assert extract(page).sections == ("World & Region", "Culture", "Arts")
    assert extract(f"<h1>Found</h1>{BODY}").sections == ()


def test_sections_of_a_listing_come_with_its_inline_body() -> None:
    entry = Entry(
        url=URL,
        key=url_key(URL),
        title="Found",
        body_html="<p>The council met.</p>",
        sections=('A "b" & <c>',),
    )
    assert extract_inline(entry, SOURCE, now=NOW, extractor="v").sections == ('A "b" & <c>',)


# -- JSON-LD


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "Found"}',
        '[{"@type": "WebPage", "name": "no"}, {"@type": ["Thing", "NewsArticle"], "headline": "Found"}]',
        '{"@graph": [{"@type": "WebSite"}, {"@type": "schema:BlogPosting", "headline": "Found"}]}',
        '{"@type": "WebPage", "mainEntity": {"@type": "https://schema.org/Article", "headline": "Found"}}',
        '<!-- {"@type": "NewsArticle", "headline": "Found"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Found"}\n//]]>',
        '/*<![CDATA[*/{"@type": "NewsArticle", "headline": "Found"}/*]]>*/',
        '{"@type": "NewsArticle", "keywords": ["a", ], "headline": "Found", };',
        '{"@type": "NewsArticle", "description": "line\n\tend ,} here", "headline": "Found",\n}',
        '{"@type": "NewsArticle", "headline": ["Found", "Else"]}',
        '{"@type": "NewsArticle", "headline": {"@value": "Found", "@language": "en"}}',
        '{"@type": "NewsArticle", "headline": "<b>Found</b>"}',
        '{"@type": "Article", "headline": "no", "hasPart": 1} ',
    ],
)
def test_an_article_is_found_however_it_is_wrapped(script: str) -> None:
    found = linked_article([script], URL)
    assert found is not None
    assert found.title in ("Found", "no")


def test_the_article_that_names_the_page_is_taken_then_the_newsier_then_the_first() -> None:
    own = {"@type": "Article", "headline": "own", "url": "http://www.a.example/en/2026/11/20/a-story"}
    news = {"@type": "NewsArticle", "headline": "news"}
    blog = {"@type": "BlogPosting", "headline": "blog"}
    listed = {"@type": "ItemList", "itemListElement": [{"item": news}]}
    cases = [([news, own], "own"), ([blog, news], "news"), ([listed, blog], "blog"), ([listed, own], "own")]
    for nodes, title in cases:
        found = linked_article([json.dumps(nodes)], URL)
        assert found is not None
        assert found.title == title
    assert linked_article([json.dumps(listed)], URL) is None


@pytest.mark.parametrize(
    "script",
    [
        "",
        "{",
        "null",
        "7",
        '"text"',
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"@type": 7}',
        '{"@type": {"@type": "NewsArticle2"}}',
        "x" * 2_000_000,
        '{"@type": "NewsArticle", "headline": 1e999, "author": [[[{"name": {"name": {}}}]]], "image": [null, {}]}',
        '{"@type": "NewsArticle", "author": {"@id": "#a"}, "@id": "#a", "url": "http://[", "mainEntityOfPage": [[]]}',
        '{"@type": "NewsArticle", "headline": "\\ud800", "n": ' + "9" * 10_000 + "}",
    ],
)
def test_broken_or_hostile_data_is_passed_over_or_read_as_text(script: str) -> None:
    assert is_text(linked_article([script, script], URL))


def is_text(found: LinkedArticle | None) -> bool:
    """Say whether every value of an article is text, whatever shapes it had."""
    return found is None or all(
        isinstance(value, str) or (isinstance(value, tuple) and all(isinstance(one, str) for one in value))
        for value in (getattr(found, field.name) for field in fields(found))
    )


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.text(max_size=5)
        | st.sampled_from(["NewsArticle", "http://[", "#a", "<b"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "@type",
                        "@id",
                        "@graph",
                        "headline",
                        "author",
                        "name",
                        "image",
                        "url",
                        "mainEntityOfPage",
                    ]
                ),
                inner,
            )
        ),
    )
)
def test_data_of_any_shape_is_passed_over_or_read_as_text(value: object) -> None:
    odd = json.dumps({"@type": "NewsArticle", "headline": "Rain", "author": value, "image": value})
    found = linked_article([json.dumps(value), odd], URL)
    assert is_text(found)
    assert found is not None


# -- titles, people, languages


@pytest.mark.parametrize(
    ("claims", "headings", "sites", "title"),
    [
        (["Rain – ICESCO"], [], ["ICESCO"], "Rain"),
        (["Rain | News | Icesco"], [], ["ICESCO", "News"], "Rain"),
        (["ICESCO » Rain"], [], ["ICESCO"], "Rain"),
        (["Rain - The Agency - News"], [], ["The Agency - News"], "Rain"),
        (["Rain – a portrait"], [], ["ICESCO"], "Rain – a portrait"),
        (["Rain – ICESCO"], [], [], "Rain – ICESCO"),
        (["ICESCO"], [], ["ICESCO"], "ICESCO"),
        (["What the search engine wants", "Rain falls"], ["rain falls"], [], "Rain falls"),
        (["Seen nowhere", "Nor this"], ["A heading"], [], "Seen nowhere"),
        (
            ["Rain falls on the…"],
            ["Site", "Rain falls on the whole valley"],
            [],
            "Rain falls on the whole valley",
        ),
        (["“Rain” – ICESCO"], ['"Rain"'], ["ICESCO"], "“Rain”"),
        (["", " "], [], [], ""),
    ],
)
def test_a_title_loses_only_a_proven_site_name(
    claims: list[str], headings: list[str], sites: list[str], title: str
) -> None:
    assert article_title(claims, headings, sites) == title


@pytest.mark.parametrize(
    ("names", "authors"),
    [
        (["By Ann Lee and Omar Ali"], ("Ann Lee", "Omar Ali")),
        (["Par Aïcha Benali, Luc Morel et Zoé Petit"], ("Aïcha Benali", "Luc Morel", "Zoé Petit")),
        (["بقلم: ليلى المنصوري"], ("ليلى المنصوري",)),
        (["Ann Lee", "ANN LEE"], ("Ann Lee",)),
        (["The Source", "press@a.example", "12345", "https://a.example/ann", "@ann", ""], ()),
        (["x" * 200], ()),
        (["Byron Leeds"], ("Byron Leeds",)),
    ],
)
def test_authors_are_people(names: list[str], authors: tuple[str, ...]) -> None:
    assert people(names, ["the source"], split=True) == authors


@pytest.mark.parametrize(
    ("declared", "claims", "text", "language"),
    [
        ("en", ["fr"], "The council met today", "en"),
        ("", ["utf", "fr_FR"], "Le conseil s'est réuni", "fr-FR"),
        ("en", ["en", "ar"], "اجتمع المجلس اليوم في المدينة", "ar"),
        ("ar", ["en-US"], "اجتمع المجلس اليوم في المدينة", "ar"),
        ("ar", ["ar"], "The council met today", ""),
        ("ar", [], "2026", "ar"),
        ("", ["en, fr"], "The council met", "en"),
    ],
)
def test_the_declared_language_leads_unless_the_letters_say_otherwise(
    declared: str, claims: list[str], text: str, language: str
) -> None:
    assert article_language(declared, claims, text) == language


def test_a_language_tag_is_known_and_written_as_usual() -> None:
    assert [language_tag(tag) for tag in ("EN", "zgh", "pt-br", "xx", "english", "", "en-")] == [
        "en",
        "zgh",
        "pt-BR",
        "",
        "",
        "",
        "",
    ]


# -- whole pages


def test_json_ld_leads_then_meta_tags_then_selectors() -> None:
    data = linked(
        {
            "@type": "NewsArticle",
            "headline": "From data",
            "datePublished": "2026-11-18T10:00:00Z",
            "author": "Data Person",
        }
    )
    meta = (
        "<meta property='og:title' content='From meta'><meta name=author content='Meta Person'>"
        "<meta property='article:published_time' content='2026-11-17T10:00:00Z'>"
    )
    shown = f"<h1>From heading</h1><p class=by>Page Person</p><time datetime='2026-11-16'></time>{BODY}"
    told = [(data + meta + shown), (meta + shown), shown]
    contents = [extract(html) for html in told]
    assert [content.authors for content in contents] == [("Data Person",), ("Meta Person",), ("Page Person",)]
    assert [content.title for content in contents] == ["From data", "From meta", "From heading"]
    assert [f"{c.published.at:%d} {c.published.provenance}" for c in contents if c.published] == [
        "18 json-ld",
        "17 meta",
        "16 time[datetime]",
    ]


def test_a_date_without_a_zone_is_in_the_zone_of_the_source() -> None:
    source = replace(SOURCE, time_zone="Africa/Casablanca")
    html = "<h1>T</h1>" + linked({"@type": "Article", "datePublished": "2026-11-18T10:00:00"}) + BODY
    published = extract(html, source=source).published
    assert published is not None
    assert published.at == datetime(2026, 11, 18, 9, tzinfo=UTC)


def test_no_date_is_taken_from_the_text_and_the_address_is_the_last_resort() -> None:
    html = "<h1>T</h1><div class=body>On 1 November 2026 the council met. Published 2 November 2026.</div>"
    assert extract(html, url="https://a.example/en/a-story").published is None
    by_url = extract(html).published
    assert by_url == Stamp(at=datetime(2026, 11, 20, tzinfo=UTC), precision=Precision.DAY, provenance="url")


@pytest.mark.parametrize(
    "said", ["0000-00-00", "next week", "2026-13-45T99:99", "2031-01-01T00:00:00Z", "1970-01-01", "x" * 5_000]
)
def test_a_malformed_or_impossible_date_gives_way_to_the_next(said: str) -> None:
    html = f"<meta name=datePublished content='{said}'><h1>T</h1><time datetime='2026-11-16'></time>{BODY}"
    published = extract(html).published
    assert published is not None
    assert published.provenance == "time[datetime]"


@pytest.mark.parametrize(
    ("href", "canonical"),
    [
        ("https://www.a.example/en/2026/11/20/a-story", "https://www.a.example/en/2026/11/20/a-story"),
        ("/en/other-name/", "https://a.example/en/other-name/"),
        ("https://a.example/?p=12", "https://a.example/?p=12"),
        ("https://a.example/", ""),
        ("https://a.example", ""),
        ("https://a.example/en/", ""),
        ("https://a.example/en/category/news", ""),
        ("https://b.example/en/2026/11/20/a-story", ""),
        ("javascript:alert(1)", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_a_canonical_address_is_believed_only_if_it_can_be_the_articles(href: str, canonical: str) -> None:
    assert extract(f"<link rel='canonical' href='{href}'><h1>T</h1>{BODY}").canonical_url == canonical


def test_the_body_is_the_first_selector_with_text_without_what_is_removed() -> None:
    html = "<h1>T</h1><div class=body> </div><div class=body><p>One</p><p class=share>No</p><div class=body>Two</div>"
    assert extract(html).body_text == "One\nTwo"


def test_a_source_without_rules_for_a_body_uses_the_wrappers() -> None:
    source = replace(SOURCE, article=ArticleRules(title=("h1",)))
    assert (
        extract("<h1>T</h1><div class=entry>From the wrapper's</div>", source=source).body_text
        == "From the wrapper's"
    )


def test_data_gives_the_body_only_where_selectors_find_none() -> None:
    data = linked({"@type": "Article", "articleBody": "From the data."})
    assert extract(f"<h1>T</h1>{data}").body_text == "From the data."
    assert extract(f"<h1>T</h1>{data}{BODY}").body_text == "The council met."


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (
            "<h1>T</h1><p>No declared body</p>",
            "no body: nothing on https://a.example/en/2026/11/20/a-story/ matches",
        ),
        (BODY, "no title"),
        ("", "no title"),
        ("<title> </title>" + BODY, "no title"),
        ("<h1>T</h1>" + "<div>" * 5_000 + BODY, "too deeply"),
        ("x" * 13_000_000, "not read"),
    ],
)
def test_a_page_that_cannot_be_read_says_why(html: str, reason: str) -> None:
    with pytest.raises(ExtractionError, match=reason):
        extract(html)


@pytest.mark.parametrize(
    "html",
    [
        f"<h1>{'long ' * 2_000}</h1>{BODY}",
        f"<meta property='og:title' content='{'long ' * 2_000}'>{BODY}",
        f"<h1>T</h1><div class=body>{'<p>A paragraph of a very long page.</p>' * 30_000}</div>",
        "<h1>T</h1><div class=body><p>a<p>b<b>c<i>d</b>e</i><table><div>f</div><tr><td>g</table><a>h<a>i</div>",
        f"<h1>T</h1><svg><p class=body>in a drawing</p></svg>{BODY}<noscript><div class=body>twice</div></noscript>",
        "<h1>T</h1><div class=body>one<!-- x -->two<script>three</script>four<pre>five\n   six</pre></div>",
        "<p>x</p><h1>T</h1><div class=body>&lt;script&gt;&amp;amp;\u00a0&#8203;é\u0623</div>",
        f"<h1>T</h1>{linked({'@type': 'Article', 'articleBody': 'a <b>b</b>   c', 'headline': 'X </script'})}",
    ],
)
def test_what_is_kept_of_a_page_reads_the_same_again(html: str) -> None:
    content = extract(html)
    assert len(content.raw) <= MAX_RAW_CHARS
    assert len(content.title) <= 1_000
    assert extract_again(SOURCE, Way.PAGE, URL, content.raw, now=NOW, extractor="v") == content


PIECES = "<p> <b> </b> <div> </div> <i> </i> <table> <td> </table> <a> <pre> a &lt; <br> <li> <svg> <!--x-->".split()


@settings(max_examples=150)
@given(st.lists(st.sampled_from([*PIECES, "\n", " "])))
def test_what_is_kept_of_any_markup_reads_the_same_again(pieces: list[str]) -> None:
    content = extract(f"<h1>T</h1><div class=body>text {' '.join(pieces)}")
    assert extract_again(SOURCE, Way.PAGE, URL, content.raw, now=NOW, extractor="v") == content


def test_the_text_behind_what_is_not_kept_stays() -> None:
    html = "<h1>T</h1><div class=body>one <!-- x -->two <script>no</script>three <style>no</style>four<svg></svg> five"
    assert extract(html).body_text == "one two three four five"


def test_what_is_kept_holds_no_scripts_styles_or_handlers_but_the_structure() -> None:
    html = (
        "<head><script src=x.js></script><style>p{}</style><meta name=a content=b></head><body onload=x()>"
        "<script>steal()</script><p style='color:red' srcset='a b' data-x=1>one</p><!-- secret -->"
        "<svg><path d=1 /></svg><p>two</p>"
    )
    kept = kept_html(html)
    for gone in ("steal", "x.js", "p{}", "onload", "srcset", "data-x", "secret", "path"):
        assert gone not in kept
    assert kept.count("<script>") == 2  # empty, so that selectors that count still count
    assert '<meta name="a" content="b">' in kept


# -- a listing's body


def entry(body_html: str, published: Stamp | None = None, title: str = "A title") -> Entry:
    return Entry(url=URL, key=url_key(URL), title=title, published=published, body_html=body_html)


def test_a_body_from_the_listing_keeps_what_the_listing_said() -> None:
    stamp = Stamp(at=NOW - timedelta(hours=2), precision=Precision.RELATIVE, provenance="text")
    listed = entry(
        "<p>One & <b>two</b></p><img src='/p.jpg'><p class=share>Share</p>",
        stamp,
        'A "title" </title> & <b>more</b>',
    )
    content = extract_inline(listed, SOURCE, now=NOW, extractor="v")
    assert (content.title, content.published) == (listed.title, stamp)
    assert content.body_text == "One & two"
    assert content.image_url == "https://a.example/p.jpg"
    assert content.language == "en"
    assert extract_again(SOURCE, Way.LISTING, URL, content.raw, now=NOW, extractor="v") == content


@pytest.mark.parametrize("body", ["", "<p> </p>", "<time class=day datetime='2026-01-01'></time>"])
def test_a_body_without_text_is_no_body(body: str) -> None:
    with pytest.raises(ExtractionError, match="holds no text"):
        extract_inline(entry(body), SOURCE, now=NOW, extractor="v")


def test_a_time_in_the_body_is_not_the_date_of_publication() -> None:
    listed = entry("<time class='day' datetime='2026-11-01'>1 November</time> the council met")
    assert extract_inline(listed, SOURCE, now=NOW, extractor="v").published is None


def test_nothing_kept_cannot_be_read_again() -> None:
    with pytest.raises(ExtractionError, match="nothing was kept"):
        extract_again(SOURCE, Way.PAGE, URL, "", now=NOW, extractor="v")


def test_the_extractors_version_moves_with_the_selectors_alone() -> None:
    other = replace(SOURCE, article=ArticleRules(body=(".other",)))
    assert extractor_version(SOURCE) == extractor_version(replace(SOURCE, name="b", url="https://b.example/"))
    assert extractor_version(SOURCE) != extractor_version(other)
