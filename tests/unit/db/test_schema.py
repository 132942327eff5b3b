"""What the migrations make is what the code expects, on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from telehealth.app import create_app
from telehealth.couples import models as couples
from telehealth.db import schema
from telehealth.db.engine import Database, is_overlap
from telehealth.db.tables import metadata
from telehealth.emergency import models as emergency
from telehealth.notices import models as notices
from telehealth.passkeys import models as passkeys
from telehealth.privacy import models as privacy

KNOWN = (
    couples,
    create_app,
    emergency,
    notices,
    passkeys,
    privacy,
)  # imported so that their tables are in the metadata


def _differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.run_sync(_differences) == []
    assert len(metadata.tables) > 25


def _empty(connection: Connection) -> None:
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))


def _migrate(connection: Connection, revision: str) -> None:
    config = schema._config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def test_indexes_of_an_older_release_go_on_with_the_bits_they_were_written_with(
    database: Database,
) -> None:
    rows = (
        "INSERT INTO index_keys (name, version, next_version, check_value) VALUES (:name, 1, :next, :check)"
    )
    noted = {"people.email": 2, "accounts.key": None}
    async with database.transaction() as c:
        await c.run_sync(_empty)
        await c.run_sync(_migrate, "0003")
        for name, following in noted.items():
            await c.execute(text(rows), {"name": name, "next": following, "check": bytes(8)})
    async with database.transaction() as c:
        await c.run_sync(_migrate, "head")
    async with database.reading() as c:
        found = (await c.execute(text("SELECT name, bits, next_bits FROM index_keys"))).all()
    assert {row.name: (row.bits, row.next_bits) for row in found} == {
        "people.email": (6, 6),
        "accounts.key": (256, None),
    }


async def test_accounts_of_an_older_release_get_ids_and_stay_whose_they_are(database: Database) -> None:
    person, keys = b"somebody........", (b"1" * 32, b"2" * 32)
    rows = "INSERT INTO accounts (key, identity, person_id, created_at) VALUES (:key, :sealed, :person, :now)"
    somebody = "INSERT INTO people (id, role, revision, created_at) VALUES (:person, 'client', 0, :now)"
    now = datetime(2026, 11, 23, tzinfo=UTC)
    async with database.transaction() as c:
        await c.run_sync(_empty)
        await c.run_sync(_migrate, "0002")
        values = {"person": person, "now": now if database.dialect == "postgresql" else str(now)}
        await c.execute(text(somebody), values)
        for key in keys:
            await c.execute(text(rows), values | {"key": key, "sealed": b"sealed without an id"})
    async with database.transaction() as c:
        await c.run_sync(_migrate, "head")
    async with database.reading() as c:
        found = (await c.execute(text("SELECT id, key, identity, person_id FROM accounts"))).all()
        assert await c.run_sync(_differences) == []
    assert {row.key for row in found} == set(keys)
    assert len({row.id for row in found}) == 2
    assert all(len(row.id) == 16 for row in found)
    assert {(row.identity, row.person_id) for row in found} == {(None, person)}


async def test_appointments_of_an_older_release_keep_their_place(database: Database) -> None:
    ids = {"person": b"somebody........", "service": b"service.........", "appointment": b"appointment....."}
    now, later = "2026-11-23 09:00:00.000000", "2026-11-23 10:00:00.000000"
    rows = (
        "INSERT INTO people (id, role, revision, created_at) VALUES (:person, 'therapist', 0, '{now}')",
        "INSERT INTO therapists (person_id, slug, name, title, pronouns, specialties, languages, about, zone, position)"
        " VALUES (:person, 'a', 'a', '', '', '', '', '', 'Europe/Berlin', 1)",
        "INSERT INTO services (id, slug, name, public_name, summary, minutes, buffer_before, buffer_after, seats,"
        " grid_minutes, notice_minutes, horizon_days, cancel_hours, price_text, position)"
        " VALUES (:service, 's', 's', 's', '', 50, 0, 0, 1, 30, 0, 56, 24, '', 1)",
        "INSERT INTO appointments (id, service_id, therapist_id, state, local_start, zone, zone_version, starts_at,"
        " ends_at, created_at) VALUES (:appointment, :service, :person, 'booked', '2026-11-23T10:00', 'Europe/Berlin',"
        " '2026b', '{now}', '{later}', '{now}')",
        "INSERT INTO occupancies (appointment_id, party, starts_at, ends_at, state)"
        " VALUES (:appointment, :person, '{now}', '{later}', 'booked')",
    )
    async with database.transaction() as c:
        await c.run_sync(_empty)
        await c.run_sync(_migrate, "0003")
        zone = "+00" if database.dialect == "postgresql" else ""
        for row in rows:
            statement = row.format(now=now + zone, later=later + zone)
            await c.execute(text(statement), {name: id_ for name, id_ in ids.items() if f":{name}" in row})
    url = database.engine.url.render_as_string(hide_password=False)
    await schema.upgrade(url)
    async with database.reading() as c:
        query = "SELECT state, sequence, cancelled_late AS late, case_id FROM appointments"
        found = (await c.execute(text(query))).one()
        assert await c.run_sync(_differences) == []
    assert (found.state, found.sequence, bool(found.late), found.case_id) == ("booked", 0, False, None)
    overlap = rows[-1].replace("'booked'", "'asked'").format(now=now + zone, later=later + zone)
    async with database.transaction() as c:
        await c.execute(
            text(rows[3].format(now=now + zone, later=later + zone)),
            ids | {"appointment": b"another........."},
        )
        with pytest.raises(IntegrityError) as refused:
            await c.execute(text(overlap), {"person": ids["person"], "appointment": b"another........."})
        assert is_overlap(refused.value)
        await c.rollback()
