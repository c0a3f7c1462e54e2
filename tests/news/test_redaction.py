"""What a log may hold: tables of what goes and what stays, and laws over whatever comes."""

from __future__ import annotations

import time
import unicodedata
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.redaction import GONE, one_line, redacted

CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://a.example/news", "https://a.example/news"),
        ("https://a.example/?page=2", "https://a.example/?page=***"),
        ("https://a.example/?page=2&k=v&flag#part", "https://a.example/?page=***&k=***&***#***"),
        ("https://me:word@a.example:8443/n", "https://***@a.example:8443/n"),
        ("https://me@a.example/", "https://***@a.example/"),
        ("https://a.example/@me/post", "https://a.example/@me/post"),
        ("HTTPS://me:p@ss@a.example/?q=a@b", "HTTPS://***@a.example/?q=***"),
        ("postgresql+psycopg://tidings:pw@db/news", "postgresql+psycopg://***@db/news"),
        ("smtp://u:p@mail.example", "smtp://***@mail.example"),
        ("slack://TokenA/TokenB/TokenC", "slack://***"),
        ("tgram://123:abc/-100/?format=html", "tgram://***"),
        ("//me:word@a.example/x", "//***@a.example/x"),
        ("GET '/feeds?token=abc&x=1' failed", "GET '/feeds?token=***&x=***' failed"),
        ("(https://a.example/?a=1)", "(https://a.example/?a=***"),
        ("Authorization: Basic bWU6d29yZA==", "Authorization: ***"),
        ("{b'Cookie': [b'a=b; c=d'], b'Accept': [b'x']}", "{b'Cookie': [b'***'], b'Accept': [b'x']}"),
        ('{"Set-Cookie": "sid=1"}', '{"Set-Cookie": "***"}'),
        ("sent Bearer abcdefgh to it", "sent Bearer *** to it"),
        ("password='hunter2', user='me'", "password='***', user='me'"),
        ("api_key=abc", "api_key=***"),
        ("X-Auth-Token: abc", "X-Auth-Token: ***"),
        ("tdt_abc-DEF_1 and whsec_QUJD/+=", "tdt_*** and whsec_***"),
        ("the token is none of this server's", "the token is none of this server's"),
        ("basic rules for bearers", "basic rules for bearers"),
        (
            "site: ok, nothing new, next at 2026-11-22T08:15:30Z",
            "site: ok, nothing new, next at 2026-11-22T08:15:30Z",
        ),
        ("is it still running? a=b", "is it still running? a=b"),
    ],
)
def test_what_goes_and_what_stays(written: str, kept: str) -> None:
    assert redacted(written) == kept


@pytest.mark.parametrize("secret", ["hunter-2026", "a b/c?d&e", "pässwörd", "quo'te\\d", "100%sure"])
def test_a_known_secret_goes_however_an_address_spells_it(secret: str) -> None:
    forms = [secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1]]
    for form in forms:
        written = redacted(f"it said: <{form}> and {urlencode({'k': secret})}", {secret})
        assert written == f"it said: <{GONE}> and k={GONE}", form


def test_a_short_word_is_no_secret_that_could_be_looked_for() -> None:
    assert redacted("an ant", {"an"}) == "an ant"


@given(st.text(max_size=40), st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_no_value_of_a_query_is_left_wherever_it_stands(before: str, value: str) -> None:
    address = f"https://a.example/news?{urlencode({'q': CANARY + value})}"
    assert CANARY not in redacted(f"{before} {address}")


@given(st.text(max_size=200))
def test_one_record_is_one_line_that_no_terminal_obeys(text: str) -> None:
    written = one_line(text)
    assert written.splitlines() in ([written], [])
    assert not any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in written)
    assert not set(written) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
    assert one_line(written) == written


@pytest.mark.parametrize(
    "hostile",
    ["a://" * 50_000, "?" + "a=" * 100_000, "//" + "a" * 200_000 + ":", "token" * 40_000, "cookie:" * 30_000,
     "-" * 100_000 + "token", "bearer " * 30_000, "://" * 70_000, "tdt_" * 50_000, "[(b'" * 50_000],
    ids=range(10),
)  # fmt: skip
def test_no_text_takes_long(hostile: str) -> None:
    begun = time.process_time()
    one_line(redacted(hostile, {"a secret"}))
    assert time.process_time() - begun < 2
