"""What ``tidings discover --json`` and ``tidings watch --json`` print: see docs/json.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from digest.json import SCHEMA
from digest.wording import machine_date
from tidings.json_output import crawl_json, time_json

if TYPE_CHECKING:
    from crawler.discovery.proposal import Candidate, Proposal
    from news.entry import Entry
    from news.run import Settled
    from news.source import Wrapper


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal: candidates the best first, items in the order in which the page shows them."""
    return {
        "schema": SCHEMA,
        "url": proposal.url,
        "decision": str(proposal.decision),
        "reasons": list(proposal.reasons),
        "chosen": proposal.chosen,
        "candidates": [candidate_json(candidate) for candidate in proposal.candidates],
    }


def candidate_json(candidate: Candidate) -> dict[str, Any]:
    """Return one way to read the page. Addresses stand as the site spells them."""
    return {
        "channel": str(candidate.channel),
        "url": candidate.url,
        "confidence": round(float(candidate.confidence), 3),
        "next_url": candidate.next_url or None,
        "wrapper": wrapper_json(candidate.wrapper),
        "items": [item_json(entry) for entry in candidate.entries],
        "overlap": candidate.overlap,
        "newest_at": time_json(candidate.newest_at),
        "whole_bodies": candidate.whole_bodies,
        "browser": candidate.browser,
        "reasons": list(candidate.reasons),
    }


def wrapper_json(wrapper: Wrapper) -> dict[str, list[str]] | None:
    """Return the selectors of a listing, ranked; None for a channel that has none."""
    selectors = {field.name: list(getattr(wrapper, field.name)) for field in fields(wrapper)}
    return selectors if any(selectors.values()) else None


def item_json(entry: Entry) -> dict[str, Any]:
    """Return one item as it would be stored."""
    stamp = entry.published
    return {
        "url": entry.url,
        "title": entry.title,
        "published_at": None if stamp is None else machine_date(stamp.at, stamp.precision),
        "summary": entry.summary,
        "has_body": bool(entry.body_html),
    }


def watch_json(
    source: str, *, known: bool, proposal: Proposal | None, runs: Sequence[Settled] = ()
) -> dict[str, Any]:
    """Return what became of a page that was to be watched: the source's name, the proposal, and the baseline."""
    return {
        "schema": SCHEMA,
        "source": source or None,
        "known": known,
        "proposal": None if proposal is None else proposal_json(proposal),
        "crawl": crawl_json(runs),
    }
