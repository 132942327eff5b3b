"""What an intruder who has the database in their hands does to the record, and what verification then says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import select

from telehealth.audit import checkpoint
from telehealth.audit.models import audit_chain
from telehealth.audit.office import Office
from telehealth.audit.rules import START, link
from telehealth.audit.verify import Report, verify

SEED = bytes(range(32))
KEY = checkpoint.signing_key(SEED)


async def verified(office: Office, file: Path) -> Report:
    return await verify(office.database, file, [KEY.public_key()])


def flaws(report: Report) -> list[tuple[int | None, str]]:
    return [(finding.seq, finding.flaw) for finding in report.findings]


@asynccontextmanager
async def tampering(office: Office) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """What an intruder who owns the database can do: no trigger and no foreign key is in the way."""
    database = office.database
    async with database.engine.connect() as connection:
        await connection.execution_options(writes=True)
        if database.dialect == "sqlite":
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
                await raw.driver_connection.execute(f"PRAGMA {pragma}")
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'"
            for (name,) in (await connection.exec_driver_sql(triggers)).all():
                await connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")

        async def run(statement: str) -> None:
            done = await connection.exec_driver_sql(statement)
            assert done.rowcount > 0, "nothing was tampered with"

        yield run
        await connection.commit()
        await connection.invalidate()


async def rewrite(office: Office, first: int, last: int) -> None:
    """Give the chain from `first` to `last` links that fit, as a patient intruder would."""
    async with office.database.reading() as connection:
        rows = (await connection.execute(select(audit_chain).order_by(audit_chain.c.seq))).all()
    prev = START if first == 1 else next(row.hash for row in rows if row.seq == first - 1)
    async with tampering(office) as run:
        for row in rows:
            if first <= row.seq <= last:
                hash_ = link(prev, row.leaf)
                where = f"WHERE seq = {row.seq}"
                await run(
                    f"UPDATE audit_chain SET prev = {hex_of(office, prev)}, hash = {hex_of(office, hash_)} {where}"
                )
                prev = hash_


def hex_of(office: Office, value: bytes) -> str:
    """A value in the words of this database."""
    return f"x'{value.hex()}'" if office.database.dialect == "sqlite" else f"'\\x{value.hex()}'::bytea"


def leaf_at(seq: int) -> str:
    return f"(SELECT leaf FROM audit_chain WHERE seq = {seq})"
