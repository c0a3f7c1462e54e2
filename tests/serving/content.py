"""A database with something of every kind in it, so that no answer of the API is tried on emptiness alone."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine, update

from digest.compose import compose
from news.article import Sight
from news.run import Problem, Trouble
from storage import tables
from storage.deliveries import list_deliveries
from storage.engine import reading, writing
from storage.reader_tables import Delivery
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from storage.targets import TargetPlan
from tests.storage.desk import BASE, SHAPES, WORDS, Desk, entry, short

HOSTILE = '<script>alert(1)</script> " onmouseover="x \u202e\x1b[31m {{7*7}} =1+1 أخبار'
FOLDER = TargetPlan(kind="file", options={"folder": "/nowhere", "format": "text"})


def filled(engine: Engine) -> Desk:
    """Return a desk whose database holds articles, edits, gaps, held runs, digests and deliveries."""
    desk = Desk(engine, "one", "two")
    desk.run(*BASE)
    desk.later(hours=1)
    desk.run(entry("x", hour=1), *BASE, looks=[desk.look("x")])
    desk.later(hours=1)
    edited = desk.look("x", body=f"Quite other words stand here: {WORDS}", title=HOSTILE)
    desk.run(entry("x", hour=1, title=HOSTILE), *BASE, looks=[edited])
    desk.later(hours=1)
    new = desk.look("y", title=HOSTILE, body=HOSTILE * 9)
    desk.run(entry("y", hour=2, title=HOSTILE), entry("x", hour=1, title=HOSTILE), *BASE, looks=[new])
    with writing(engine) as connection:
        connection.execute(update(tables.Change).where(tables.Change.seq == 1).values(language="ar"))
    _told(engine, desk)
    desk.run(
        entry("p", hour=3),
        entry("y", hour=2, title=HOSTILE),
        *BASE,
        looks=[desk.look("p", sight=Sight.UNREADABLE)],
    )
    desk.later(hours=1)
    desk.settle(short(desk, entry("w", hour=5), entry("v", hour=4), looks=[desk.look("w"), desk.look("v")]))
    desk.later(hours=1)
    desk.run(entry("q", hour=6), *BASE, looks=[desk.look("q")], profile=replace(SHAPES, dated=0.0))
    desk.later(hours=1)
    down = Problem(trouble=Trouble.NETWORK, detail=HOSTILE, fatal=True)
    desk.run(problems=(down,), looks=(), source="two")
    return desk


def _told(engine: Engine, desk: Desk) -> None:
    add(engine, "desk", filter=DigestFilter(), target=FOLDER, now=desk.now, from_start=True)
    add(engine, HOSTILE[:20], filter=DigestFilter(languages=("en",)), now=desk.now)
    assert compose(engine, "desk", now=desk.now) is not None
    with reading(engine) as connection:
        [row] = list_deliveries(connection)
    with writing(engine) as connection:
        dead = update(Delivery).where(Delivery.id == row.id)
        connection.execute(dead.values(state="dead", last_error=HOSTILE, attempts=20))
