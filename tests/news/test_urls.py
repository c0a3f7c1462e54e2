"""One identity for every spelling of an address, and no address that is unsafe to ask for or to print."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.errors import UrlError
from news.url_shape import date_in_url, url_shape
from news.urls import canonical_url, fetchable_url, host_key, link_url, shown_url, url_key

ARTICLE = "https://icesco.org/en/2023/11/19/a-statement-of-the-day"
CATEGORY = "https://icesco.org/ar/category/%D8%A7%D9%84%D9%85%D8%B3%D8%AA%D8%AC%D8%AF%D8%A7%D8%AA"

SPELLINGS = [
    (ARTICLE, ARTICLE),
    ("http://icesco.org/en/2023/11/19/a-statement-of-the-day", ARTICLE),
    ("https://www.icesco.org/en/2023/11/19/a-statement-of-the-day/", ARTICLE),
    ("HTTPS://WWW.ICESCO.ORG/en/2023/11/19/a-statement-of-the-day", ARTICLE),
    (f"  {ARTICLE}/#respond\n", ARTICLE),
    (f"{ARTICLE}?utm_source=x&utm_medium=y&fbclid=1&mc_eid=2&_ga=3", ARTICLE),
    (f"{ARTICLE}?UTM_Source=x&", ARTICLE),
    ("https://icesco.org:443/en/2023/11/19/a-statement-of-the-day", ARTICLE),
    ("http://icesco.org:80/en/2023/11/19/a-statement-of-the-day", ARTICLE),
    ("https://icesco.org./en/2023/11/19/a-statement-of-the-day", ARTICLE),
    ("https://icesco.org//en/./2023/x/../11/19/a%2Dstatement-of-the-day", ARTICLE),
    ("https://icesco.org/en/2023/%2e%2e/2023/11/19/a-statement-of-the-day", ARTICLE),
    (CATEGORY, CATEGORY),
    (CATEGORY.replace("%D", "%d").replace("%8A", "%8a"), CATEGORY),
    ("https://icesco.org/ar/category/المستجدات/", CATEGORY),
    ("https://icesco.org", "https://icesco.org/"),
    ("https://icesco.org/", "https://icesco.org/"),
    ("https://icesco.org/?", "https://icesco.org/"),
    ("https://icesco.org:8443/a", "https://icesco.org:8443/a"),
    ("http://icesco.org:443/a", "https://icesco.org/a"),
    ("https://oic-oci.org/topic/?t_id=3&t_ref=2&lan=en", "https://oic-oci.org/topic?lan=en&t_id=3&t_ref=2"),
    ("https://oic-oci.org/topic/?lan=en&t_ref=2&t_id=3", "https://oic-oci.org/topic?lan=en&t_id=3&t_ref=2"),
    ("https://a.org/?q=a+b&c=%26%2B", "https://a.org/?c=%26%2B&q=a+b"),
    ("https://a.org/?q=a%20b&c=%26%2b", "https://a.org/?c=%26%2B&q=a+b"),
    ("https://münchen.example/a", "https://xn--mnchen-3ya.example/a"),
    ("https://XN--mnchen-3ya.example/a", "https://xn--mnchen-3ya.example/a"),
    ("https://faß.example/", "https://xn--fa-hia.example/"),
    ("https://a.org/re\u0301sume\u0301", "https://a.org/r%C3%A9sum%C3%A9"),
    ("https://a.org/r%C3%A9sum%c3%a9", "https://a.org/r%C3%A9sum%C3%A9"),
    ("https://a.org/100%", "https://a.org/100%25"),
    ("https://a.org/%E9t%e9", "https://a.org/%E9t%E9"),
    ("https://www.org/", "https://www.org/"),
    ("http://[::1]:8000/a", "https://[::1]:8000/a"),
]

REFUSED = [
    "", " ", "javascript:alert(1)", "JavaScript://a.org/%0aalert(1)", "ftp://a.org/", "file:///etc/passwd",
    "data:text/html,x", "mailto:a@a.org", "//a.org/x", "/en/x", "icesco.org/en", "http:///x", "https://", "http://user@a.org/",
    "http://user:word@a.org/", "http://INTERNAL:8\\@PUBLIC/", "http://a.org\\x", "http://a.org/a\nb", "http://a.org/\x00",
    "http://a.org/\x85", "http://a.org:0/", "http://a.org:65536/", "http://a.org:8a/", "http://a.org:٨٠/", "http://a.org:-1/",
    "http://a..org/", "http://-a.org/", "http://a b.org/", "http://a%2eorg/", "http://0x7f.1/", "http://2130706433/",
    "http://127.1/", "http://١٢٧.1/", "http://[::1/", "http://[zz]/", "http://a.org/\ud800",
    "https://a.org/" + "x" * 8000,
    "http://" + "a" * 64 + ".org/",
]  # fmt: skip


@pytest.mark.parametrize(("spelling", "identity"), SPELLINGS)
def test_every_spelling_is_one_identity(spelling: str, identity: str) -> None:
    assert canonical_url(spelling) == identity
    assert url_key(spelling) == url_key(identity)
    assert len(url_key(spelling)) == 32


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.org/topic/?t_id=1", "https://a.org/topic/?t_id=2"),
        ("https://a.org/a%2Fb", "https://a.org/a/b"),
        ("https://a.org/A", "https://a.org/a"),
        ("https://a.org/?a=1%262", "https://a.org/?a=1&2"),
        ("https://a.org/slug-15", "https://a.org/slug-16"),
        ("https://iwh.icesco.org/", "https://icesco.org/"),
        ("https://a.org:8080/", "https://a.org/"),
        ("https://a.org/?p=1", "https://a.org/"),
        ("https://a.org/?ref=1", "https://a.org/?ref=2"),
        ("https://a.org/a%3Fb", "https://a.org/a?b"),
    ],
)
def test_different_pages_stay_different(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_safe_web_address_is_refused_everywhere(url: str) -> None:
    for read in (canonical_url, fetchable_url, link_url, host_key, url_key, url_shape):
        with pytest.raises(UrlError):
            read(url)


def test_a_refusal_never_prints_the_user_info() -> None:
    with pytest.raises(UrlError) as raised:
        canonical_url("https://somebody:their-word@a.org/")
    assert "their-word" not in str(raised.value)


def test_a_relative_link_is_resolved_against_its_page() -> None:
    page = "https://www.icesco.org/en/category/news/page/2/"
    assert canonical_url("../../../2023/11/19/a/", page) == "https://icesco.org/en/category/2023/11/19/a"
    assert fetchable_url("?x=1#y", page) == f"{page}?x=1"
    assert fetchable_url("//other.org/a/", page) == "https://other.org/a/"
    with pytest.raises(UrlError):
        fetchable_url("javascript:void(0)", page)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://www.Icesco.org/a/?z=1&a=2#x", "http://www.icesco.org/a/?z=1&a=2"),
        ("https://icesco.org/ar/المستجدات/%d8", "https://icesco.org/ar/%D8%A7%D9%84%D9%85%D8%B3%D8%AA%D8%AC%D8%AF%D8%A7%D8%AA/%d8"),
        ("https://a.org", "https://a.org/"),
        ("https://a.org:443/a b", "https://a.org/a%20b"),
        ("https://a.org/a/../b/./", "https://a.org/b/"),
        ("https://a.org/../../b", "https://a.org/b"),
        ("https://a.org/100%", "https://a.org/100%25"),
        ("https://a.org/?utm_source=x", "https://a.org/?utm_source=x"),
    ],
)  # fmt: skip
def test_what_is_asked_for_keeps_the_spelling_of_the_site(url: str, asked: str) -> None:
    assert fetchable_url(url) == asked


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.icesco.org/a", "icesco.org"),
        ("http://ICESCO.org:80", "icesco.org"),
        ("https://icesco.org:80/", "icesco.org:80"),
        ("http://iwh.icesco.org:8080/", "iwh.icesco.org:8080"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
    ],
)
def test_politeness_is_kept_for_one_host_however_it_is_spelled(url: str, host: str) -> None:
    assert host_key(url) == host


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://icesco.org/en/2023/11/19/a", date(2023, 11, 19)),
        ("https://icesco.org/en/2023/1/9/a/", date(2023, 1, 9)),
        ("https://a.org/2023-11-19/a", date(2023, 11, 19)),
        ("https://a.org/2023/11/", None),
        ("https://a.org/2023/02/30/a", None),
        ("https://a.org/2023/13/01/a", None),
        ("https://a.org/123/11/19/a", None),
        ("https://a.org/?d=/2023/11/19/", None),
        ("https://a.org/12023/11/19", None),
    ],
)
def test_a_permalink_names_a_day_or_none(url: str, day: date | None) -> None:
    assert date_in_url(url) == day


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        ("https://icesco.org/fr/2023/11/16/la-3eme-edition/", "icesco.org/fr/{y}/{m}/{d}/{slug}"),
        ("https://icesco.org/en/2023/11/16/statement", "icesco.org/en/{y}/{m}/{d}/{slug}"),
        (f"{CATEGORY}/page/12", "icesco.org/ar/category/{slug}/page/{n}"),
        ("https://a.org/news/1234.html", "a.org/news/{n}.html"),
        ("https://a.org/news/a-slug.php", "a.org/news/{slug}.php"),
        ("https://icesco.org/765l", "icesco.org/{slug}"),
        ("https://a.org/login?next=/x/y", "a.org/login?next={slug}"),
    ],
)
def test_the_shape_of_an_address_keeps_its_words_only(url: str, shape: str) -> None:
    assert url_shape(url) == shape


PIECES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\\"), max_size=12
)
ESCAPES = st.integers(0, 255).map(lambda byte: f"%{byte:02x}")
PATHS = st.lists(
    PIECES | ESCAPES | st.sampled_from(["/", "..", ".", "%2F", "?", "#", "&", "=", "+", "%", "utm_id=1"])
).map("".join)
HOSTS = st.sampled_from(
    ["icesco.org", "www.icesco.org", "WWW.www.icesco.org:443", "münchen.example:80", "faß.example", "[::1]"]
)


@given(scheme=st.sampled_from(["http", "HTTPS"]), host=HOSTS, path=PATHS)
def test_the_canonical_spelling_is_its_own(scheme: str, host: str, path: str) -> None:
    canonical = canonical_url(f"{scheme}://{host}/{path}")
    assert canonical_url(canonical) == canonical
    assert canonical.isascii()
    assert canonical.startswith("https://")


@given(host=HOSTS, path=PATHS)
def test_what_is_asked_for_has_the_identity_of_its_link(host: str, path: str) -> None:
    url = f"http://{host}/{path}"
    asked = fetchable_url(url)
    assert fetchable_url(asked) == asked
    assert asked.isascii()
    assert canonical_url(asked) == canonical_url(url)


@given(host=HOSTS, path=PATHS)
def test_a_printed_link_cannot_leave_its_place(host: str, path: str) -> None:
    printed = link_url(f"http://{host}/{path}")
    assert printed.isascii()
    rest = printed.removeprefix("http://").partition("/")[2]
    assert not set("\"'<>()[]`\\ \n\r\t") & set(rest)


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for read in (canonical_url, fetchable_url, link_url, host_key):
        with suppress(UrlError):
            assert read(text).isascii()
    date_in_url(text)


@given(
    st.sampled_from(["?", "?a=1", "?a=1&utm_source=x", "?fbclid=1", "?b=2&a=1"]),
    st.sampled_from(["", "#top"]),
)
def test_the_shown_address_is_another_spelling_of_the_same_identity(query: str, fragment: str) -> None:
    url = f"http://www.icesco.org/en/a-slug/{query}{fragment}"
    shown = shown_url(url)
    assert url_key(shown) == url_key(url)
    assert shown_url(shown) == shown
    assert "utm_" not in shown
    assert shown.startswith("http://www.icesco.org/en/a-slug/")
