"""What we read of one article: its content, and one look at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from news.dates import Stamp


class Way(StrEnum):
    """Where a body was captured. An article has one reference way; its page outranks the listing."""

    LISTING = "listing"
    PAGE = "page"

    @property
    def rank(self) -> int:
        """Return the strength of this way: a stronger one replaces a weaker one, never the other way round."""
        return 1 if self is Way.PAGE else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """The normalised content of one capture.

    ``raw`` is the HTML that it was extracted from, kept so that a better extractor can read it again.
    ``extractor`` is the version of code, selectors and fingerprint that made it.
    """

    title: str
    body_text: str
    fingerprint: str
    digest: str
    extractor: str
    raw: str = ""
    published: Stamp | None = None
    modified: Stamp | None = None
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    language: str = ""
    image_url: str = ""
    canonical_url: str = ""


class Sight(StrEnum):
    """What one look at an article met."""

    READ = "read"
    NOT_MODIFIED = "not_modified"
    GONE = "gone"
    MISSING = "missing"
    LOST = "lost"  # answered, but with a page that says that there is nothing, or with the home page
    UNREADABLE = "unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Validators:
    """What a server gave to recognise its answer by (RFC 9110 §8.8), kept verbatim.

    ``digest`` is ours: the hash of the body that they came with. It is never sent, and tells a server that answers
    200 with what we have already.
    """

    etag: str = ""
    last_modified: str = ""
    digest: str = ""

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One look at one article: on its page, or at the whole body that its listing carries.

    ``url`` is what was asked, ``final_url`` where redirects led; ``captured_at`` is the lease's database time plus
    the monotonic time since. ``reason`` says why it could not be read.
    """

    url: str
    final_url: str
    sight: Sight
    way: Way
    captured_at: datetime
    content: Content | None = None
    reason: str = ""
    validators: Validators = field(default_factory=Validators)
