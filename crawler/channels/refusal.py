"""Why an answer cannot be read as the channel that it was asked as, in one word each."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """The ``reason`` of a `news.errors.ChannelError`."""

    EMPTY = "empty"  # nothing in the body
    HTML = "html"  # a page where a feed, JSON or a sitemap was expected
    OTHER_KIND = "other-kind"  # well-formed, but something else: OPML, a sitemap instead of a feed
    BROKEN = "broken"  # not well-formed, and not by one of the slips that are mended
    CUT_OFF = "cut-off"  # ends before it is finished
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    ENTITIES = "entities"  # uses entities that it declares itself; they are never resolved
    LOGIN = "login"  # the interface answers only who has logged in
    FORBIDDEN = "forbidden"  # a firewall or a setting refuses us
    NO_ROUTE = "no-route"  # the interface is switched off, or has no posts
    BAD_REQUEST = "bad-request"  # the interface does not take a parameter of the address
