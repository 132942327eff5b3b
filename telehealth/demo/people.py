"""The demo's people. Their names are sealed by us; the provider knows a user name, an address and a password only."""

import secrets
import uuid
from dataclasses import asdict, dataclass
from typing import Any

from telehealth.person import Role

_QUIET = (
    "amber",
    "birch",
    "cedar",
    "clover",
    "coral",
    "dune",
    "fern",
    "hazel",
    "ivory",
    "lilac",
    "linen",
    "maple",
)
_THINGS = (
    "acorn",
    "arbor",
    "basin",
    "brook",
    "candle",
    "cloud",
    "garden",
    "grove",
    "hill",
    "lantern",
    "path",
    "river",
)


@dataclass(frozen=True)
class Member:
    """Somebody of the demo clinic before they have an account: `name` is what they want to be called."""

    key: str
    role: Role
    name: str
    user_name: str


@dataclass(frozen=True)
class Account(Member):
    """The same with an account: `subject` is the provider's immutable id."""

    email: str
    password: str
    subject: str


MEMBERS = (
    Member("mara", "therapist", "Mara Lind", "mara"),
    Member("jonas", "therapist", "Jonas Okafor", "jonas"),
    Member("elif", "therapist", "Elif Arslan", "elif"),
    Member("first_client", "client", "Robin Vale", "heron"),
    Member("partner_one", "client", "Noor Haddad", "juniper"),
    Member("partner_two", "client", "Sam Whitlock", "marten"),
    Member("desk", "front_desk", "Ines Calder", "desk"),
    Member("administrator", "administrator", "Tove Brandt", "office"),
)


def new_accounts() -> list[Account]:
    """Everybody with a fresh password and id; made once, kept with the data."""
    return [
        Account(
            **asdict(member),
            email=f"{member.user_name}@mail.example",
            password=new_password(),
            subject=str(uuid.uuid4()),
        )
        for member in MEMBERS
    ]


def new_password() -> str:
    """Easy to type and good enough on loopback: about 27 bits, and the provider slows down who guesses."""
    return f"{secrets.choice(_QUIET)}-{secrets.choice(_THINGS)}-{secrets.randbelow(10**6):06d}"


def accounts_from(rows: list[dict[str, Any]]) -> list[Account]:
    """What was kept, read again."""
    return [Account(**row) for row in rows]
