"""Which address may be learnt from a permanent redirect."""

from __future__ import annotations

import pytest

from news.moving import may_move
from news.source import Source, own_hosts

HTTPS, HTTP = "https://a.example/feed", "http://a.example/feed"


@pytest.mark.parametrize(
    ("url", "new_url", "may"),
    [
        (HTTPS, "https://a.example/news/feed", True),
        (HTTPS, "https://b.example/feed", True),
        (HTTP, HTTPS, True),
        (HTTP, "http://b.example/feed", True),
        (HTTPS, HTTP, False),
        (HTTPS, "http://b.example/feed", False),
        (HTTPS, "ftp://a.example/feed", False),
        (HTTPS, "https://", False),
        (HTTPS, "https://127.0.0.1/feed", False),
        (HTTPS, "https://10.1.2.3/feed", False),
        (HTTPS, "https://169.254.169.254/feed", False),
        (HTTPS, "https://[::1]/feed", False),
        (HTTPS, "https://[fd00::1]/feed", False),
        (HTTPS, "https://localhost/feed", False),
        (HTTPS, "https://printer.local/feed", False),
        (HTTPS, "https://wiki.internal/feed", False),
        (HTTPS, "https://9.9.9.9/feed", True),
    ],
)
def test_an_address_is_learnt_only_if_it_is_as_safe_and_as_public(url: str, new_url: str, may: bool) -> None:
    assert may_move(url, new_url, allow_private=False) is may


def test_a_source_that_opted_in_may_move_into_a_private_network_but_not_out_of_tls() -> None:
    assert may_move(HTTP, "http://127.0.0.1:8000/feed", allow_private=True)
    assert not may_move(HTTPS, "http://127.0.0.1:8000/feed", allow_private=True)


@pytest.mark.parametrize(
    ("source", "hosts"),
    [
        (Source(name="a", url="https://www.a.example/feed"), {"a.example"}),
        (
            Source(name="a", url="https://feeds.b.example/a", page_url="https://www.a.example/"),
            {"feeds.b.example", "a.example"},
        ),
        (Source(name="a", url="https://a.example/", hosts=("c.example",)), {"a.example", "c.example"}),
        (Source(name="a", url="https://a.example/", page_url="https://"), {"a.example"}),
    ],
)
def test_a_sources_articles_may_stand_on_its_own_host_its_pages_and_those_it_names(
    source: Source, hosts: set[str]
) -> None:
    assert own_hosts(source) == hosts
