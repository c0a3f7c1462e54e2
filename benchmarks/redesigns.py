"""Real redesigns, read through: ``make bench-redesigns SITES=DIR``.

    python -m benchmarks.redesigns DIR [NAME …] [--channel all]

DIR holds a folder a redesign with ``before``, ``after`` and ``truth.json`` (``listing_url``, ``new_items``). Each is
watched as `tidings watch` does, by its HTML only or with ``--channel all`` by whatever is best, crawled once for the
baseline, then redesigned and crawled once more. What is told then should be exactly the new items. Where healing asks
for a person first, its proposal is approved and the source crawled again, and the table says so.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from benchmarks.folder_site import FolderSite
from crawler.discovery.sourcing import source_of
from news.errors import SourceError
from news.run import Settled
from news.source import Channel, Source
from news.urls import url_key
from scheduler.crawling import crawl_now
from scheduler.discovering import discover_now
from storage.schema import ready
from storage.settings import Settings
from storage.sources import save_sources
from storage.wrappers import approve_wrapper, wrapper_versions


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one redesign brought: new items that were announced, others that were told, and those that are missing."""

    name: str
    announced: int = 0
    wrong: int = 0
    missing: int = 0
    how: str = ""
    channel: str = ""
    requests: int = 0
    seconds: float = 0.0
    reason: str = ""

    @property
    def is_right(self) -> bool:
        return not (self.wrong or self.missing) and self.announced > 0


def redesigns(folder: Path) -> Iterator[Path]:
    """Yield the folders of redesigns in DIR, or in its ``redesign``."""
    inside = folder / "redesign" if (folder / "redesign").is_dir() else folder
    for path in sorted(inside.iterdir()):
        if (path / "before").is_dir() and (path / "after").is_dir() and (path / "truth.json").is_file():
            yield path


def watched(settings: Settings, url: str, channels: Sequence[Channel]) -> Source:
    """Return the source that ``tidings watch`` makes of a listing.

    Raises:
        SourceError: nothing is proposed.
    """
    proposal = discover_now(settings, url, channels=channels, allow_private=True)
    if proposal.chosen is None:
        raise SourceError(f"{url}: {'; '.join(proposal.reasons)}")
    chosen = proposal.candidates[proposal.chosen]
    return source_of(
        chosen, proposal, name="site", schedule="", delay_seconds=0.0, allow_private=True, pages=1
    )


def measure(folder: Path, database: Path, channels: Sequence[Channel]) -> Outcome:
    """Crawl one listing before and after its redesign, and compare what is told with what is new."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    site = FolderSite(folder / "before", truth["before"].get("base_url") or truth["base_url"])
    started = monotonic()
    try:
        url = site.here(truth["listing_url"])
        settings = Settings(database_url=f"sqlite:///{database}", log_level="error", delay_seconds=0.0)
        engine = ready(settings.database_url)
        source = watched(settings, url, channels)
        save_sources(engine, [source], origin="discovery", now=datetime.now(UTC))
        [baseline] = crawl_now(settings, ["site"])
        if baseline.baseline is None:
            return Outcome(name=folder.name, how="no baseline", reason=baseline.reason, missing=3)
        site.show(folder / "after")
        runs = list(crawl_now(settings, ["site"]))
        how = "by itself"
        if not runs[0].changes:
            try:
                approve_wrapper(engine, "site")
            except SourceError:
                healed = any(each.in_use and each.healing for each in wrapper_versions(engine, "site"))
                how = f"healed, but {runs[0].pending} pages wait to be read" if healed else "not healed"
            else:
                how = "with one approval"
                runs += crawl_now(settings, ["site"])
        engine.dispose()
        wanted = {url_key(site.here(item["url"])) for item in truth["new_items"]}
        outcome = _outcome(folder.name, runs, wanted, how, monotonic() - started)
        return replace(outcome, channel=source.channel.value)
    finally:
        site.shutdown()
        site.server_close()


def _outcome(name: str, runs: Sequence[Settled], wanted: set[str], how: str, seconds: float) -> Outcome:
    told = [change for run in runs for change in run.changes]
    published = {url_key(change.url) for change in told if change.kind == "published"}
    right = published & wanted
    return Outcome(
        name=name,
        announced=len(right),
        wrong=len(told) - len(right),
        missing=len(wanted - published),
        how=how,
        requests=sum(run.requests for run in runs),
        seconds=seconds,
        reason="; ".join(filter(None, (run.reason for run in runs))),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line a redesign and the sum; return 1 if any was read wrong."""
    parser = argparse.ArgumentParser(description="What is told after real redesigns of listings.")
    parser.add_argument("folder", type=Path, help="where the redesigns lie")
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--channel", default="listing", choices=("listing", "all"), help="how it may be read")
    given = parser.parse_args(arguments)
    channels = (Channel.LISTING,) if given.channel == "listing" else tuple(Channel)
    outcomes = []
    print(f"{'redesign':<24}{'announced':>10}{'wrong':>7}{'missing':>9}{'requests':>10}{'seconds':>9}  how")
    with tempfile.TemporaryDirectory(prefix="tidings-bench-") as scratch:
        for folder in redesigns(given.folder):
            if given.names and folder.name not in given.names:
                continue
            try:
                outcome = measure(folder, Path(scratch) / f"{folder.name}.db", channels)
            except SourceError as error:
                outcome = Outcome(name=folder.name, missing=3, how="not watched", reason=str(error))
            outcomes.append(outcome)
            told = f"{outcome.channel} {outcome.how}{f': {outcome.reason}' if outcome.reason else ''}"
            print(
                f"{outcome.name:<24}{outcome.announced:>10}{outcome.wrong:>7}{outcome.missing:>9}"
                f"{outcome.requests:>10}{outcome.seconds:>9.1f}  {told}",
                flush=True,
            )
    right = sum(outcome.is_right for outcome in outcomes)
    alone = sum(outcome.is_right and outcome.how == "by itself" for outcome in outcomes)
    print(f"{right} of {len(outcomes)} redesigns read right, {alone} of them without a person")
    return 0 if right == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
