"""A proposal in words."""

from __future__ import annotations

import pytest

from crawler.discovery.choosing import decide
from crawler.discovery.proposal import Candidate
from news.entry import Entry
from news.source import Channel
from news.urls import url_key
from tidings.show_discovery import item_lines

URL = "https://harbour.example/news/ferry/?utm_source=list&id=7"


def candidate(channel: Channel) -> Candidate:
    entry = Entry(url=URL, key=url_key(URL), title="A new ferry")
    return Candidate(
        channel=channel,
        url="https://harbour.example/",
        confidence=0.9,
        entries=(entry,),
        reasons=("it is fit",),
    )


def test_items_are_shown_at_the_addresses_under_which_they_are_stored() -> None:
    lines = [str(line) for line in item_lines(candidate(Channel.LISTING))]
    assert lines[-1].strip() == "https://harbour.example/news/ferry/?id=7"


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        (Channel.FEED, "the feed"),
        (Channel.WORDPRESS, "the WordPress interface"),
        (Channel.SITEMAP, "the sitemap"),
        (Channel.LISTING, "the listing"),
    ],
)
def test_a_channel_is_named_as_people_say_it(channel: Channel, name: str) -> None:
    reasons = decide([candidate(channel)], obstacles=())[2]
    assert reasons == (f"{name} is proposed: it is fit",)
