"""A table for the tests of statements, and statements of each kind about it."""

import random
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql

from telehealth.db.among import Among
from telehealth.db.minutes import MinuteAfter
from telehealth.db.tables import Id, SealedBytes, UtcTime

things = Table(
    "things",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("words", String(20)),
    Column("at", UtcTime),
    Column("day", Date),
    Column("sealed", SealedBytes),
    Column("said", Boolean),
)
counted = Table(
    "counted", things.metadata, Column("id", Integer, primary_key=True), Column("by", Integer, default=7)
)
CHANCE = random.Random(4)
SINCE = datetime(2026, 1, 9, tzinfo=UTC)


def thing(number: Any, **values: Any) -> dict[str, Any]:
    """A row with something in most columns."""
    zone = timezone(timedelta(hours=CHANCE.randint(-12, 12)))
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=CHANCE.randint(0, 10**13))
    some: dict[str, object] = {
        "words": CHANCE.choice(("one", "two", "Zoë's")),
        "at": moment.astimezone(zone),
        "day": date(2026, 1, 1) + timedelta(days=CHANCE.randint(0, 999)),
        "sealed": CHANCE.randbytes(CHANCE.randint(1, 90)),
        "said": CHANCE.choice((True, False)),
    }
    given = {name: value for name, value in some.items() if CHANCE.random() < 0.8}
    return {"id": CHANCE.randbytes(16), "number": number, **dict.fromkeys(some), **given, **values}


def kinds() -> dict[str, tuple[Any, Any]]:
    """Statements of each kind, and what goes with them."""
    rows = [thing(number) for number in range(40)]
    add, among = insert(things), select(things).where(Among(things.c.id, "ids")).order_by(things.c.number)
    unless = postgresql.insert(things).on_conflict_do_nothing()
    changed = (
        update(things).where(things.c.number > bindparam("over")).values(said=True, words=bindparam("new"))
    )
    many = select(func.count().label("many"), func.max(things.c.number))
    minutes = select(MinuteAfter(things.c.at), things.c.said).where(things.c.at > bindparam("since"))
    gone = delete(things).where(things.c.number == bindparam("gone"))
    return {
        "no row": (among, {"ids": [row["id"] for row in rows]}),
        "several at once": (add, rows),
        "one": (add, thing(40)),
        "one in a list": (add, [thing(41)]),
        "fewer names": (add, {"id": b"i" * 16, "number": 42}),
        "there already": (unless, rows[3]),
        "not there yet": (unless, thing(43)),
        "an array": (among, {"ids": [row["id"] for row in rows[5:30]]}),
        "a constant": (many.where(things.c.words == "one"), None),
        "another constant in the same place": (many.where(things.c.words == "two"), None),
        "expressions": (minutes.order_by(things.c.number), {"since": SINCE}),
        "text": (
            text("SELECT number AS n, words FROM things WHERE number < :below ORDER BY 1"),
            {"below": 20},
        ),
        "a change": (changed, {"over": 30, "new": "three"}),
        "a removal": (gone, {"gone": 5}),
        "nothing to remove": (gone, {"gone": 5}),
        "a list in the text": (
            select(things.c.at).where(things.c.number.in_([3, 4])).order_by(things.c.id),
            None,
        ),
        "what is made here": (insert(counted), {"id": 4}),
        "what is asked back": (delete(things).where(things.c.number == 7).returning(things.c.words), None),
    }


USUAL = {"a list in the text", "what is made here", "what is asked back"}  # a plan cannot do that
