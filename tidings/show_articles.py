"""Articles for people: a table, one with its text, and its revisions with a redline."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from digest.excerpts import changed_words
from digest.text import isolates, paragraphs, shown
from digest.wording import UNTITLED, count, line, moment, stated
from news.change import EditMark
from news.redline import EditClass, Span
from news.revision import RevisionText, VolatileKind, VolatilePart
from news.text import direction
from storage.articles import ArticleName, ArticleRow
from storage.retellings import Retelling
from tidings import show
from tidings.show_table import table

if TYPE_CHECKING:
    from rich.text import Text

    from storage.correcting import CorrectionRow

TEXT_WIDTH = 78
"""Columns of running text at most, however wide the terminal is."""
LATEST_EDITS = 5
"""Edits that are told with an article; `tidings articles revisions` shows all."""
_STYLES = {"removed": "red strike", "added": "green underline", "same": ""}


def article_table(found: Sequence[ArticleRow]) -> None:
    """Write one row an article."""
    if not found:
        show.say("No article fits.")
        return
    rows = [
        [
            str(article.id),
            stated(article.published_at, article.published_precision)
            or f"seen {article.first_seen_at:%d %b %Y}",
            article.language or "-",
            str(article.revision),
            ", ".join(article.sources) or "-",
            ("withdrawn: " if article.withdrawn_at else "")
            + shown(line(article.title), direction(article.language)),
        ]
        for article in found
    ]
    table(["#NUMBER", "PUBLISHED", "LANG", "#REV", "SOURCES", "TITLE"], rows, flexible="TITLE")


def article_lines(
    article: ArticleRow,
    known_by: Sequence[ArticleName],
    captured: Sequence[RevisionText] = (),
    said: Sequence[CorrectionRow] = (),
    others: Sequence[Retelling] = (),
    *,
    width: int,
) -> Iterator[str | Text]:
    """Yield an article's facts, what its latest edits were, what else tells its story, then its text."""
    reads = direction(article.language)
    yield show.styled((shown(line(article.title), reads), "bold"))
    yield _fact("number", str(article.id))
    yield _fact("address", article.url)
    yield from (_fact("", f"{name.name} ({name.evidence})") for name in _others(article, known_by))
    yield from (_fact("site's id", shown(line(name.name))) for name in known_by if name.is_id)
    published = stated(article.published_at, article.published_precision)
    yield _fact(
        "published", f"{published} (said by: {article.published_provenance})" if published else "not stated"
    )
    if modified := stated(article.modified_at, article.modified_precision):
        yield _fact("modified", f"{modified} (said by: {article.modified_provenance})")
    yield _fact(
        "first seen", moment(article.first_seen_at) + ("" if article.announced else ", never announced")
    )
    if article.withdrawn_at is not None:
        yield show.styled(_fact("withdrawn", moment(article.withdrawn_at)))
    yield from (_fact("by hand", _correction(each, article.id)) for each in said)
    yield _fact("sources", ", ".join(article.sources) or "none")
    if article.authors:
        yield _fact("by", ", ".join(shown(line(author)) for author in article.authors))
    if article.sections:
        yield _fact("sections", ", ".join(shown(line(section)) for section in article.sections))
    yield _fact("language", article.language or "not known")
    yield _fact("revision", _revision(article))
    yield from (
        _fact("" if number else "edits", edit)
        for number, edit in enumerate(_edits(captured[-LATEST_EDITS - 1 :]))
    )
    yield from (
        _fact("" if number else "volatile", _volatile(part, reads))
        for number, part in enumerate(article.volatile)
    )
    for other in others:
        yield from retelling_lines(other)
    yield ""
    room = min(width, TEXT_WIDTH)
    missing = "(no text was read yet)" if article.forgotten_at is None else "(forgotten)"
    if article.pruned_at is not None:
        missing = f"(its text was pruned, {moment(article.pruned_at)})"
    for paragraph in (article.body_text or missing).split("\n"):
        yield from (
            shown(each, reads) for each in textwrap.wrap(paragraph, room, break_long_words=False) or [""]
        )


def _edits(captured: Sequence[RevisionText]) -> Iterator[str]:
    """Yield what made each of some revisions but the first of them, the latest first."""
    for before, revision in reversed([*pairwise(captured)]):
        yield f"revision {revision.number}: {edit_told(revision, before)}, {moment(revision.captured_at)}"


def _volatile(part: VolatilePart, reads: Literal["ltr", "rtl"]) -> str:
    """Say what differs at each look and so is not told, with what it read."""
    values = ", ".join(shown(line(value), reads) for value in part.values)
    match part.kind:
        case VolatileKind.DATE:
            return f"the date of publication moves by itself; not told since {moment(part.learnt_at)}"
        case VolatileKind.WHOLE:
            return f"the text takes turns: {values}; not told while it does not stay for a day"
        case VolatileKind.PASSAGE:
            place = shown(line(f"{part.before} … {part.after}"), reads)
            return f"“{place}” was {values}; not told since {moment(part.learnt_at)}"


def edit_told(revision: RevisionText, before: RevisionText) -> str:
    """Say what made a further revision; one without class and marks was read by other selectors after a redesign."""
    if revision.edit_class is EditClass.NONE and not revision.marks:
        return "read anew after a redesign, which may be all that differs; not told"
    dated = stated(revision.published_at, revision.published_precision)
    formerly = stated(before.published_at, before.published_precision)
    facts = (
        "new title" if EditMark.RETITLED in revision.marks else "",
        f"back to revision {revision.reverts_to}" if revision.reverts_to else "",
        f"{revision.edit_class} edit" if revision.edit_class is not EditClass.NONE else "",
        f"dated {dated}" + (f", formerly {formerly}" if formerly else "")
        if EditMark.REDATED in revision.marks
        else "",
        "silent (the site's date of change stayed)" if EditMark.SILENT in revision.marks else "",
    )
    return ", ".join(filter(None, facts)) or "edit"


def retelling_lines(other: Retelling) -> Iterator[str]:
    """Yield another article of the story, or a possible translation, and what that rests on."""
    name = "same story" if other.relation == "same_story" else "translation?"
    where = ", ".join(other.sources) or other.identity.host
    title = shown(line(other.title) or UNTITLED, direction(other.language))
    yield _fact(name, f"{other.other_id}: {title} ({where}){', withdrawn' if other.withdrawn else ''}")
    yield _fact("", f"  {evidence_of(other)}")


def evidence_of(other: Retelling) -> str:
    """Return what it rests on that two articles are of one story, or may be translations of each other."""
    evidence = other.evidence
    if evidence is None:
        return "both are like a third article of the story"
    if other.relation == "same_story":
        days = evidence["days"]
        apart = "the same day" if days < 1 else f"{days:.0f} {'day' if round(days) == 1 else 'days'} apart"
        return (
            f"{evidence['similarity']:.0%} of the phrases in common, {evidence['phrases']:,} of them; {apart}"
        )
    named = [
        f"{name} {shown(line(', '.join(values)))}"
        for name, values in (
            (
                "days",
                [
                    first if first == last else f"{first} to {last}"
                    for first, last in map(_ends, evidence["days"])
                ],
            ),
            ("numbers", evidence["numbers"]),
            ("names", evidence["names"]),
        )
        if values
    ]
    return f"in common: {'; '.join(named)}"


def _ends(day: str) -> tuple[str, str]:
    first, _, last = day.partition("/")
    return first, last


def revision_lines(
    article: ArticleRow, drawn: Sequence[tuple[RevisionText, tuple[Span, ...]]]
) -> Iterator[str | Text]:
    """Yield each revision with what changed: styled on a terminal, marked ``[-…-]`` and ``{+…+}`` elsewhere."""
    yield show.styled((shown(line(article.title), direction(article.language)), "bold"))
    if article.withdrawn_at is not None:
        yield f"  withdrawn, {moment(article.withdrawn_at)}"
    if not drawn:
        yield "  its text was never read"
    before: RevisionText | None = None
    for revision, _ in drawn:
        what = "first captured" if before is None else edit_told(revision, before)
        yield ""
        yield show.styled(
            (f"revision {revision.number}", "bold"), f": {what}, {moment(revision.captured_at)}"
        )
        if revision.pruned_at is not None:
            yield f"  its text was pruned, {moment(revision.pruned_at)}"
        elif before is None:
            yield f"  {count(len(revision.body_text.split()), 'word', 'words')}"
        else:
            if before.title != revision.title:
                yield f"  title, formerly: {shown(line(before.title), direction(article.language))}"
            if before.pruned_at is not None:
                yield "  the text before was pruned, so what changed is not known any more"
                yield f"  {count(len(revision.body_text.split()), 'word', 'words')}"
            else:
                words = changed_words(before.body_text, revision.body_text)
                yield from _redline(words, article.language)
        before = revision


def _redline(spans: Sequence[Span], language: str) -> Iterator[str | Text]:
    """Yield the paragraphs of a redline, each isolated whole, so that it turns nothing else."""
    if not spans:
        yield "  the text is the same"
    for paragraph in paragraphs(spans, language):
        marked = [(op, f"{left}{words}{right}") for op, left, words, right in paragraph.marked()]
        opening, closing = isolates("".join(words for _, words in paragraph.pieces), paragraph.runs)
        yield show.styled(f"  {opening}", *((words, _STYLES[op]) for op, words in marked), closing)


def _fact(name: str, value: str) -> str:
    return f"  {name:<11} {value}"


def _correction(said: CorrectionRow, number: int) -> str:
    """Return in words what a person said of the article with this number, or of one that was merged into it."""
    other = f"article {said.other_id}"
    if number == said.article_id:
        merged, split = f"{other} was merged into it", f"{other} was split off"
    elif number == said.other_id:
        merged, split = f"merged into article {said.article_id}", f"split off article {said.article_id}"
    else:
        came = f"article {said.article_id}, which came along"
        merged, split = f"{other} was merged into {came}", f"{other} was split off {came}"
    what = {"merged": merged, "split": split, "forgotten": "forgotten"}[said.kind]
    undone = f", undone {moment(said.undone_at)}" if said.undone_at else ""
    return f"{what}, {moment(said.at)}{undone}"


def _others(article: ArticleRow, known_by: Sequence[ArticleName]) -> list[ArticleName]:
    """Return the other addresses, and the article's own one where more than its listing led there."""
    return [
        name
        for name in known_by
        if not name.is_id and (name.name != article.url or name.evidence != "listed")
    ]


def _revision(article: ArticleRow) -> str:
    if not article.revision:
        return "none yet: only a listing has told of it"
    captured = f", captured {moment(article.captured_at)}" if article.captured_at else ""
    return f"{article.revision}, read from its {article.way}{captured}"
