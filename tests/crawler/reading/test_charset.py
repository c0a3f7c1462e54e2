"""Pages whose bytes and labels disagree."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from crawler.charset import decode, page_text

FRENCH = "<p>L’été à Fès, « naïveté »</p>"
ARABIC = "<p>أخبار الميناء اليوم</p>"


def meta(charset: str, text: str) -> str:
    return f'<meta charset="{charset}">{text}'


@pytest.mark.parametrize(
    ("text", "codec", "header"),
    [
        (FRENCH, "utf-8", "text/html; charset=ISO-8859-1"),
        (FRENCH, "utf-8", "text/html; charset=windows-1252"),
        (ARABIC, "utf-8", "text/html; charset=windows-1256"),
        (meta("iso-8859-1", ARABIC), "utf-8", "text/html"),
        (FRENCH, "utf-8", "text/html"),
        (FRENCH, "utf-8", "text/html; charset=nonsense"),
        (FRENCH, "cp1252", "text/html; charset=ISO-8859-1"),
        (meta("windows-1252", FRENCH), "cp1252", "text/html; charset=utf-8"),
        (meta("windows-1256", ARABIC), "cp1256", "text/html; charset=utf-8"),
        (meta("windows-1256", ARABIC), "cp1256", "text/html"),
        ("<p>新聞社は今日</p>", "shift_jis", "text/html; charset=Shift_JIS"),
        ("<p>新聞社</p>", "utf-16", "text/html"),
        ("<p>plain</p>", "ascii", "text/html; charset=utf-7"),
    ],
)
def test_the_text_is_read_as_it_was_meant(text: str, codec: str, header: str) -> None:
    response = HtmlResponse("https://a.example/", body=text.encode(codec), headers={"Content-Type": header})
    assert page_text(response).lstrip("\ufeff") == text


def test_a_page_cut_off_inside_a_letter_is_still_utf8() -> None:
    body = ("é" * 50).encode()[:-1]
    assert decode(body, "latin-1", body.decode("latin-1")) == "é" * 49


def test_bytes_that_are_no_text_at_all_keep_the_frameworks_reading() -> None:
    body = bytes(range(256))
    assert decode(body, "utf-8", "as it was") == "as it was"
    assert decode(body, None, "as it was") == "as it was"
    assert decode(b"", None, "") == ""
