"""What must be true when a month is over: nothing lost, nothing twice, and nobody has grown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select

from digest.compose import load
from storage.changes import changes_after
from storage.checking import find_faults
from storage.deliveries import DeliveryState, list_deliveries
from storage.engine import reading
from storage.source_status import list_sources
from storage.subscriptions import list_digests
from storage.tables import Host
from tests.soak.month import WELL, Month, first_and_last

SUBSCRIPTIONS = ("hook", "mail", "thrice")
FLAT_FROM = 20
"""So many weighings say something; fewer are of processes that are still warming up."""
MAY_GROW = 1.05
MAY_GROW_MB = 3.0
"""What the weight of a process may differ by between the beginning and the end of a month."""


def violated(month: Month) -> list[str]:
    """Return what was violated, in words; nothing if the month was as it must be."""
    month.targets.check_letters()
    odd = [line for command in month.commands for line in command.odd]
    return [
        *month.violations,
        *month.targets.violations,
        *odd,
        *_log(month),
        *_digests(month),
        *_outbox(month),
        *_reader(month),
        *_rest(month),
        *_weights(month),
    ]


def _log(month: Month) -> Iterator[str]:
    """Each published item, each edit and each withdrawal stands in the log, once; and nothing else does."""
    with reading(month.engine) as connection:
        changes = changes_after(connection, 0)
    told = Counter((change.kind.value, change.title) for change in changes)
    expected: Counter[tuple[str, str]] = Counter()
    for room in month.rooms:
        expected += room.expected()
    yield from (
        f"lost: {kind} {title!r} ({number} times)" for (kind, title), number in (expected - told).items()
    )
    yield from (
        f"too much: {kind} {title!r} ({number} times)" for (kind, title), number in (told - expected).items()
    )
    seqs = [change.seq for change in changes]
    if seqs != list(range(1, len(seqs) + 1)):
        yield "the numbers of the log have holes"


def _digests(month: Month) -> Iterator[str]:
    """Each change stands in exactly one digest of each subscription."""
    with reading(month.engine) as connection:
        log = [change.seq for change in changes_after(connection, 0)]
        stored = {name: list_digests(connection, name)[::-1] for name in SUBSCRIPTIONS}
    for name, digests in stored.items():
        told = [item.change.seq for each in digests for item in load(month.engine, name, each.number).items]
        for seq, number in (Counter(log) - Counter(told)).items():
            yield f"{name}: change {seq} stands in no digest ({number})"
        for seq, number in (Counter(told) - Counter(log)).items():
            yield f"{name}: change {seq} stands in more than one digest ({number} too many)"


def _outbox(month: Month) -> Iterator[str]:
    """Each digest was accepted, under the key of its delivery and no other."""
    with reading(month.engine) as connection:
        found = list_deliveries(connection)
    for each in found:
        if each.state is not DeliveryState.SENT:
            yield f"{each.subscription}: digest {each.number} is {each.state}: {each.last_error}"
    keys = {each.key for each in found}
    if missing := keys - set(month.targets.accepted):
        yield f"{len(missing)} deliveries stand as sent, and nobody got them"
    if unknown := set(month.targets.accepted) - keys:
        yield f"{len(unknown)} keys were brought that no delivery has"


def _reader(month: Month) -> Iterator[str]:
    """Who read the log over HTTP has read each change once, in order."""
    with reading(month.engine) as connection:
        log = [change.seq for change in changes_after(connection, 0)]
    if month.reader.seqs != log:
        yield f"the reader over HTTP has read {len(month.reader.seqs)} changes, not the {len(log)} of the log"


def _rest(month: Month) -> Iterator[str]:
    """Every source is read, no host is held, and the database is sound."""
    with reading(month.engine) as connection:
        held = list(connection.execute(select(Host.name).where(Host.lease_until.is_not(None))).scalars())
    if held:
        yield f"hosts are still held: {', '.join(held)}"
    for status in list_sources(month.engine):
        if status.verdict not in WELL:
            yield f"{status.name}: {status.verdict}: {status.reason}"
    with reading(month.engine) as connection:
        faults = find_faults(connection)
    yield from (f"the database is not sound: {fault}" for fault in faults)


def _weights(month: Month) -> Iterator[str]:
    """What lives through the whole month does not grow."""
    for kind, sizes in month.weights.items():
        first, last = first_and_last(sizes)
        if len(sizes) >= FLAT_FROM and last > first * MAY_GROW + MAY_GROW_MB:
            yield f"{kind} grew from {first:.1f} to {last:.1f} MB"
