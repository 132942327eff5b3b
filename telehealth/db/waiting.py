"""Who else is in the middle of something: what an older transaction has read must stay true until it ends."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# Every transaction holds a lock on its own virtual id for as long as it lasts (PostgreSQL, view pg_locks).
_UNDER_WAY = text(
    "SELECT l.virtualxid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'virtualxid' AND l.pid <> pg_backend_pid() AND a.datname = current_database()"
)


async def others_under_way(c: AsyncConnection) -> set[str]:
    """A name for each other transaction of this database that has begun and not ended.

    SQLite: none, since each of its transactions sees one state from its first statement to its last.
    """
    if c.dialect.name != "postgresql":
        return set()
    return set((await c.execute(_UNDER_WAY)).scalars())
