"""People with sessions and devices, for the tests of what they do with passkeys."""

from dataclasses import dataclass, field

from sqlalchemy import select

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.passkeys import acts
from telehealth.passkeys.ceremony import Site
from telehealth.passkeys.store import Passkey
from telehealth.people import sessions
from telehealth.people import store as people
from telehealth.people.store import LoginSession
from telehealth.person import Person
from tests.authenticator import Authenticator

SITE = Site("Linden Practice", "http://localhost:8000")
VISIT = b"v" * 32


@dataclass
class Scene:
    """The office with its named people; `staff_factor` as outside the demo."""

    office: Office
    opened: int = field(default=0)

    async def session(self, person: Person, *, pending: bool = False, strong: bool = False) -> LoginSession:
        """A login session as a provider opened it."""
        self.opened += 1
        hashed, now = bytes([self.opened]) * 32, self.office.clock()
        row: dict[str, object] = {
            "hash": hashed,
            "id": hashed[:16],
            "person_id": person.id,
            "role": person.role,
            "provider": "practice",
        }
        times = {"created_at": now, "seen_at": now, "signed_in_at": now}
        async with self.office.database.transaction() as connection:
            await people.open_session(connection, {**row, **times, "strong": strong, "pending": pending})
        found = await sessions.come_back(self.office, hashed)
        assert found is not None
        return found

    async def add(
        self,
        session: LoginSession,
        device: Authenticator,
        *,
        code: str = "",
        name: str = "My phone",
        new: bytes = b"n",
    ) -> Passkey:
        """Make a passkey with this device."""
        options = await acts.start_adding(self.office, SITE, session, code=code)
        answer = device.make(options)
        passkey, _ = await acts.add(
            self.office, SITE, answer, session, name=name, code=code, session_hash=new * 32
        )
        return passkey

    async def confirm(self, session: LoginSession, device: Authenticator, *, new: bytes = b"n") -> None:
        """The second step or step-up with this device."""
        options = await acts.start_confirming(self.office, SITE, session, staff_factor=True)
        answer = device.prove(options)
        await acts.confirm(self.office, SITE, answer, session, session_hash=new * 32, staff_factor=True)

    async def sign_in(self, device: Authenticator, *, new: bytes = b"s") -> Person:
        """Come in with this device alone."""
        options = await acts.start_sign_in(self.office, SITE, VISIT)
        return await acts.sign_in(
            self.office, SITE, device.prove(options), visit=VISIT, session_hash=new * 32
        )

    async def recorded(self) -> list[tuple[str, str]]:
        """(type, outcome) of everything on record."""
        query = select(audit_leaves.c.type, audit_leaves.c.outcome)
        async with self.office.database.reading() as connection:
            return [(row.type, row.outcome) for row in await connection.execute(query)]
