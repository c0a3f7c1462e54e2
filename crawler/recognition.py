"""What a run knows of the entries that it meets: from its plan, and from the database as they turn up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crawler.extraction.inline import inline_page
from news.entry import Entry
from news.fingerprint import raw_digest
from news.moves import A_PATTERN
from news.run import Plan
from news.text import title_key
from news.urls import url_key
from storage.recognising import Recognised

MANY_MODIFIED = 3
"""Known entries that may say at once that they were modified; beyond it, half of a page is not believed."""


class Recognition:
    """Which entries lead to known articles, and what is known of these.

    ``aliases`` maps URL keys to article keys; ``sighted`` holds the keys of the articles that this source has listed;
    ``moved`` maps the keys of unknown entries to the addresses of known articles that they may be, ``named`` to the
    keys of the articles that they are by the site's own ids: what their pages show may still say otherwise.
    """

    def __init__(self, plan: Plan) -> None:
        self.aliases: dict[str, str] = dict(plan.aliases)
        self.sighted = {self.article(key) for key in plan.frontier}
        self.moved: dict[str, tuple[str, ...]] = {}
        self.named: dict[str, str] = {}
        self._pending_keys = plan.pending_keys
        self._titles: dict[str, str] = dict(plan.listed_titles)
        self._asked_about: set[str] = set()
        self._raws: dict[str, str] = {}
        self._modified: dict[str, datetime] = {}
        self._paged: set[str] = set()
        self._gone: set[str] = set()

    def strangers(self, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """Return the entries that the plan does not know, and that the database must be asked about."""
        return tuple(e for e in entries if e.key not in self.aliases and e.key not in self._asked_about)

    def take_in(self, strangers: Iterable[Entry], known: Recognised) -> None:
        """Take in what the database knows of the strangers."""
        self._asked_about.update(entry.key for entry in strangers)
        self.aliases.update(known.aliases)
        self.sighted.update(known.sighted)
        self._titles.update(known.titles)
        self._raws.update(known.raws)
        self._modified.update(known.modified)
        self._paged.update(known.paged)
        self._gone.update(known.gone)
        self.moved.update(known.moved)
        self.named.update(known.named)

    @property
    def familiar(self) -> dict[str, str]:
        """Return the article keys of the URL keys that are known or pending."""
        return {**self.aliases, **{key: key for key in self._pending_keys}}

    # ------------------------------------------------------------------------------------------ of one entry

    def article(self, key: str) -> str:
        """Return the article key behind a URL key; a stranger's is its own."""
        return self.aliases.get(key, key)

    def is_pending(self, entry: Entry) -> bool:
        """Say whether the entry waits for its article since an earlier run."""
        return entry.key in self._pending_keys

    def is_sighted(self, entry: Entry) -> bool:
        """Say whether this source has listed the entry's article before."""
        return self.aliases.get(entry.key) in self.sighted

    def is_retitled(self, entry: Entry) -> bool:
        """Say whether the listing shows the entry's article under another title than before."""
        listed = self._titles.get(self.article(entry.key))
        return listed is not None and listed != title_key(entry.title)

    def is_gone(self, entry: Entry) -> bool:
        """Say whether the article's page was withdrawn, so that only the page can bring it back."""
        return self.article(entry.key) in self._gone

    def is_paged(self, article: str) -> bool:
        """Say whether the article's page is its reference: then a body on the listing is no look at it."""
        return article in self._paged

    def has_same_body(self, entry: Entry) -> bool:
        """Say whether a whole body came as it was: there is nothing to extract anew, and much to save."""
        kept = self._raws.get(self.article(entry.key))
        return kept is not None and kept == raw_digest(inline_page(entry))

    def is_edited(self, entry: Entry) -> bool:
        """Whether a post is newer than what its listing said; old WordPress ignores ``modified_after`` in silence."""
        listed = self._modified.get(self.article(entry.key))
        return entry.modified is not None and (listed is None or entry.modified.at > listed)

    def needs_page(self, entry: Entry) -> bool:
        """Whether only its own page can tell what was edited: no body came, or a body is not its reference."""
        return not entry.body_html or self.is_paged(self.article(entry.key))

    # ------------------------------------------------------------------------------------------ of a listing

    def as_moved(self, entries: Iterable[Entry]) -> dict[str, str]:
        """Return the articles that a page's unknown entries are by their ids, or by their titles if many are.

        New permalinks make a whole listing unknown. Only where paging ends is decided by this; whether each of them
        moved is asked, or read on its page.
        """
        shown = list(entries)
        moved = {entry.key: url_key(self.moved[entry.key][0]) for entry in shown if entry.key in self.moved}
        found = {key: self.article(old) for key, old in moved.items()} if len(moved) >= A_PATTERN else {}
        return found | {entry.key: self.named[entry.key] for entry in shown if entry.key in self.named}

    def modified_since(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries of known articles that say that they were modified since they last said so.

        A channel that writes the present time into every entry is not believed.
        """
        known = [e for e in entries if e.modified and self.article(e.key) in self._modified]
        later = [entry for entry in known if self.is_edited(entry)]
        return [] if len(later) > MANY_MODIFIED and 2 * len(later) > len(known) else later
