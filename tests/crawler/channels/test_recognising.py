"""What an answer is, told by how it begins, whatever its label says."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response

from crawler.channels.recognising import HEAD_BYTES, recognised
from news.source import Channel

URL = "https://harbour.example/news"
POSTS = "https://harbour.example/wp-json/wp/v2/posts?per_page=20"
RSS = '<rss version="2.0"><channel><title>Harbour</title></channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"/>'
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'
XML = '<?xml version="1.0" encoding="UTF-8"?>'


def came(body: str | bytes, url: str = URL, kind: str = "text/html") -> Response:
    return Response(
        url, body=body.encode() if isinstance(body, str) else body, headers={"Content-Type": kind}
    )


@pytest.mark.parametrize(
    ("body", "channel"),
    [
        (RSS, Channel.FEED),
        (f"{XML}\n{ATOM}", Channel.FEED),
        (f'{XML}<atom:feed xmlns:atom="http://www.w3.org/2005/Atom"/>', Channel.FEED),
        (
            f'{XML}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
            Channel.FEED,
        ),
        (RSS.encode("utf-16"), Channel.FEED),
        (RSS.encode("utf-16-be"), Channel.FEED),
        (f"\ufeff  {XML}{RSS}", Channel.FEED),
        (f"{XML}<!DOCTYPE rss [<!ENTITY nbsp '&#160;'>]>{RSS}", Channel.FEED),
        (f'{XML}<!DOCTYPE rss SYSTEM "rss-0.91.dtd" [<!-- ] > -->]>{RSS}', Channel.FEED),
        (f"{XML}<!--{'a licence ' * 2_000}-->{RSS}", Channel.FEED),
        (f'{XML}<?xml-stylesheet href="/a.xsl" type="text/xsl"?>{RSS}', Channel.FEED),
        (f"Warning: date() in /srv/feed.php\n{XML}{RSS}", Channel.FEED),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', Channel.FEED),
        (r'{"title": "Harbour", "version": "https:\/\/jsonfeed.org\/version\/1"}', Channel.FEED),
        (f"{XML}{SITEMAP}", Channel.SITEMAP),
        (f"{XML}<sitemapindex><sitemap/></sitemapindex>", Channel.SITEMAP),
        (gzip.compress(SITEMAP.encode(), mtime=0), Channel.SITEMAP),
        (gzip.compress(RSS.encode(), mtime=0), None),
        (gzip.compress(SITEMAP.encode(), mtime=0)[:12], None),
        ("<!doctype html><html><body><rss></rss></body></html>", None),
        ("<!-- <rss> --><html></html>", None),
        (f"{XML}<html xmlns='http://www.w3.org/1999/xhtml'/>", None),
        ("<p>https://jsonfeed.org/version/1.1</p>", None),
        ('{"version": 1, "text": "see https://jsonfeed.org/version/1.1"}', None),
        ('[{"id": 1}]', None),
        ("<feeder/>", None),
        ("", None),
        (b"%PDF-1.7 \x00\x01", None),
    ],
)
def test_a_document_is_told_by_its_root(body: str | bytes, channel: Channel | None) -> None:
    assert recognised(came(body)) is channel


def test_posts_are_told_by_their_address() -> None:
    assert recognised(came('[{"id": 1}]', POSTS)) is Channel.WORDPRESS
    assert recognised(came("<p>Closed</p>", POSTS)) is None


@given(st.binary(max_size=300) | st.text(alphabet="<>!?-[]'\"ars :", max_size=300))
def test_whatever_comes_is_a_channel_or_none(body: str | bytes) -> None:
    assert recognised(came(body)) in {None, *Channel}


@pytest.mark.parametrize("piece", ["<!--", "<?a ", "<!DOCTYPE [", "<!---->", "[", "<a:", "&"])
def test_the_time_it_takes_grows_with_the_length_alone(piece: str) -> None:
    assert (
        recognised(came(piece * (HEAD_BYTES // len(piece)))) is None
    )  # would take minutes if it grew faster
