"""Parser differentials: what tidings asks for is read alike by every parser that it, or a library below it, has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import hyperlink
import pytest
import yarl
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.utils.httpobj import urlparse_cached
from twisted.web.client import URI
from w3lib.url import canonicalize_url, safe_url_string

from news.errors import UrlError
from news.urls import Endpoint, canonical_url, endpoint_of, fetchable_url, host_key

Read = Callable[[str], tuple[str, str, int]]

DEFAULTS = {"http": 80, "https": 443}


def _whole(scheme: str, host: str | None, port: int | None) -> tuple[str, str, int]:
    return scheme, (host or "").lower(), port or DEFAULTS[scheme]


def _urllib(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return _whole(parts.scheme, parts.hostname, parts.port)


def _scrapy(url: str) -> tuple[str, str, int]:
    parts = urlparse_cached(Request(url))
    return _whole(parts.scheme, parts.hostname, parts.port)


def _twisted(url: str) -> tuple[str, str, int]:
    uri = URI.fromBytes(Request(url).url.encode("ascii"))  # type: ignore[no-untyped-call]
    return _whole(uri.scheme.decode(), uri.host.decode(), uri.port)


def _hyperlink(url: str) -> tuple[str, str, int]:
    parsed = hyperlink.URL.from_text(url)
    return _whole(parsed.scheme, parsed.host, parsed.port)


def _yarl(url: str) -> tuple[str, str, int]:
    parsed = yarl.URL(url)
    return _whole(parsed.scheme, parsed.raw_host, parsed.port)


PARSERS: dict[str, Read] = {
    "urllib": _urllib,
    "w3lib": lambda url: _urllib(safe_url_string(url)),
    "w3lib canonical": lambda url: _urllib(canonicalize_url(url)),
    "scrapy": _scrapy,
    "twisted": _twisted,
    "hyperlink": _hyperlink,
    "yarl": _yarl,
}

REFUSED = [
    "http://10.0.0.1:8\\@public.example/",
    "http://public.example\\@10.0.0.1/",
    "http:\\\\10.0.0.1\\",
    "http://public.example\\.10.0.0.1/",
    "http://user@10.0.0.1/",
    "http://user:word@public.example/",
    "http://@10.0.0.1/",
    "http://public.example@10.0.0.1/",
    "http://public.example%40@10.0.0.1/",
    "http://public.example%40127.0.0.1/",
    "http://public.example%2f@127.0.0.1/",
    "http://127.0.0.1%09/",
    "http://127.0.0.1\t.public.example/",
    "http://pub\nlic.example/",
    "http://public.example\r\nHost: 10.0.0.1/",
    "http://public.example\x00.10.0.0.1/",
    "http://public.example\x7f/",
    "http://public.example\x85/",
    "http://%31%32%37.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.0.0.01/",
    "http://127.0.0.1.2/",
    "http://[::1/",
    "http://::1/",
    "http://[::1]public.example/",
    "http://[::1].public.example/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[v1.a]/",
    "http://[127.0.0.1]/",
    "http://[::ffff:999.0.0.1]/",
    "http://public.example:80:81/",
    "http://public.example:80a/",
    "http://public.example:-1/",
    "http://public.example:+80/",
    "http://public.example:0/",
    "http://public.example:65536/",
    "http://public.example:99999999999999999999/",
    "http://public.example:\u0661/",
    "http:///10.0.0.1/",
    "http:10.0.0.1",
    "http:/10.0.0.1/",
    "http://",
    "http://?@10.0.0.1/",
    "http://#@10.0.0.1/",
    "//10.0.0.1/",
    "10.0.0.1",
    "public.example:80",
    "file:///etc/passwd",
    "file://public.example/etc/passwd",
    "ftp://public.example/",
    "data:text/html,x",
    "javascript:alert(1)",
    "s3://bucket/key",
    "gopher://10.0.0.1:6379/_INFO",
    "dict://10.0.0.1/",
    "ldap://10.0.0.1/",
    "view-source:http://10.0.0.1/",
    "jar:http://10.0.0.1!/",
    "https+unix://socket/",
    "ws://public.example/",
    "http://a..b/",
    "http://.public.example/",
    "http://public.example../",
    "http://-/",
    "http://pub lic.example/",
    "http://public.example /",
    "http://public.example,10.0.0.1/",
    "http://public.example;10.0.0.1/",
    "http://{10.0.0.1}/",
    "http://a|b/",
    "http://a<b/",
    "http://a'b/",
    'http://a"b/',
    "http://a^b/",
    "http://a`b/",
    "http://a*b/",
    "http://$host/",
    "http://" + ".".join(["a" * 63] * 5) + "/",
]

READ_ALIKE = [
    "http://public.example/",
    "HTTP://PUBLIC.EXAMPLE/",
    "http://public.example./",
    "http://public.example:/",
    "http://public.example:080/",
    "http://public.example:8080/",
    "https://public.example:443",
    "http://public.example?@10.0.0.1/",
    "http://public.example#@10.0.0.1/",
    "http://public.example/@10.0.0.1",
    "http://public.example/\u2215@10.0.0.1",
    "http://public.example/..//10.0.0.1/",
    "http://public.example//10.0.0.1/",
    "http://public.example?x=http://10.0.0.1/",
    "http://public.example/#\u3002/",
    "http://public\u3002example/",
    "http://public\uff0eexample/",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://127\u30020.0.1/",
    "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/",
    "http://b\u00fccher.example/",
    "http://fa\u00df.example/",
    "http://xn--bcher-kva.example/",
    "http://a_b.example/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]:8080/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::FFFF:7F00:1]/",
    "http://[64:ff9b::10.0.0.1]/",
    " http://public.example/ ",
    "http://public.example/a b?c d#e f",
    "http://public.example/%00",
    "http://public.example/%0d%0aHost:%2010.0.0.1",
    "http://public.example/;x=1?y;z",
    "http://public.example/[::1]/",
    "http://public.example/\u202e",
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_parsers_could_disagree_about_is_refused(url: str) -> None:
    for read in (endpoint_of, fetchable_url, canonical_url, host_key):
        with pytest.raises(UrlError):
            read(url)


def _readings(url: str) -> Iterator[tuple[str, tuple[str, str, int]]]:
    for name, read in PARSERS.items():
        yield name, read(url)


@pytest.mark.parametrize("url", READ_ALIKE)
def test_what_is_asked_for_leads_to_one_place_for_every_parser(url: str) -> None:
    asked = fetchable_url(url)
    ours = endpoint_of(url)
    assert endpoint_of(asked) == ours
    assert dict(_readings(asked)) == dict.fromkeys(PARSERS, tuple(ours))


@given(
    st.lists(
        st.sampled_from("http https :// // / \\ @ : . ? # [ ] % %2f %40 ;x= &".split())
        | st.sampled_from(
            ["public.example", "10.0.0.1", "127.1", "::1", "a", "80", "0x7f", "\t", " ", "\u3002"]
        )
        | st.text(max_size=3),
        max_size=9,
    ).map("".join),
    st.sampled_from(["", "http://", "https://", "http://public.example", "http://[::1]"]),
)
def test_any_text_is_refused_or_leads_to_one_place_for_every_parser(text: str, start: str) -> None:
    try:
        asked = fetchable_url(start + text)
    except UrlError:
        return
    ours: Endpoint = endpoint_of(asked)
    assert dict(_readings(asked)) == dict.fromkeys(PARSERS, tuple(ours))
