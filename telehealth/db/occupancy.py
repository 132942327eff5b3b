"""What the database itself does against double booking: no two times of one party overlap (security.md, section 6)."""

from telehealth.db.engine import OVERLAP

LIVE = "('held', 'asked', 'booked', 'attended')"  # a session that has ended early still keeps its buffer


def occupancy_ddl(dialect: str) -> list[str]:
    """Statements, one each, to be run once after CREATE TABLE occupancies. Ranges are half-open: [start, end)."""
    return _postgresql_ddl() if dialect == "postgresql" else _sqlite_ddl()


def _postgresql_ddl() -> list[str]:
    return [
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        "ALTER TABLE occupancies ADD CONSTRAINT ex_occupancies_party_during EXCLUDE USING gist "
        f"(party WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (state IN {LIVE})",
    ]


def _sqlite_ddl() -> list[str]:
    # `UtcTime` stores one text form of fixed width, so comparing text compares times.
    taken = (
        f"NEW.state IN {LIVE} AND EXISTS (SELECT 1 FROM occupancies AS other WHERE other.party = NEW.party "  # noqa: S608 - a constant
        f"AND other.state IN {LIVE} AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at"
    )
    itself = " AND NOT (other.appointment_id = OLD.appointment_id AND other.party = OLD.party)"
    return [_trigger("INSERT", f"{taken})"), _trigger("UPDATE", f"{taken}{itself})")]


def _trigger(verb: str, taken: str) -> str:
    return (
        f"CREATE TRIGGER occupancies_no_overlap_{verb.lower()} BEFORE {verb} ON occupancies "
        f"WHEN {taken} BEGIN SELECT RAISE(ABORT, '{OVERLAP}'); END"
    )
