"""Dates in any language, in the order and calendar of the page."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.dating import Order, date_in_address, date_order, may_be_date, read_date
from crawler.tongues import solar_hijri_date
from news.dates import Precision
from news.source import Source

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text", "day", "precision"),
    [
        ("es", "5 de marzo de 2024", "2024-03-05", "day"),
        ("es", "hace 3 días", "2026-11-21", "relative"),
        ("es", "ayer", "2026-11-23", "relative"),
        ("es", "13 nov", "2026-11-13", "relative"),
        ("pt", "há 2 horas", "2026-11-24", "relative"),
        ("de", "5. März 2024", "2024-03-05", "day"),
        ("de", "vor 3 Stunden", "2026-11-24", "relative"),
        ("it", "5 marzo 2024", "2024-03-05", "day"),
        ("nl", "5 maart 2024", "2024-03-05", "day"),
        ("ru", "5 марта 2024, 14:30", "2024-03-05", "minute"),
        ("uk", "5 березня 2024 р.", "2024-03-05", "day"),
        ("tr", "5 Mart 2024 Salı", "2024-03-05", "day"),
        ("tr", "2 saat önce", "2026-11-24", "relative"),
        ("pl", "5 marca 2024", "2024-03-05", "day"),
        ("el", "5 Μαρτίου 2024", "2024-03-05", "day"),
        ("he", "5 במרץ 2024", "2024-03-05", "day"),
        ("ur", "5 مارچ 2024", "2024-03-05", "day"),
        ("hi", "5 मार्च 2024", "2024-03-05", "day"),
        ("id", "2 jam yang lalu", "2026-11-24", "relative"),
        ("vi", "5 tháng 3, 2024", "2024-03-05", "day"),
        ("zh", "2024年3月5日", "2024-03-05", "day"),
        ("zh", "3天前", "2026-11-21", "relative"),
        ("ja", "令和6年3月5日", "2024-03-05", "day"),
        ("ja", "令和元年5月1日", "2019-05-01", "day"),
        ("ko", "2024년 3월 5일", "2024-03-05", "day"),
        ("ko", "3시간 전", "2026-11-24", "relative"),
        ("fa", "۲۵ خرداد ۱۴۰۳", "2024-06-14", "day"),
        ("fa", "1403/05/12", "2024-08-02", "day"),
        ("fa", "۳ ساعت پیش", "2026-11-24", "relative"),
        ("en", "Nov 18 '24", "2024-11-18", "day"),
        ("de", "Oktober 2024", "2024-10-01", "month"),
        ("es", "octubre de 2024", "2024-10-01", "month"),
        ("hu", "2024. október", "2024-10-01", "month"),
        ("ja", "2024年10月", "2024-10-01", "month"),
    ],
)
def test_a_date_is_read_in_the_words_of_its_language(
    language: str, text: str, day: str, precision: str
) -> None:
    stamp = read_date(text, Source(name="a", url="", language=language), now=NOW, provenance="text")
    assert stamp is not None
    assert (str(stamp.at.date()), stamp.precision) == (day, Precision(precision))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "12 comentarios"),
        ("pt", "3 minutos de leitura"),
        ("de", "31. Februar 2024"),
        ("zh", "第3期"),
        ("ru", "5 марта 3024"),
        ("fa", "1403/13/40"),
        ("", "5 marzo 2024"),
        ("en", ""),
    ],
)
def test_what_is_no_date_gives_none(language: str, text: str) -> None:
    assert read_date(text, Source(name="a", url="", language=language), now=NOW, provenance="text") is None


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/05/2026", "28/04/2026"], Order.DAY_FIRST),
        (["05/03/2026", "04/28/2026"], Order.MONTH_FIRST),
        (["02/03/2026", "01/03/2026", "12/02/2026"], Order.DAY_FIRST),
        (["11/03/2026", "11/02/2026", "10/11/2026"], Order.MONTH_FIRST),
        (["26/11/18", "26/10/30", "25/12/01"], Order.YEAR_FIRST),
        (["03/05/2026"], None),
        (["13/05/2026", "05/13/2026"], None),
        ([], None),
    ],
)
def test_a_whole_list_tells_the_order_of_its_dates(texts: list[str], order: Order | None) -> None:
    assert date_order(texts, now=NOW) == order


def test_a_year_that_leads_in_two_digits_is_read_as_the_list_says() -> None:
    source = Source(name="a", url="", language="fr")
    stamp = read_date("26/11/18", source, now=NOW, provenance="text", order=Order.YEAR_FIRST)
    assert stamp is not None
    assert stamp.at.date() == date(2026, 11, 18)


def test_the_calendar_of_iran_counts_its_leap_years() -> None:
    assert solar_hijri_date(1404, 1, 1) == date(2025, 3, 21)
    assert solar_hijri_date(1403, 12, 30) == date(2025, 3, 20)
    assert solar_hijri_date(1404, 12, 30) is None
    assert solar_hijri_date(1348, 10, 11) is None


def test_a_day_before_a_slug_is_a_day() -> None:
    stamp = date_in_address("https://a.example/news/2024-11-18-rain-at-last.html", now=NOW)
    assert stamp is not None
    assert stamp.at.date() == date(2024, 11, 18)


@pytest.mark.parametrize("text", ["12 comments", "Page 3 of 12", "Top 10", "Windows 11", "Covid-19", "24/7"])
def test_a_number_is_no_date(text: str) -> None:
    assert not may_be_date(text)
