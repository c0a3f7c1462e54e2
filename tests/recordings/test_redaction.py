"""What is taken out of a recording."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.recordings.redaction import Redactor, credentials_in

PASSWORD = 'päss "wörd" & <more>/+'


@pytest.mark.parametrize(
    "spelled",
    [
        PASSWORD.encode(),
        PASSWORD.encode("latin-1"),
        PASSWORD.encode("utf-16-le"),
        html.escape(PASSWORD).encode(),
        json.dumps(PASSWORD).encode()[1:-1],
        json.dumps(PASSWORD, ensure_ascii=False).encode()[1:-1],
        quote(PASSWORD).encode(),
        quote(PASSWORD, safe="").lower().encode(),
        quote_plus(PASSWORD).encode(),
        base64.b64encode(PASSWORD.encode()),
    ],
)
def test_a_secret_is_found_however_a_page_spells_it(spelled: bytes) -> None:
    assert Redactor([PASSWORD]).data(b"<p>" + spelled + b"</p>") == b"<p>[secret]</p>"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_both_alphabets_of_base64_are_known(encode: Callable[[bytes], bytes]) -> None:
    assert encode(b"???>>>") in {b"Pz8/Pj4+", b"Pz8_Pj4-"}
    assert Redactor(["???>>>"]).data(encode(b"???>>>")) == b"[secret]"


def test_a_longer_secret_goes_before_one_that_it_begins_with() -> None:
    assert Redactor(["token", "token-2"]).text("token-2 and token") == "[secret] and [secret]"


def test_nothing_known_changes_nothing() -> None:
    assert Redactor(["", ""]).data(b"\xff plain \x00") == b"\xff plain \x00"


@given(secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=8), around=st.binary(max_size=20))
def test_no_secret_is_left(secret: str, around: bytes) -> None:
    left = Redactor([secret]).data(around + secret.encode() + around)
    assert secret.encode() not in left.replace(b"[secret]", b"\x00")


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://port.example/a?key=s3cr3t-key&x=1", "https://port.example/a?key=[secret]&x=1"),
        ("https://me:word@port.example:8080/a#part", "https://port.example:8080/a"),
        ("https://s3cr3t-key.port.example/s3cr3t-key/", "https://secret.port.example/[secret]/"),
        ("https://[::1]:80/", "https://[::1]:80/"),
        ("https://port.example", "https://port.example"),
    ],
)
def test_urls_lose_secrets_user_information_and_fragment(url: str, public: str) -> None:
    assert Redactor(["s3cr3t-key"]).url(url) == public


def test_headers_with_credentials_are_dropped_and_others_cleaned() -> None:
    headers = (("Cookie", "a"), ("SET-COOKIE", "b"), ("Authorization", "c"), ("proxy-authorization", "d"))
    kept = (("X-Api", "e"), ("Location", "/?k=s3cr3t-key"))
    cleaned = Redactor(["s3cr3t-key"]).headers(headers + kept, ["x-api"])
    assert cleaned == (("Location", "/?k=[secret]"),)


def test_credentials_that_travel_with_a_request_are_known_too() -> None:
    found = credentials_in(
        "https://reader:url-password@port.example/",
        (
            ("Authorization", "Basic " + base64.b64encode(b"me:basic-password").decode()),
            ("Proxy-Authorization", "Bearer bearer-token"),
            ("Cookie", "lang=fr; session=0123456789abcdef"),
            ("Set-Cookie", "id=fedcba9876543210; Path=/a-very-long-path-here"),
            ("X-Api", "api-token"),
        ),
        ["X-API"],
    )
    expected = {"reader:url-password", "url-password", "me:basic-password", "basic-password", "bearer-token"}
    expected |= {
        base64.b64encode(b"me:basic-password").decode(),
        "0123456789abcdef",
        "fedcba9876543210",
        "api-token",
    }
    assert found == expected


@pytest.mark.parametrize("value", ["Basic", "Basic !!!", "", "Digest username=x"])
def test_an_odd_authorization_header_cuts_no_words_out_of_a_page(value: str) -> None:
    found = credentials_in("https://port.example/", (("Authorization", value),))
    page = "Basic facts: the digest of the port comes out on Mondays."
    assert Redactor(found).text(page) == page
