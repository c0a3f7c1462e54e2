"""One article: what is known of it now, where that was said, and how it was edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from digest.model import Place
from news.errors import UnknownError
from news.redline import Span, redline
from news.revision import RevisionText
from news.text import normalise_text, normalise_title
from storage.articles import ArticleName, ArticleRow, names, revisions, show_article
from storage.correcting import CorrectionRow, corrections
from storage.retellings import Retelling, retellings
from storage.unread import source_titles
from tidings.show_articles import edit_told, evidence_of

PROVENANCES = {
    "json-ld": "the page’s description for programs (JSON-LD)",
    "meta": "a meta element of the page",
    "time[datetime]": "a time element of the page",
    "text": "words on the page",
    "url": "the address",
    "feed": "the feed",
    "wordpress": "the site’s interface",
    "sitemap": "the sitemap",
    "listing": "the listing",
}
"""Where a date stood, in words; what is not here is shown as it is stored."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One revision in the list of them: what made it, and how long its text is."""

    revision: RevisionText
    what: str
    words: int | None  # None where its text was pruned


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two revisions side by side: ``spans`` is empty where their texts are the same."""

    old: RevisionText
    new: RevisionText
    spans: tuple[Span, ...]

    @property
    def old_title(self) -> str:
        """The older title, where it is another one."""
        return self.old.title if self.old.title != self.new.title else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Other:
    """Another article that tells the same, or may be a translation, and what that rests on."""

    retelling: Retelling
    places: tuple[Place, ...]
    evidence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleView:
    """The page.

    Args:
        article: as it is known now.
        paragraphs: of its text, without a repeated title.
        places: the sources that list it.
        names: every address and id that leads to it.
        versions: its revisions, the newest first.
        comparison: the two that are compared, None where there are no two.
        others: of the same story, then possible translations.
        corrections: what a person said of it.
    """

    article: ArticleRow
    paragraphs: tuple[str, ...]
    places: tuple[Place, ...]
    names: tuple[ArticleName, ...]
    versions: tuple[Version, ...]
    comparison: Comparison | None
    others: tuple[Other, ...]
    corrections: tuple[CorrectionRow, ...]

    def provenance(self, stored: str) -> str:
        """Return in words where a date stood."""
        return PROVENANCES.get(stored, stored)


def article_view(
    connection: Connection, number: int, *, old: int | None = None, new: int | None = None
) -> ArticleView:
    """Return the page of an article.

    Args:
        connection: a reading transaction.
        number: the article's.
        old: the earlier revision of a comparison; None is the one before ``new``.
        new: the later one; None is the newest.

    Raises:
        UnknownError: there is no such article, or no such revision of it.
    """
    article = show_article(connection, number)
    captured = revisions(connection, article.id)
    titles = source_titles(connection)
    return ArticleView(
        article=article,
        paragraphs=_paragraphs(article),
        places=_places(article.sources, titles),
        names=tuple(names(connection, article.id)),
        versions=_versions(captured),
        comparison=_comparison(article.id, captured, old, new),
        others=tuple(
            Other(retelling=other, places=_places(other.sources, titles), evidence=evidence_of(other))
            for other in retellings(connection, [article.id]).get(article.id, ())
        ),
        corrections=tuple(corrections(connection, article.id)),
    )


def _paragraphs(article: ArticleRow) -> tuple[str, ...]:
    found = [paragraph for paragraph in normalise_text(article.body_text).split("\n") if paragraph]
    if found and normalise_title(found[0]) == normalise_title(article.title):
        del found[0]
    return tuple(found)


def _places(sources: Sequence[str], titles: dict[str, str]) -> tuple[Place, ...]:
    return tuple(Place(source=source, title=titles.get(source, source)) for source in sources)


def _versions(captured: Sequence[RevisionText]) -> tuple[Version, ...]:
    found = []
    before: RevisionText | None = None
    for revision in captured:
        what = "first captured" if before is None else edit_told(revision, before)
        words = len(revision.body_text.split()) if revision.pruned_at is None else None
        found.append(Version(revision=revision, what=what, words=words))
        before = revision
    return tuple(reversed(found))


def _comparison(
    number: int, captured: Sequence[RevisionText], old: int | None, new: int | None
) -> Comparison | None:
    if len(captured) < 2 and old is None and new is None:
        return None
    by_number = {revision.number: revision for revision in captured}
    later = max(by_number) if new is None and by_number else new
    earlier = max((each for each in by_number if later is not None and each < later), default=None)
    earlier = earlier if old is None else old
    if new is not None and old is None and earlier is None and new in by_number:
        return None  # the first one: there is nothing to compare it with
    for wanted in (earlier, later):
        if wanted not in by_number:
            raise UnknownError(f"Article {number} has no revision {wanted}.")
    first, second = by_number[earlier or 0], by_number[later or 0]
    pruned = [revision.number for revision in (first, second) if revision.pruned_at is not None]
    if pruned and old is None and new is None:
        return None  # there is nothing to compare any more
    if pruned:
        raise UnknownError(f"The text of revision {pruned[0]} of article {number} was pruned.")
    return Comparison(old=first, new=second, spans=tuple(redline(first.body_text, second.body_text)))
