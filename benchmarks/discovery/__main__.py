"""Find the listings of saved sites with known items, and count what is right.

    python -m benchmarks.discovery DIR [--site NAME] [--channel listing] [--pages first|all] [-v]

DIR holds a folder for each site (see `benchmarks.discovery.saved`). Each listing page is read as if its address had
been pasted. A folder of pages without a list (negative controls) has a ``truth.json`` without ``listing_pages``: any
``auto`` there is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.discovery.ladders import LADDERS, Ladder, peers_links
from benchmarks.discovery.marks import Mark, Sums, mark_page, sums_of
from benchmarks.discovery.saved import SavedSite, saved_sites
from crawler.discovery.proposal import Decision

_HEAD = (
    f"{'':32} {'pages':>5} {'prec':>6} {'recall':>6} {'F1':>6} {'exact':>6} {'title':>6} {'date':>6} {'next':>6} "
    f"{'auto':>4} {'ask':>4} {'ref':>4} {'wrong':>5} {'s/page':>6} {'s all':>6} {'peers':>6}  channels"
)


def main() -> int:
    """Run the benchmark; exit code 1 if something wrong would have been served without a person."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--site", default="", help="only sites whose name holds this")
    parser.add_argument("--channel", default="listing", choices=sorted(LADDERS))
    parser.add_argument(
        "--pages", default="all", choices=("first", "all"), help="only first pages of lists, or all"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="tell what is not right, page by page")
    options = parser.parse_args()
    ladder = LADDERS[options.channel]
    marks: list[Mark] = []
    controls: list[tuple[str, Decision, str]] = []
    print(_HEAD)
    for site in saved_sites(options.folder, options.site):
        if "listing_pages" not in site.truth:
            controls.append(_control(site, ladder))
            continue
        own = list(_marks(site, ladder, first_only=options.pages == "first"))
        marks += own
        print(_line(site.name, sums_of(own)), flush=True)
        if options.verbose:
            _tell(own)
    by_group: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_group[mark.group].append(mark)
    for group, its in sorted(by_group.items()):
        print(_line(f"= {group}", sums_of(its)))
    if marks:
        print(_line("= all", sums_of(marks)))
        print(_line("= all, 3 items or more", sums_of(mark for mark in marks if mark.wanted >= 3)))
    taken = [control for control in controls if control[1] is Decision.AUTO]
    if controls:
        counts = {
            decision.value: sum(control[1] is decision for control in controls) for decision in Decision
        }
        print(f"pages without a list: {len(controls)}, {counts}")
        for name, decision, detail in controls:
            if decision is Decision.AUTO or (options.verbose and decision is Decision.ASK):
                print(f"  {decision.value} {name}: {detail}")
    return 1 if taken or any(mark.served_wrong for mark in marks) else 0


def _now(site: SavedSite) -> datetime:
    captured = site.truth.get("captured_at")
    return datetime.fromisoformat(captured) if captured else datetime.now(UTC)


def _marks(site: SavedSite, ladder: Ladder, *, first_only: bool) -> Iterator[Mark]:
    for page in site.truth["listing_pages"]:
        if first_only and page["page"] != 1:
            continue
        url, now = page["url"], _now(site)
        sample = site.fetch(url)
        if sample is None:
            print(f"{site.name}: no {url}", file=sys.stderr)
            continue
        found = ladder(site, url, now)
        yield mark_page(
            site.name,
            page,
            site.truth["next_page"].get(url),
            found,
            peers_links(sample.html, url),
            now,
            site.older_than(page),
        )


def _control(site: SavedSite, ladder: Ladder) -> tuple[str, Decision, str]:
    found = ladder(site, site.truth["url"], _now(site))
    items = [entry.title[:40] for entry in found.candidate.entries[:4]] if found.candidate else []
    confidence = found.candidate.confidence if found.candidate else 0.0
    return site.name, found.decision, f"{confidence} {found.reasons} {items}"


def _line(name: str, sums: Sums) -> str:
    shares = (sums.precision, sums.recall, sums.f1, sums.exact, sums.titles, sums.dates, sums.next_page)
    return (
        f"{name:32} {sums.pages:5} "
        + " ".join(f"{share:6.3f}" for share in shares)
        + f" {sums.auto:4} {sums.ask:4} {sums.refuse:4} {sums.served_wrong:5}"
        f" {sums.page_seconds:6.3f} {sums.seconds:6.3f} {sums.peers_f1:6.3f}"
        + "".join(f"  {channel} {number}" for channel, number in sums.channels)
    )


def _tell(marks: list[Mark]) -> None:
    for mark in marks:
        if (
            mark.served_wrong
            or not mark.exact
            or not mark.next_right
            or mark.titles < mark.titles_shown
            or mark.dates < mark.dates_shown
        ):
            flag = "WRONG " if mark.served_wrong else ""
            print(
                f"  {flag}{mark.decision.value} {mark.url} {mark.right}/{mark.given}/{mark.wanted}\n{mark.detail}"
            )


if __name__ == "__main__":
    sys.exit(main())
