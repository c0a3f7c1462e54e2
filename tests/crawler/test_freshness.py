"""How long an answer asks to be left alone, and whose validators are believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.freshness import MAX_WAIT, asked_wait, keeps_validators

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def http(seconds: int = 0) -> str:
    return (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")


def seconds(headers: dict[str, str], *, page_seconds: int = 0) -> float:
    wait = asked_wait(headers, page_seconds=page_seconds, now=NOW)
    return 0 if wait is None else (wait.until - NOW).total_seconds()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, 0, id="nothing is asked"),
        pytest.param({"cache-control": "max-age=600"}, 600, id="max-age"),
        pytest.param(
            {"cache-control": "public, MAX-AGE=600, must-revalidate"}, 600, id="among others, in any case"
        ),
        pytest.param({"cache-control": 'max-age="600"'}, 600, id="quoted"),
        pytest.param({"cache-control": "max-age = 600"}, 600, id="with spaces"),
        pytest.param(
            {"cache-control": "max-age=600", "age": "200"}, 400, id="less the age of a proxy's copy"
        ),
        pytest.param({"cache-control": "max-age=600", "age": "700"}, 0, id="older than it is fresh"),
        pytest.param({"cache-control": "max-age=600", "age": "-5"}, 600, id="an age that is none"),
        pytest.param({"cache-control": "max-age=0"}, 0, id="stale at once"),
        pytest.param({"cache-control": "max-age=600, max-age=60"}, 600, id="given twice: the first"),
        pytest.param({"cache-control": "no-cache, max-age=600"}, 0, id="no-cache"),
        pytest.param({"cache-control": "max-age=600, no-store"}, 0, id="no-store"),
        pytest.param({"cache-control": "max-age=soon", "expires": http(600)}, 0, id="invalid is stale"),
        pytest.param({"cache-control": "max-age=-1"}, 0, id="negative"),
        pytest.param({"cache-control": "s-maxage=600"}, 600, id="s-maxage alone"),
        pytest.param({"cache-control": "max-age=0, s-maxage=31536000"}, 0, id="s-maxage is for proxies"),
        pytest.param({"cache-control": "s-maxage=900, max-age=300"}, 300, id="max-age before s-maxage"),
        pytest.param({"cache-control": "stale-while-revalidate=600"}, 0, id="another directive"),
        pytest.param({"cache-control": "x-max-age=600"}, 0, id="another name with the same end"),
        pytest.param({"expires": http(900)}, 900, id="Expires"),
        pytest.param({"expires": http(900), "cache-control": "max-age=60"}, 60, id="max-age before Expires"),
        pytest.param({"expires": http(900), "date": http(600)}, 300, id="by the server's own clock"),
        pytest.param({"expires": http(90_000), "date": http(89_100)}, 900, id="a clock that is wrong"),
        pytest.param({"expires": "0"}, 0, id="Expires: 0"),
        pytest.param({"expires": "-1"}, 0, id="Expires: -1"),
        pytest.param({"expires": "tomorrow"}, 0, id="no date"),
        pytest.param({"expires": "Wed, 11 Jan 1984 05:00:00 GMT"}, 0, id="long past"),
        pytest.param({"cache-control": "max-age=31536000, immutable"}, 86_400, id="at most a day"),
        pytest.param({"cache-control": "max-age=" + "9" * 30}, 0, id="a number too long to be one"),
    ],
)
def test_the_headers_say_how_long(headers: dict[str, str], expected: int) -> None:
    assert seconds(headers) == expected


def test_the_longest_of_what_page_and_headers_ask_counts() -> None:
    assert seconds({"cache-control": "max-age=600"}, page_seconds=3_600) == 3_600
    assert seconds({"cache-control": "max-age=7200"}, page_seconds=3_600) == 7_200
    assert seconds({"cache-control": "no-cache"}, page_seconds=3_600) == 3_600
    assert seconds({}, page_seconds=10**9) == 86_400


@pytest.mark.parametrize(
    ("headers", "page_seconds", "reason"),
    [
        ({"cache-control": "max-age=600"}, 0, "the server asks for 600 s (Cache-Control)"),
        ({"expires": http(600)}, 0, "the server asks for 600 s (Expires)"),
        ({}, 1800, "the feed itself asks for 1800 s (ttl)"),
        (
            {"cache-control": "max-age=999999"},
            0,
            "the server asks for 999999 s (Cache-Control), of which a day is believed",
        ),
    ],
)
def test_the_reason_says_who_asks_for_what(headers: dict[str, str], page_seconds: int, reason: str) -> None:
    wait = asked_wait(headers, page_seconds=page_seconds, now=NOW)
    assert wait is not None
    assert wait.reason == reason


@given(
    st.text(max_size=300), st.text(max_size=100), st.text(max_size=100), st.text(max_size=20), st.integers()
)
def test_whatever_a_header_holds_the_wait_is_between_nothing_and_a_day(
    cache_control: str, expires: str, date: str, age: str, page_seconds: int
) -> None:
    headers = {"cache-control": cache_control, "expires": expires, "date": date, "age": age}
    wait = asked_wait(headers, page_seconds=page_seconds, now=NOW)
    assert wait is None or NOW < wait.until <= NOW + MAX_WAIT


@pytest.mark.parametrize(
    ("headers", "believed"),
    [
        ({}, True),
        ({"expires": "0"}, False),
        ({"expires": " 0 "}, False),
        ({"expires": "-1"}, True),
        ({"expires": "Thu, 19 Nov 1981 08:52:00 GMT", "cache-control": "no-store, no-cache"}, True),
    ],
)
def test_only_an_expires_of_0_makes_validators_unbelievable(headers: dict[str, str], believed: bool) -> None:
    assert keeps_validators(headers) is believed
