"""Old and new run side by side during an upgrade: no migration takes away what the version before lives on."""

from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from telehealth.db import schema

# Older than the first release: nobody has run two of them side by side. From here on a migration that takes something
# away has a constant CONTRACTS: what stopped using it, and since which version.
BEFORE_THE_FIRST_RELEASE = {
    "0002": "sessions made anew: people signed in once more",
    "0003": "accounts got ids, which the program gives, and no default could",
    "0004": "states of appointments, answers to repeated requests and sessions made anew",
    "0005": "tickets made anew: they live for half a minute",
}


@dataclass
class Shape:
    """Of each table the columns, and what it refuses, by kind and words."""

    columns: dict[str, dict[str, tuple[str, bool, bool]]] = field(default_factory=dict)
    rules: dict[str, set[tuple[str, str]]] = field(default_factory=dict)


def shape(connection: sa.Connection) -> Shape:
    """Of each column its type, whether it may be empty, and whether it fills itself."""
    made, there = Shape(), sa.inspect(connection)
    for table in there.get_table_names():
        key = there.get_pk_constraint(table)["constrained_columns"]
        made.columns[table] = {
            each["name"]: (str(each["type"]), each["nullable"], each["default"] is not None)
            for each in there.get_columns(table)
        }
        made.rules[table] = {("key", ", ".join(key))}
        for one in there.get_unique_constraints(table):
            made.rules[table].add(("unique", ", ".join(one["column_names"])))
        for index in there.get_indexes(table):
            if index["unique"]:
                made.rules[table].add(("unique", ", ".join(map(str, index["column_names"]))))
        made.rules[table] |= {("check", each["sqltext"]) for each in there.get_check_constraints(table)}
        made.rules[table] |= {
            ("reference", f"{each['constrained_columns']} to {each['referred_table']}")
            for each in there.get_foreign_keys(table)
        }
    triggers = sa.text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
    for table, _, words in connection.execute(triggers):
        made.rules[table].add(("trigger", words))
    return made


def taken(before: Shape, after: Shape) -> list[str]:
    """What the version before cannot live with, a few words each."""
    found = [f"no table {table}" for table in before.columns.keys() - after.columns.keys()]
    for table in before.columns.keys() & after.columns.keys():
        old, new = before.columns[table], after.columns[table]
        found += [f"no {table}.{name}" for name in old.keys() - new.keys()]
        for name, (kind, may_be_empty, fills_itself) in new.items():
            had = old.get(name)
            if had is not None and narrows(had[0], kind):
                found.append(f"{table}.{name} from {had[0]} to {kind}")
            if not may_be_empty and not fills_itself and (had is None or had[1] or had[2]):
                found.append(f"{table}.{name} has to be given")
        stricter = after.rules[table] - before.rules[table]
        # What it leans on: a conflict that is told apart, a row that is written in the place of another.
        gone = {
            rule for rule in before.rules[table] - after.rules[table] if rule[0] not in ("check", "reference")
        }
        found += [f"{table}: {' '.join(rule)}" for rule in sorted(stricter | gone)]
    return sorted(found)


def narrows(old: str, new: str) -> bool:
    """Whether a value of one type may not fit into the other."""
    if old == new or (old, new) == ("INTEGER", "BIGINT"):
        return False
    lengths = [int(kind[8:-1]) if kind.startswith("VARCHAR(") else None for kind in (old, new)]
    return not (lengths[0] and (new == "TEXT" or (lengths[1] or 0) >= lengths[0]))


def test_no_migration_takes_away_what_the_version_before_lives_on() -> None:
    scripts = list(ScriptDirectory.from_config(schema._config()).walk_revisions())[::-1]
    frozen = set()
    with sa.create_engine("sqlite://").connect() as connection:
        before = Shape()
        for script in scripts:
            schema.upgrade_within(connection, script.revision)
            after = shape(connection)
            lost = taken(before, after)
            if lost and script.revision in BEFORE_THE_FIRST_RELEASE:
                frozen.add(script.revision)
            elif lost:
                assert getattr(script.module, "CONTRACTS", ""), f"{script.revision}: {'; '.join(lost)}"
            before = after
    assert frozen == set(BEFORE_THE_FIRST_RELEASE)


TABLE = (
    "CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(9) NOT NULL, note VARCHAR(9),"
    " UNIQUE (name))"
)
TRIGGER = "CREATE TRIGGER one BEFORE INSERT ON things BEGIN SELECT RAISE(ABORT, 'no'); END"


def after(*statements: str) -> Shape:
    with sa.create_engine("sqlite://").connect() as connection:
        for each in statements:
            connection.exec_driver_sql(each)
        return shape(connection)


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ([TABLE, "ALTER TABLE things RENAME TO others"], ["no table things"]),
        ([TABLE, "ALTER TABLE things DROP COLUMN note"], ["no things.note"]),
        ([TABLE, "ALTER TABLE things RENAME note TO notes"], ["no things.note"]),
        ([TABLE.replace("note VARCHAR(9)", "note VARCHAR(8)")], ["things.note from VARCHAR(9) to VARCHAR(8)"]),
        ([TABLE.replace("note VARCHAR(9)", "note INTEGER")], ["things.note from VARCHAR(9) to INTEGER"]),
        ([TABLE.replace("note VARCHAR(9)", "note TEXT")], []),
        ([TABLE.replace("note VARCHAR(9)", "note VARCHAR(10)")], []),
        ([TABLE.replace("note VARCHAR(9)", "note VARCHAR(9) NOT NULL")], ["things.note has to be given"]),
        ([TABLE.replace("note VARCHAR", "more INTEGER NOT NULL, note VARCHAR")], ["things.more has to be given"]),
        ([TABLE, "ALTER TABLE things ADD more INTEGER NOT NULL DEFAULT 0"], []),
        ([TABLE, "ALTER TABLE things ADD more INTEGER"], []),
        ([TABLE, "CREATE TABLE others (id INTEGER NOT NULL)", "CREATE INDEX a ON things (note)"], []),
        ([TABLE.replace(", UNIQUE (name)", "")], ["things: unique name"]),
        ([TABLE, "CREATE UNIQUE INDEX a ON things (note)"], ["things: unique note"]),
        ([TABLE.replace(", UNIQUE", ", CHECK (id > 0), UNIQUE")], ["things: check id > 0"]),
        ([TABLE, TRIGGER], [f"things: trigger {TRIGGER}"]),
    ],
)  # fmt: skip
def test_what_the_version_before_cannot_live_with_is_seen(changed: list[str], lost: list[str]) -> None:
    assert taken(after(TABLE), after(*changed)) == lost
