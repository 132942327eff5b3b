"""PostgreSQL: what the application's own role may do, when somebody else owns the tables.

The owner migrates; the role that serves reads and writes rows, and can neither change the schema nor, in the
append-only tables, what is there (security.md, section 2). A trigger says the same, but its owner could drop it.
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

ROLE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
VERSION_TABLE = "alembic_version"
NAMING = "A role's name here has small letters, digits and underscores, and begins with a letter."
ITERATIONS = 4096  # PostgreSQL's own
ROWS = "SELECT, INSERT, UPDATE, DELETE"
Special = Mapping[str, str]  # table to the privileges it has instead of ROWS


class BadRole(Exception):
    """This role cannot be granted to; the sentence says why."""


async def grant(c: AsyncConnection, role: str, tables: Collection[str], special: Special) -> None:
    """Give `role` exactly this, in the caller's transaction. BadRole when that could not hold it back."""
    await _must_be_bound_by_grants(c, role)
    for statement in grants_ddl(role, tables, special):
        await c.execute(text(statement))


async def keep_role(c: AsyncConnection, role: str, password: str) -> None:
    """Make the role where it is not there yet, and give it this password; nobody reads it from a log of statements."""
    if not ROLE_NAME.fullmatch(role):
        raise BadRole(NAMING)
    there = await c.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    verb = "ALTER" if there else "CREATE"
    await c.exec_driver_sql(
        f"{verb} ROLE \"{role}\" LOGIN PASSWORD '{verifier_of(password, os.urandom(16))}'"
    )


def verifier_of(password: str, salt: bytes) -> str:
    """What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803), so that the password itself need not be sent."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    kept = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{kept[0]}${kept[1]}:{kept[2]}"


def grants_ddl(role: str, tables: Collection[str], special: Special) -> list[str]:
    """Statements, one each. What the role had before is taken away first."""
    if not ROLE_NAME.fullmatch(role):
        raise BadRole(NAMING)
    everything = sorted({*tables, *special, VERSION_TABLE})
    statements = [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f'REVOKE ALL ON SCHEMA public FROM "{role}"',
        f'GRANT USAGE ON SCHEMA public TO "{role}"',
        f'REVOKE ALL ON {_names(everything)} FROM PUBLIC, "{role}"',
        f'GRANT SELECT ON {VERSION_TABLE} TO "{role}"',
        f'GRANT {ROWS} ON {_names(sorted(set(tables) - set(special)))} TO "{role}"',
    ]
    statements += (f'GRANT {privileges} ON "{table}" TO "{role}"' for table, privileges in special.items())
    return statements


async def _must_be_bound_by_grants(c: AsyncConnection, role: str) -> None:
    """Grants hold back neither a superuser nor an owner, nor whoever may become one."""
    found = (
        await c.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = :role"), {"role": role})
    ).first()
    if found is None:
        raise BadRole(f"There is no role {role}. Make it first: CREATE ROLE {role} LOGIN.")
    owner = text("SELECT pg_has_role(:role, current_user, 'MEMBER')")
    if found.rolsuper or (await c.execute(owner, {"role": role})).scalar_one():
        raise BadRole(
            f"The role {role} owns the tables, or may become their owner, so no grant would hold it back. "
            "The service needs a role of its own beside the one that migrates."
        )


def _names(tables: Sequence[str]) -> str:
    return ", ".join(f'"{table}"' for table in tables)
