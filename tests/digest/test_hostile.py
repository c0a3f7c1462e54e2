"""Scraped text is text everywhere it is shown: the same payloads in every field, in every format, parsed again."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from lxml.etree import Comment
from markdown_it import MarkdownIt
from markdown_it.token import Token

from digest.content import digest_from, sealed, stored_form
from digest.formats import Format, render
from digest.markdown import escaped
from digest.model import Digest, DigestItem, Place
from digest.text import WIDTH, columns
from news.change import Change, ChangeKind
from news.redline import EditClass, Span
from storage.quiet import QuietSource
from storage.unread import UnreadSource, UnreadStretch

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "closing": "--></style></title></textarea><script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" x=\'y',
    "image": "<img src=x onerror=alert(1)>",
    "svg": "<svg/onload=alert(1)><math><mtext></p>",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#62; &amp;lt;",
    "template": "{{7*7}} {% for x in y %} {{ ''.__class__ }} ${7*7} {0.__class__} {# c #}",
    "markdown link": "[click](javascript:alert(1)) ![x](https://evil.example/x.png) [a]: https://evil.example",
    "markdown block": "# h1\n\n- list\n\n> quote\n\n```\ncode\n```\n\n---\n\n1. one\n\n    code\n\n| a |\n|---|\n===",
    "markdown inline": "*a* _b_ **c** __d__ `e` ~~f~~ ^g^ ==h== :smile: \\* \\\\[x](y) <https://evil.example> $x$",
    "autolink": "https://evil.example www.evil.example me@evil.example WWW.EVIL.EXAMPLE ftp://evil.example",
    "breakout": "](https://evil.example) [x",
    "footnote": "[^1]: note [^1] [[wiki]] <!-- comment --> <![CDATA[x]]> <?php ?>",
    "escape sequence": "\x1b[31mred\x1b]8;;https://evil.example\x07link\x9b2J\x07\x00\x08",
    "bidi": "\u202egnp.exe\u202c \u2066\u2067\u2068\u200f\u061c\u200b\ufeff abc",
    "lines": "a\r\nb\rc\x0bd\x0ce\u2028f\u2029g\x85h",
    "tags": "a\U000e0041\U000e007f b\ufff9c\u00ad",
    "arabic": "عنوان ) يبدأ ( هنا <b>عريض</b> \u202d",
    "redline": "[-gone-] {+come+} </ins></del><ins>",
    "number": "2026. A year) 1) + - = : #",
    "long": "x" * 10_000,
    "words": "word " * 3_000,
    "empty": "",
    "blank": " \t\n\u200b ",
}
OWN = {
    Format.TEXT: set("\u2066\u2067\u2068\u2069\u200e\u200f"), Format.MARKDOWN: set("\u200e\u200f"),
    Format.CSV: {"\r"},
}  # fmt: skip
"""What we set ourselves about text of two directions: it turns nothing round that is not ours. And CSV's line ends."""
URLS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "data:text/html,x",
    "vbscript:x", "file:///etc/passwd", "//evil.example", "https://a@evil.example/", "https://news.example\\@evil.example",
    'https://news.example/" onclick="x', "https://news.example/a)b(c[d]e<f>g h", "https://news.example/\u202e/x",
    "https://news.example/{{7*7}}", "mailto:a@b", "", "not an address",
]  # fmt: skip
ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "p", "time", "nav", "ul", "li",
    "a", "b", "bdi", "main", "section", "article", "span", "blockquote", "ins", "del", "strong", "footer",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "dir", "charset", "http-equiv", "content", "name", "datetime", "href", "rel", "id", "class", "aria-label",
    "aria-labelledby",
}  # fmt: skip
TOKENS = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close",
    "list_item_open", "list_item_close", "blockquote_open", "blockquote_close", "inline", "text", "hardbreak",
    "strong_open", "strong_close", "link_open", "link_close", "html_inline", "text_special", "softbreak",
}  # fmt: skip


def hostile(text: str, url: str = "https://news.example/a") -> Digest:
    """A digest with the text in every field that anything scraped or declared can reach."""

    def item(
        seq: int, kind: ChangeKind, edit: EditClass = EditClass.NONE, redline: tuple[Span, ...] = ()
    ) -> DigestItem:
        change = Change(
            seq=seq, kind=kind, at=NOW, source=text, article_id=1, url=url, title=text, revision=seq, edit_class=edit,
            published_at=NOW, published_precision="day", first_seen_at=NOW, language=text, summary=text, old_title=text,
        )  # fmt: skip
        return DigestItem(
            id=f"tag:news.example,2026-11-20:{seq}", article="tag:news.example,2026-11-20:a", change=change,
            place=Place(source=text, title=text), direction="rtl" if seq % 2 else "ltr", excerpt=text, redline=redline,
            also=(Place(source="a", title=text), Place(source=text, title="")),
        )  # fmt: skip

    redline = (
        Span("same", text), Span("removed", text), Span("added", f"{text} "), Span("same", f"\n{text}\n"),
        Span("added", f"{text}\n{text}\n"),
    )  # fmt: skip
    return sealed(
        Digest(
            number=1, subscription=text, after_seq=0, upto_seq=6, upto_run_id=0, composed_at=NOW,
            items=(
                item(1, ChangeKind.PUBLISHED), item(2, ChangeKind.LISTED),
                item(3, ChangeKind.EDITED, EditClass.SUBSTANTIVE, redline),
                item(4, ChangeKind.RETITLED, EditClass.MINOR, redline),
                item(5, ChangeKind.WITHDRAWN), item(6, ChangeKind.RESTORED),
            ),
            unread=(UnreadSource(source=text, title=text, language="", verdict=text, reason=text, since=None),),
            stretches=(
                UnreadStretch(source=text, title=text, language="", state="open", since=NOW, until=NOW),
                UnreadStretch(source=text, title="", language="", state="lost", since=NOW, until=NOW),
            ),
            quiet=(
                QuietSource(source=text, title=text, language="", since=NOW.date(), days=9, expected=8.5),
            ),
            hidden=((text, 2),),
            remaining=1,
        )
    )  # fmt: skip


def flat(tokens: list[Token]) -> list[Token]:
    return [each for token in tokens for each in (token, *flat(token.children or []))]


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_promise_10_no_payload_becomes_markup_in_html(text: str) -> None:
    page = render(hostile(text), Format.HTML)
    root = html.document_fromstring(page)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    assert {element.tag for element in elements} <= ELEMENTS
    assert {str(name) for element in elements for name in element.attrib} <= ATTRIBUTES
    assert {element.get("href", "").partition("://")[0] for element in elements if element.tag == "a"} <= {
        "https", "#new", "#edited", "#withdrawn", "#restored", "#unread",
    }  # fmt: skip
    assert not list(root.iter(Comment))
    benign = html.document_fromstring(render(hostile("Benign text"), Format.HTML))
    if text.strip(" \t\n\u200b") and "\n" not in text:
        assert len(elements) == sum(isinstance(element.tag, str) for element in benign.iter())


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("flavour", ["commonmark", "gfm-like"])
def test_promise_10_no_payload_becomes_markup_in_markdown(text: str, flavour: str) -> None:
    options = {"linkify": False} if flavour == "gfm-like" else {}
    tokens = flat(MarkdownIt(flavour, options).parse(render(hostile(text), Format.MARKDOWN)))
    assert {token.type for token in tokens} <= TOKENS
    tags = {token.content for token in tokens if token.type == "html_inline"}
    assert tags <= {"<ins>", "</ins>", "<del>", "</del>"}
    assert {token.attrs["href"] for token in tokens if token.type == "link_open"} == {
        "https://news.example/a"
    }
    assert [token.tag for token in tokens if token.type == "heading_open"].count("h1") == 1


@pytest.mark.parametrize(
    "text", ["autolink", "script", "entity", "template", "breakout", "markdown inline", "number"]
)
def test_a_payload_reads_in_markdown_as_it_was_written(text: str) -> None:
    payload = PAYLOADS[text]
    inline = MarkdownIt("commonmark").parse(escaped(payload))[1]
    assert "".join(token.content for token in inline.children or []) == payload
    assert not re.search(r"(?<!\\):/|(?i:www)\.|(?<!\\)@", escaped(payload)), (
        "some readers link bare addresses"
    )


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_promise_10_no_control_or_bidi_override_reaches_a_terminal_raw(text: str) -> None:
    digest = hostile(text)
    for kind in Format:
        rendered = render(digest, kind)
        allowed = {"\n"} | OWN.get(kind, set())
        strange = {c for c in rendered if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - allowed
        assert not strange, (kind, strange)
    for line in render(digest, Format.TEXT).splitlines():
        opened = sum(line.count(character) for character in "\u2066\u2067\u2068")
        assert opened == line.count("\u2069"), line


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_json_loses_nothing_of_any_payload(text: str) -> None:
    change = json.loads(render(hostile(text), Format.JSON))["changes"][0]
    assert (change["title"], change["source"], change["source_title"], change["summary"]) == (
        text,
        text,
        text,
        text,
    )


@pytest.mark.parametrize("kind", Format)
def test_template_syntax_stays_literal(kind: Format) -> None:
    rendered = render(hostile("{{7*7}}"), kind)
    assert "49" not in rendered.replace("-49", "")
    assert ("\\{\\{7\\*7\\}\\}" if kind is Format.MARKDOWN else "{{7*7}}") in rendered


@pytest.mark.parametrize("url", URLS)
def test_promise_10_only_web_addresses_become_links(url: str) -> None:
    page = html.document_fromstring(render(hostile("Title", url), Format.HTML))
    links = [a for a in page.iter("a") if not a.get("href", "").startswith("#")]
    assert all(re.fullmatch(r"https://news\.example/[!-~]*", a.get("href", "")) for a in links)
    assert all(a.get("rel") == "noopener noreferrer" for a in links)
    tokens = flat(MarkdownIt("commonmark").parse(render(hostile("Title", url), Format.MARKDOWN)))
    hrefs = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    assert all(href.startswith("https://news.example/") for href in hrefs)
    assert len(links) == len(hrefs)
    assert not re.search(
        r"(?m)^\s*(?!https?://)\w+:(?:alert|//|text)", render(hostile("Title", url), Format.TEXT)
    )


def test_an_encoded_script_stays_encoded_once() -> None:
    page = render(hostile("&lt;script&gt;"), Format.HTML)
    assert "&amp;lt;script&amp;gt;" in page
    assert html.document_fromstring(page).findtext(".//h4/a") == "&lt;script&gt;"


def test_the_page_allows_no_script_and_loads_nothing() -> None:
    page = html.document_fromstring(render(hostile("Title"), Format.HTML))
    policy = page.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'",
        str(policy),
    )
    assert not page.xpath(
        "//script | //link | //img | //iframe | //object | //form | //*[@src] | //*[@style]"
    )
    assert "url(" not in page.findtext(".//style", "")
    assert "@import" not in page.findtext(".//style", "")


def test_text_stays_within_its_columns() -> None:
    text = render(hostile("كلمة word 新聞 " * 60), Format.TEXT)
    assert max(columns(line) for line in text.splitlines()) <= WIDTH


@given(st.text(max_size=60))
def test_any_text_is_one_line_of_literal_text_in_markdown(text: str) -> None:
    from digest.wording import line

    shown = line(text)
    tokens = MarkdownIt("commonmark").parse(escaped(shown))
    assert [token.type for token in tokens] == (
        ["paragraph_open", "inline", "paragraph_close"] if shown else []
    )
    if shown:
        assert "".join(token.content for token in tokens[1].children or []) == shown


@given(st.text(max_size=40), st.sampled_from(list(Format)))
def test_any_digest_survives_storage_and_renders_the_same_bytes(text: str, kind: Format) -> None:
    digest = hostile(text)
    stored = stored_form(digest)
    back = digest_from(
        type(stored)(
            number=1, after_seq=0, upto_seq=6, composed_at=NOW, content=json.loads(json.dumps(stored.content)),
            hash=stored.hash,
        )
    )  # fmt: skip
    assert back == digest
    assert render(back, kind) == render(digest, kind)
