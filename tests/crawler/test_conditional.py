"""What an answer and the one before have in common: tags, bodies, and what is kept of both."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.http import Response

from crawler.middlewares.conditional import is_same_body, refreshed, same_tag, validators_in
from news.article import Validators


def answer(body: bytes = b"body", **headers: str) -> Response:
    named: dict[str, Any] = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response("https://a.example/feed", body=body, headers=named)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('"a"', '"a"', True),
        ('W/"a"', '"a"', True),
        ('W/"a"', 'W/"a"', True),
        ('"a-gzip"', '"a"', True),
        ('W/"a;gzip"', '"a-br"', True),
        ('"a--gzip"', '"a"', True),
        ("a", '"a"', True),
        ('"a"', '"b"', False),
        ('"a-gzip"', '"b-gzip"', False),
        ('"gzip"', '""', False),
        ('w/"a"', '"a"', False),
        ("", '"a"', False),
        ("", "", True),
    ],
)
def test_tags_are_compared_weakly_and_without_their_packing(one: str, other: str, same: bool) -> None:
    assert same_tag(one, other) is same
    assert same_tag(other, one) is same


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        pytest.param(answer(), answer(), True, id="no validators, the same body"),
        pytest.param(answer(), answer(b"other"), False, id="no validators, another body"),
        pytest.param(answer(ETag='"1"'), answer(ETag='"1"'), True, id="the same tag, the same body"),
        pytest.param(answer(ETag='"1"'), answer(ETag='W/"1-gzip"'), True, id="the same tag, packed"),
        pytest.param(
            answer(ETag='"1"'), answer(b"other", ETag='"1"'), False, id="the same tag, another body"
        ),
        pytest.param(answer(ETag='"1"'), answer(ETag='"2"'), False, id="another tag"),
        pytest.param(answer(ETag='"1"'), answer(), False, id="no tag any more"),
        pytest.param(
            answer(Last_Modified="Sun, 22 Nov 2026 08:00:00 GMT"),
            answer(Last_Modified="Sun, 22 Nov 2026 09:00:00 GMT"),
            True,
            id="a date that is the present one",
        ),
        pytest.param(answer(Expires="0", ETag='"1"'), answer(Expires="0", ETag='"2"'), True, id="lying tags"),
    ],
)
def test_a_200_is_unchanged_when_its_body_is_and_its_tag_does_not_speak_against_it(
    before: Response, now: Response, same: bool
) -> None:
    assert is_same_body(validators_in(before, digest=True), validators_in(now, digest=True)) is same


def test_without_a_kept_body_nothing_is_the_same() -> None:
    assert not is_same_body(Validators(), Validators())
    assert not is_same_body(Validators(etag='"1"'), validators_in(answer(ETag='"1"'), digest=True))


@pytest.mark.parametrize(
    "value",
    ["Sun, 22 Nov 2026 03:00:00 EST", "yesterday", "2026-11-22T08:00:00+01:00", "Sun, 22 Nov 26 08:00 GMT"],
)
def test_a_date_that_is_none_by_the_rules_is_kept_verbatim(value: str) -> None:
    assert validators_in(answer(Last_Modified=value)).last_modified == value


def test_validators_beside_an_expires_of_0_are_not_kept_but_the_body_is() -> None:
    kept = validators_in(answer(Expires="0", ETag='"1"', Last_Modified="x"), digest=True)
    assert (kept.etag, kept.last_modified, bool(kept), len(kept.digest)) == ("", "", False, 32)


def test_a_304_refreshes_what_it_gives_and_leaves_the_rest() -> None:
    sent = Validators(etag='"1"', last_modified="then", digest="d")
    assert refreshed(sent, Validators()) == sent
    assert refreshed(sent, Validators(etag='"2"', digest="x")) == Validators(
        etag='"2"', last_modified="then", digest="d"
    )
