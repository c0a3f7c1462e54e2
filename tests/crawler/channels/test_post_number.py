"""The number of a WordPress post in the classes of a listing's item."""

from __future__ import annotations

import pytest
from lxml.html import fragment_fromstring

from crawler.channels.post_number import post_number


@pytest.mark.parametrize(
    ("html", "number"),
    [
        ('<article class="post-7 post type-post status-publish format-standard hentry category-news">a</article>', "7"),
        ('<article class="elementor-post post-1234 post type-post status-publish">a</article>', "1234"),
        ('<li><div class="post-7 event type-event status-publish"><a>a</a></div></li>', "7"),
        ('<li class="hentry\n post-7">a</li>', "7"),
        # a place in the list, a name, a number that is none
        ('<li class="post post-1">a</li>', ""),
        ('<li class="status-publish compost-7">a</li>', ""),
        ('<li class="status-publish post-7th">a</li>', ""),
        ('<li class="status-publish post-0">a</li>', ""),
        (f'<li class="status-publish post-{"9" * 40}">a</li>', ""),
        # two posts in one item: which of them is it?
        ('<li><p class="hentry post-7">a</p><p class="hentry post-8">b</p></li>', ""),
        ('<li><p class="hentry post-7">a</p><p class="hentry post-7">b</p></li>', "7"),
        ("<li><!-- post-7 hentry -->a</li>", ""),
    ],
)  # fmt: skip
def test_only_what_wordpress_writes_is_a_number(html: str, number: str) -> None:
    assert post_number(fragment_fromstring(html)) == number


def test_the_page_around_a_list_is_no_item() -> None:
    page = fragment_fromstring(
        '<main class="post-5 page type-page status-publish"><ul><li>a</li></ul></main>'
    )
    [item] = page.iter("li")
    assert post_number(item) == ""


def test_a_class_of_a_million_characters_costs_nothing() -> None:
    item = fragment_fromstring(f'<li class="{"post-" * 200_000} hentry post-7">a</li>')
    assert post_number(item) == ""
