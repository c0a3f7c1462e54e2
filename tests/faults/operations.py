"""Every operation that writes to the database, each with what it needs to find there, so that faults can strike it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, update

from digest.compose import compose
from digest.content import content_hash
from digest.due import DueDigests
from news.entry import Entry
from news.healing import HealedItem, Healing, ItemState, Means
from news.run import HostState, Lease, Problem, Profile, Reading, Trouble, Verdict
from news.source import Source, Wrapper
from storage.approving import approve, reject
from storage.claims import Claim, claim_due, give_back, mark_failed, mark_sent
from storage.correcting import merge, split
from storage.deliveries import DeliveryState, retry
from storage.engine import open_engine, writing
from storage.forgetting import forget
from storage.heartbeat import beat, end_beat
from storage.host_states import keep_further
from storage.leases import lease_due_hosts, lease_named, release, release_dead
from storage.retrying import Failure
from storage.search_table import SearchText
from storage.searching import reindex
from storage.settling import settle
from storage.sources import load_source, pause, remove, resume, save_sources
from storage.subscribing import Rhythm, add, edit
from storage.subscribing import pause as pause_subscription
from storage.subscribing import remove as remove_subscription
from storage.subscribing import resume as resume_subscription
from storage.subscriptions import DigestFilter, WhenEmpty, subscribe
from storage.targets import TargetPlan
from storage.wrappers import approve_wrapper, reject_wrappers, roll_back
from tests.faults.access import ACCESS
from tests.faults.operation import NOW, Given, Operation
from tests.faults.pruning import PRUNING
from tests.storage.desk import BASE, SHAPES, START, Desk, content, entry, short, url

BARE = Profile(entries=3, dated=0.0, shapes=SHAPES.shapes)
FOLDER = TargetPlan(kind="file", options={"folder": "/nowhere", "format": "text"})
HOOK = TargetPlan(kind="webhook", options={"url": "https://hooks.example/"}, secret="whsec_")
FAR = Wrapper(item=("li",), link=("a",))


def do_at(name: str, database_url: str, given: Given) -> object:
    """Do an operation by its name, with an engine of its own: what a child process does."""
    engine = open_engine(database_url, create=False)
    try:
        return OPERATIONS[name].do(engine, given, NOW)
    finally:
        engine.dispose()


# ------------------------------------------------------------------------------------------------ settling


def _later(desk: Desk) -> None:
    desk.now = NOW


def _news(desk: Desk) -> tuple[Reading, ...]:
    """A run that saw two new articles, an edited one, one that is pending and one that is gone."""
    _later(desk)
    edited = content(
        "a", body="a: every word of this is another one than those that stood here an hour ago, really"
    )
    looks = [desk.look("x"), desk.look("y"), desk.look("a", content=edited)]
    return (desk.saw(entry("y"), entry("x"), entry("unread"), *BASE, looks=looks),)


def _two_sources(desk: Desk) -> tuple[Reading, ...]:
    save_sources(desk.engine, [_source("far", "https://far.example/news")], origin="file", now=desk.now)
    desk.run(*(_far(name) for name in ("d", "e", "f")), source="far")
    one = _news(desk)
    return (*one, desk.saw(_far("z"), entry("x"), _far("d"), _far("e"), _far("f"), source="far"))


def _far(name: str) -> Entry:
    return entry(name, spelled=f"https://far.example/news/{name}")


def _adaptive(desk: Desk) -> tuple[Reading, ...]:
    """News of a source that is read by its own pace."""
    declared = replace(load_source(desk.engine, "one"), schedule="adaptive")
    save_sources(desk.engine, [declared], origin="file", now=desk.now)
    desk.settle(desk.saw(entry("w"), *BASE))
    _later(desk)
    return (desk.saw(entry("x"), entry("w"), *BASE),)


def _short_read(desk: Desk) -> tuple[Reading, ...]:
    _later(desk)
    return (short(desk, entry("p"), entry("q"), BASE[0]),)


def _healed(desk: Desk) -> tuple[Reading, ...]:
    _later(desk)
    return (desk.saw(entry("x"), *BASE[:2], healing=healing(), profile=BARE, extractor="1.healed.1"),)


def _not_modified(desk: Desk) -> tuple[Reading, ...]:
    _later(desk)
    return (desk.saw(looks=(), not_modified=True),)


def _suspect(desk: Desk) -> tuple[Reading, ...]:
    _later(desk)
    return (_undated(desk),)


def _undated(desk: Desk) -> Reading:
    """A run that the verdict does not believe: every entry used to bear a date, and none does."""
    return desk.saw(entry("y"), entry("x"), *BASE, profile=replace(SHAPES, dated=0.0))


def healing(*, accepted: bool = True) -> Healing:
    """Return what a run found instead of selectors that did not match."""
    return Healing(
        wrapper=Wrapper(item=("div.card",), link=("a",)),
        accepted=accepted,
        confidence=0.95 if accepted else 0.6,
        symptom="no entries on the listing",
        recognised=2,
        sought=3,
        reasons=("2 of 3 items are stored articles",),
        items=(
            HealedItem(state=ItemState.NEW, url=url("x"), title="Title of x", key="x"),
            HealedItem(state=ItemState.RECOGNISED, url=url("a"), title="Title of a", by=Means.ADDRESS),
        ),
    )


def _settle(engine: Engine, given: Sequence[Reading], now: datetime | None) -> object:
    return settle(engine, given, now=now)


# ----------------------------------------------------------------------------------- a person's word, selectors


def _held(desk: Desk) -> str:
    [settled] = desk.settle(_undated(desk))
    assert settled.verdict is Verdict.SUSPECT
    _later(desk)
    return "one"


def _proposed(desk: Desk) -> str:
    desk.run(healing=healing(accepted=False), looks=())
    _later(desk)
    return "one"


def _healed_before(desk: Desk) -> str:
    desk.run(entry("x"), *BASE[:2], healing=healing(), profile=BARE, extractor="1.healed.1")
    _later(desk)
    return "one"


def _an_old_index(desk: Desk) -> None:
    """Let the search index be what an earlier version made of the same articles."""
    _two_articles(desk)
    with writing(desk.engine) as connection:
        connection.execute(update(SearchText).values(mark="earlier"))


def _two_articles(desk: Desk) -> tuple[str, str]:
    _later(desk)
    return url("a"), url("b")


def _merged(desk: Desk) -> tuple[str, str]:
    both = _two_articles(desk)
    _merge(desk.engine, both, desk.now)
    return both


def _merge(engine: Engine, given: tuple[str, str], now: datetime | None) -> object:
    with writing(engine) as connection:
        return merge(connection, *given, now=now)


def _split(engine: Engine, given: tuple[str, str], now: datetime | None) -> object:
    with writing(engine) as connection:
        return split(connection, given[0], [given[1]], now=now)


# --------------------------------------------------------------------------------------------------- digests


def _unread_news(desk: Desk) -> str:
    subscribe(desk.engine, "desk", filter=DigestFilter(), now=desk.now, from_start=True)
    desk.run(entry("y"), entry("x"), *BASE)
    _later(desk)
    return "desk"


def _due_news(desk: Desk) -> str:
    """News for a subscription with a target, at a time of its schedule."""
    rhythm = Rhythm(schedule="1h")
    add(
        desk.engine,
        "desk",
        filter=DigestFilter(),
        target=FOLDER,
        rhythm=rhythm,
        from_start=True,
        now=desk.now,
    )
    desk.run(entry("y"), entry("x"), *BASE)
    _later(desk)
    return "desk"


def _quiet_period(desk: Desk) -> str:
    """A time of a schedule with nothing to tell, which is to be recorded and brought."""
    rhythm = Rhythm(schedule="1h", quiet_hours="22:00-23:00", when_empty=WhenEmpty.SEND)
    add(desk.engine, "desk", filter=DigestFilter(), target=FOLDER, rhythm=rhythm, now=desk.now)
    _later(desk)
    return "desk"


def _trouble(desk: Desk) -> str:
    """A source that is not being read, another that is again, and a delivery that was given up."""
    save_sources(desk.engine, [_source("far", "https://far.example/news")], origin="file", now=desk.now)
    add(desk.engine, "duty", filter=DigestFilter(), target=FOLDER, alert_after_seconds=0, now=desk.now)
    down = Problem(trouble=Trouble.NETWORK, detail="no answer", fatal=True)
    desk.run(source="far", problems=(down,), looks=())
    DueDigests(desk.engine).compose(now=desk.now)
    desk.run(*(_far(name) for name in ("d", "e", "f")), source="far")
    desk.run(problems=(down,), looks=())
    _later(desk)
    return "duty"


def _outbox(desk: Desk) -> str:
    """Two digests that wait to be brought."""
    _due_news(desk)
    assert compose(desk.engine, "desk", now=desk.now) is not None
    desk.run(entry("z"), entry("y"), entry("x"), *BASE)
    assert compose(desk.engine, "desk", now=desk.now) is not None
    return "desk"


def _claimed(desk: Desk) -> Claim:
    _outbox(desk)
    [claim] = claim_due(desk.engine, owner="before", limit=1, now=desk.now)
    return claim


def _dead(desk: Desk) -> list[int]:
    claim = _claimed(desk)
    gone = Failure(reason="410", gone=True)
    assert mark_failed(desk.engine, claim, gone, now=desk.now) is DeliveryState.DEAD
    return [claim.delivery_id]


def _compose(engine: Engine, given: str, now: datetime | None) -> object:
    return compose(engine, given, now=now or NOW)


# ---------------------------------------------------------------------------------------------- leases, sources


def _due(desk: Desk) -> str:
    save_sources(desk.engine, [_source("far", "https://far.example/news")], origin="file", now=desk.now)
    _later(desk)
    return "one"


def _leased(desk: Desk) -> tuple[Lease, int]:
    _later(desk)
    [(lease, ids)] = lease_named(desk.engine, ["one"], owner="before", seconds=600, now=desk.now)
    return lease, ids[0]


def _source(name: str, where: str) -> Source:
    return Source(name=name, url=where, wrapper=FAR, schedule="30m")


def _save(engine: Engine, given: object, now: datetime | None) -> object:
    sources = [_source("one", "https://site.example/other"), _source("two", "https://two.example/news")]
    return save_sources(engine, sources, origin="file", now=now or NOW)


def _learn_patience(engine: Engine, given: object, now: datetime | None) -> None:
    state = HostState(name="patient.example", not_before=NOW + timedelta(hours=1), last_request_at=NOW)
    with writing(engine) as connection:
        keep_further(connection, [state])


def _nothing(desk: Desk) -> None:
    _later(desk)


def _beating(desk: Desk) -> None:
    beat(desk.engine, "scheduler", owner="me", started_at=START, now=START)


SETTLE = ("storage.settling.settle",)
WRAPPERS = "storage.wrappers._put_in_use"

ALL = (
    Operation(name="settling news", covers=SETTLE, prepare=_news, do=_settle, settles=True, everyday=True),
    Operation(
        name="settling two sources",
        covers=SETTLE,
        prepare=_two_sources,
        do=_settle,
        settles=True,
        everyday=True,
    ),
    Operation(name="settling by its own pace", covers=SETTLE, prepare=_adaptive, do=_settle, settles=True),
    Operation(name="settling a short read", covers=SETTLE, prepare=_short_read, do=_settle, settles=True),
    Operation(
        name="settling a healed run", covers=SETTLE, prepare=_healed, do=_settle, settles=True, everyday=True
    ),
    Operation(
        name="settling a suspect run",
        covers=SETTLE,
        prepare=_suspect,
        do=_settle,
        settles=True,
    ),
    Operation(name="settling a 304", covers=SETTLE, prepare=_not_modified, do=_settle, settles=True),
    Operation(
        name="approving a held run",
        covers=("storage.approving.approve",),
        prepare=_held,
        do=lambda engine, given, now: approve(engine, given, now=now),
        everyday=True,
    ),
    Operation(
        name="rejecting a held run",
        covers=("storage.approving.reject",),
        prepare=_held,
        do=lambda engine, given, now: reject(engine, given, now=now),
    ),
    Operation(
        name="approving selectors",
        covers=(WRAPPERS,),
        prepare=_proposed,
        do=lambda engine, given, now: approve_wrapper(engine, given, now=now),
    ),
    Operation(
        name="rejecting selectors",
        covers=("storage.wrappers.reject_wrappers",),
        prepare=_proposed,
        do=lambda engine, given, now: reject_wrappers(engine, given, now=now),
    ),
    Operation(
        name="going back to earlier selectors",
        covers=(WRAPPERS,),
        prepare=_healed_before,
        do=lambda engine, given, now: roll_back(engine, given, now=now),
    ),
    Operation(
        name="merging two articles",
        covers=("tidings.commands.corrections.merge",),
        prepare=_two_articles,
        do=_merge,
    ),
    Operation(
        name="splitting what was merged",
        covers=("tidings.commands.corrections.split",),
        prepare=_merged,
        do=_split,
    ),
    Operation(
        name="forgetting an article",
        covers=("storage.forgetting.forget",),
        prepare=_two_articles,
        do=lambda engine, given, now: forget(engine, given[0], seal=content_hash, now=now),
    ),
    Operation(
        name="making the search index anew",
        covers=("storage.searching.reindex",),
        prepare=_an_old_index,
        do=lambda engine, given, now: reindex(engine),
    ),
    *PRUNING,
    Operation(
        name="composing a digest",
        covers=("digest.compose.compose",),
        prepare=_unread_news,
        do=_compose,
        has_clock=False,
        everyday=True,
    ),
    Operation(
        name="composing what is due to be brought",
        covers=("digest.due._composed",),
        prepare=_due_news,
        do=lambda engine, given, now: DueDigests(engine).compose(now=now),
        everyday=True,
    ),
    Operation(
        name="recording that there was nothing to tell",
        covers=("digest.due._composed",),
        prepare=_quiet_period,
        do=lambda engine, given, now: DueDigests(engine).compose(now=now),
    ),
    Operation(
        name="composing alerts that are due",
        covers=("digest.due._composed",),
        prepare=_trouble,
        do=lambda engine, given, now: DueDigests(engine).compose(now=now),
        everyday=True,
    ),
    Operation(
        name="composing alerts by hand",
        covers=("digest.compose.compose",),
        prepare=_trouble,
        do=_compose,
        has_clock=False,
    ),
    Operation(
        name="claiming what is to be brought",
        covers=("storage.claims.claim_due",),
        prepare=_outbox,
        do=lambda engine, given, now: claim_due(engine, owner="me", limit=9, now=now),
        everyday=True,
    ),
    Operation(
        name="marking a delivery as sent",
        covers=("storage.claims.mark_sent",),
        prepare=_claimed,
        do=lambda engine, given, now: mark_sent(engine, given, now=now),
        everyday=True,
    ),
    Operation(
        name="marking a delivery as failed",
        covers=("storage.claims.mark_failed",),
        prepare=_claimed,
        do=lambda engine, given, now: mark_failed(engine, given, Failure(reason="no answer"), now=now),
        everyday=True,
    ),
    Operation(
        name="giving a delivery back when the sender is stopped",
        covers=("storage.claims.give_back",),
        prepare=_claimed,
        do=lambda engine, given, _now: give_back(engine, given),
        has_clock=False,
        everyday=True,
    ),
    Operation(
        name="trying again what was given up",
        covers=("storage.deliveries.retry",),
        prepare=_dead,
        do=lambda engine, given, now: retry(engine, given),
        has_clock=False,
    ),
    Operation(
        name="adding a subscription",
        covers=("storage.subscribing.add",),
        prepare=_nothing,
        do=lambda engine, given, now: add(engine, "new", filter=DigestFilter(), target=FOLDER, now=now),
    ),
    Operation(
        name="changing a subscription",
        covers=("storage.subscribing.edit",),
        prepare=_outbox,
        do=lambda engine, given, now: edit(engine, given, target=HOOK, rhythm=Rhythm(schedule="2h"), now=now),
    ),
    Operation(
        name="pausing a subscription",
        covers=("storage.subscribing.pause",),
        prepare=_outbox,
        do=lambda engine, given, now: pause_subscription(engine, given),
        has_clock=False,
    ),
    Operation(
        name="resuming a subscription",
        covers=("storage.subscribing.resume",),
        prepare=_dead,
        do=lambda engine, given, now: resume_subscription(engine, "desk"),
        has_clock=False,
    ),
    Operation(
        name="removing a subscription",
        covers=("storage.subscribing.remove",),
        prepare=_outbox,
        do=lambda engine, given, now: remove_subscription(engine, given, with_digests=True),
        has_clock=False,
    ),
    Operation(
        name="subscribing",
        covers=("storage.subscriptions.subscribe",),
        prepare=_nothing,
        do=lambda engine, given, now: subscribe(engine, "new", filter=DigestFilter(), now=now or NOW),
        has_clock=False,
    ),
    Operation(
        name="leasing what is due",
        covers=("storage.leases.lease_due_hosts",),
        prepare=_due,
        do=lambda engine, given, now: lease_due_hosts(engine, owner="me", limit=9, seconds=600, now=now),
        leases=True,
        everyday=True,
    ),
    Operation(
        name="leasing by name",
        covers=("storage.leases.lease_named",),
        prepare=_due,
        do=lambda engine, given, now: lease_named(engine, [given, "far"], owner="me", seconds=600, now=now),
        leases=True,
        everyday=True,
    ),
    Operation(
        name="giving a host free",
        covers=("storage.leases.release",),
        prepare=_leased,
        do=lambda engine, given, now: release(engine, [given[0]]),
        frees=True,
        everyday=True,
        has_clock=False,
    ),
    Operation(
        name="giving the host of a dead crawl free",
        covers=("storage.leases.release_dead",),
        prepare=_leased,
        do=lambda engine, given, now: release_dead(engine, given[0], [given[1]], "ended by SIGKILL", now=now),
        frees=True,
        everyday=True,
    ),
    Operation(
        name="declaring sources",
        covers=("storage.sources.save_sources",),
        prepare=_nothing,
        do=_save,
        has_clock=False,
    ),
    Operation(
        name="pausing a source",
        covers=("storage.sources._set",),
        prepare=_nothing,
        do=lambda engine, given, now: pause(engine, "one"),
        has_clock=False,
    ),
    Operation(
        name="resuming a source",
        covers=("storage.sources._set",),
        prepare=lambda desk: pause(desk.engine, "one"),
        do=lambda engine, given, now: resume(engine, "one", now=now),
    ),
    Operation(
        name="removing a source",
        covers=("storage.sources.remove",),
        prepare=_due,
        do=lambda engine, given, now: remove(engine, "far", now=now),
    ),
    Operation(
        name="beating",
        covers=("storage.heartbeat.beat",),
        prepare=_beating,
        do=lambda engine, given, now: beat(engine, "scheduler", owner="me", started_at=START, now=now),
    ),
    Operation(
        name="beating no more",
        covers=("storage.heartbeat.end_beat",),
        prepare=_beating,
        do=lambda engine, given, now: end_beat(engine, "scheduler", owner="me"),
        has_clock=False,
    ),
    Operation(
        name="keeping a host's patience",
        covers=("scheduler.discovering._keep_patience",),
        prepare=_nothing,
        do=_learn_patience,
        has_clock=False,
    ),
    *ACCESS,
)
OPERATIONS = {operation.name: operation for operation in ALL}
