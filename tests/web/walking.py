"""One step of a walk through the routes: a request as a scene prepared it, and the record before and after."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx2
from sqlalchemy import select

from telehealth.audit.models import audit_leaves
from telehealth.audit.rules import pseudonym
from telehealth.db.tables import metadata
from telehealth.person import Person
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.route_table import Row
from tests.web.scenes import Sent

# What a look leaves: when it was, the key under which a refusal's detail is sealed, what a calendar was told last.
LOOKING = {"sessions": ("seen_at",), "feeds": ("used_at",)}
LEFT_OUT = ("audit_", "record_keys", "calendar_entries")


@dataclass(frozen=True)
class Seen:
    """One entry of the record: its type and outcome, and the pseudonyms of whom it concerns and of who did it."""

    type: str
    outcome: str
    patient: bytes | None
    agent: bytes | None


async def ask(browser: Browser, row: Row, sent: Sent, token: str) -> httpx2.Response:
    """Send it as a page or a script of ours would."""
    path = path_of(row, sent)
    if row.method == "GET":
        return await browser.get(path)
    if sent.json is None:
        return await browser.post(path, dict(sent.form), token=token)
    headers = {"X-CSRF-Token": token, "Origin": browser.origin, "Sec-Fetch-Site": "same-origin"}
    return await browser.client.post(path, json=sent.json, headers=headers)


def path_of(row: Row, sent: Sent) -> str:
    """The path and query of a request that a scene prepared."""
    path = row.path
    for name, value in sent.ids.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, "the scene fills every part of the path"
    return path + sent.query


async def record(site: Site) -> dict[bytes, Seen]:
    """Every entry by its id."""
    names = ("id", "type", "outcome", "patient", "agent")
    query = select(*(audit_leaves.c[name] for name in names))
    async with site.office.database.reading() as connection:
        return {id_: Seen(*rest) for id_, *rest in await connection.execute(query)}


async def state(site: Site) -> dict[str, list[str]]:
    """Every row of every table, but for the record itself and for what a look at a page leaves anyway."""
    found: dict[str, list[str]] = {}
    async with site.office.database.reading() as connection:
        rows: list[Any] = [*await connection.exec_driver_sql(_every_row(site.office.database.dialect))]
    for name, row in rows:
        found.setdefault(name, []).append(row)
    return {name: sorted(rows) for name, rows in found.items()}


@cache
def _every_row(dialect: str) -> str:
    """One statement for all tables: the name of the table, and a row of it in one text that misses nothing."""
    parts = []
    for table in metadata.sorted_tables:
        left_out = LOOKING.get(table.name, ())
        columns = [f'"{each.name}"' for each in table.columns if each.name not in left_out]
        whole = f"ROW({', '.join(columns)})::text"
        if dialect == "sqlite":
            whole = " || ',' || ".join(f"quote({each})" for each in columns)
        if not table.name.startswith(LEFT_OUT):
            parts.append(f"SELECT '{table.name}', {whole} FROM {table.name}")
    return " UNION ALL ".join(parts)


def differing(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    """The tables that are not the same."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def pseudonym_of(site: Site, person: Person) -> bytes:
    """How entries name this person."""
    return pseudonym(site.office._pseudonym_key, person.id)


def name_of(person: Person | None) -> str:
    """Who walks, for the message of a failure."""
    return "a visitor" if person is None else person.id.decode().strip(".")
