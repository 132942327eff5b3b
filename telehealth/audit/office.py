"""The office: everything an act needs, and the one transaction in which it is done and put on record."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit import store
from telehealth.audit.details import detail_keys, seal_detail
from telehealth.audit.rules import OPERATOR, TREATMENT, Action, Entry, look_id, pseudonym
from telehealth.crypto.framing import ID_BYTES, KEY_BYTES
from telehealth.crypto.sealed import Chance, Sealed
from telehealth.db.engine import Database, is_retried
from telehealth.errors import NotFound, Refusal, Unavailable
from telehealth.keys.keyring import Keyring
from telehealth.person import Person

T = TypeVar("T")
SubjectFinder = Callable[[AsyncConnection, bytes], Awaitable[Sequence[bytes]]]
RETRIES = 3


@dataclass
class Work:
    """One act under way: its transaction, its time, and who does it. `actor` may be set once it is known; where there
    is none, it is the service's own work, or that of who sits at the command line (`by_operator`)."""

    connection: AsyncConnection
    ring: Keyring
    now: datetime
    actor: Person | None
    chance: Chance
    pseudonym_key: bytes = field(repr=False)
    by_operator: bool = False
    done: list[str] = field(default_factory=list)  # the type of each act, however many people it concerns
    _entries: list[Entry] = field(default_factory=list, repr=False)

    async def audit(
        self,
        type: str,  # noqa: A002 - the word of FHIR AuditEvent
        action: Action,
        *,
        entity: str,
        entity_id: bytes,
        subjects: Sequence[bytes],
        outcome: str = "success",
        purpose: str = TREATMENT,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Put this act on record, once for each person concerned; it stands or falls with the transaction, at whose
        end all entries are written at once.

        Details are sealed for the person concerned, or for the actor where the act concerns nobody's record.
        """
        self.done.append(type)
        concerned: list[bytes | None] = [*dict.fromkeys(subjects)] or [None]
        ids = {subject: self.chance(ID_BYTES) for subject in concerned}
        sealed = await self._sealed(ids, detail)
        self._entries += [
            self._entry(
                ids[subject],
                type,
                action,
                entity=(entity, entity_id),
                subject=subject,
                outcome=outcome,
                purpose=purpose,
                detail_ct=sealed.get(subject),
            )
            for subject in concerned
        ]

    async def write_entries(self) -> None:
        """What was put on record goes into the database; the office calls this before the transaction ends."""
        if self._entries:
            await store.add(self.connection, self._entries)
            self._entries.clear()

    async def refused(
        self,
        entity: str,
        entity_id: bytes,
        subjects: Sequence[bytes],
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Put on record that this was tried and is not done."""
        await self.audit(
            f"{entity}.refused",
            "E",
            entity=entity,
            entity_id=entity_id,
            subjects=subjects,
            outcome="refused",
            detail=detail,
        )

    async def looked(
        self, *, entity: str, entity_id: bytes, subjects: Sequence[bytes], purpose: str = TREATMENT
    ) -> None:
        """A response showed sealed fields of these people: once per viewer, person, entity, purpose and quarter hour.

        The entity of a list is the viewer, so that every list is one look; of a page about one thing, that thing.
        """
        await self._once("record.look", "R", (entity, entity_id), subjects, purpose, of=purpose)

    async def audit_once(
        self,
        type: str,  # noqa: A002 - the word of FHIR AuditEvent
        action: Action,
        *,
        entity: str,
        entity_id: bytes,
        subjects: Sequence[bytes],
    ) -> None:
        """Put an act on record that a page repeats while somebody types: once per actor, person, entity and quarter
        hour, with the first one's action."""
        await self._once(type, action, (entity, entity_id), subjects, TREATMENT, of=type)

    async def _once(
        self,
        type_: str,
        action: Action,
        entity: tuple[str, bytes],
        subjects: Sequence[bytes],
        purpose: str,
        *,
        of: str,
    ) -> None:
        agent = self._agent_id() or b""
        ids = {
            look_id(self.pseudonym_key, agent, subject, self.now, entity, of): subject for subject in subjects
        }
        if not ids:
            return
        known = await store.known_ids(self.connection, list(ids))
        entries = [
            self._entry(id_, type_, action, entity=entity, subject=subject, purpose=purpose)
            for id_, subject in ids.items()
            if id_ not in known
        ]
        for entry in entries:
            await self._add_once(entry)

    async def _add_once(self, entry: Entry) -> None:
        try:
            async with self.connection.begin_nested():
                await store.add(self.connection, [entry])
        except IntegrityError:
            if not await store.known_ids(self.connection, [entry.id]):
                raise

    async def _sealed(
        self, ids: Mapping[bytes | None, bytes], detail: Mapping[str, str] | None
    ) -> dict[bytes | None, Sealed]:
        if detail is None:
            return {}
        owners = {subject: self._owner(subject) for subject in ids}
        keys = await detail_keys(
            self.connection, self.ring, self.pseudonym_key, list(owners.values()), self.now
        )
        return {subject: seal_detail(keys[owner], ids[subject], detail) for subject, owner in owners.items()}

    def _owner(self, subject: bytes | None) -> bytes:
        if subject is not None:
            return subject
        if self.actor is None:
            raise ValueError("nobody's key could seal this detail: there is neither a subject nor an actor")
        return self.actor.id

    def _entry(
        self,
        id_: bytes,
        type_: str,
        action: Action,
        *,
        entity: tuple[str, bytes],
        subject: bytes | None,
        purpose: str,
        outcome: str = "success",
        detail_ct: Sealed | None = None,
    ) -> Entry:
        agent_id, (entity_type, entity_id) = self._agent_id(), entity
        if entity_type == "person":
            entity_id = self.pseudonym(entity_id)  # in clear it would undo every pseudonym beside it
        return Entry(
            id=id_,
            ts=self.now,
            type=type_,
            action=action,
            outcome=outcome,
            agent=None if agent_id is None else self.pseudonym(agent_id),
            session=self.pseudonym(self.actor.session) if self.actor and self.actor.session else None,
            entity_type=entity_type,
            entity_id=entity_id,
            patient=None if subject is None else self.pseudonym(subject),
            purpose=purpose,
            detail_ct=detail_ct,
        )

    def _agent_id(self) -> bytes | None:
        if self.actor is not None:
            return self.actor.id
        return OPERATOR if self.by_operator else None

    def pseudonym(self, value: bytes) -> bytes:
        """The 16 bytes by which entries name a person, a session, or an entity that is a person."""
        return pseudonym(self.pseudonym_key, value)


class Office:
    """Built once in `app.py`. `pseudonym_key` is 32 bytes; `subject_finders` maps an entity type to the look-up
    of the people whom a record of that type concerns, asked only to put a refusal on record. `by_operator`: what nobody
    signed in does here is a command's, not the service's own."""

    def __init__(
        self,
        database: Database,
        ring: Keyring,
        *,
        clock: Callable[[], datetime],
        chance: Chance,
        pseudonym_key: bytes,
        subject_finders: Mapping[str, SubjectFinder] | None = None,
        by_operator: bool = False,
    ) -> None:
        if len(pseudonym_key) != KEY_BYTES:
            raise ValueError("the pseudonym key has 32 bytes")
        self.database = database
        self.ring = ring
        self.clock = clock
        self.chance = chance
        self._pseudonym_key = pseudonym_key
        self._by_operator = by_operator
        self.told: Callable[[str], None] = lambda _: None  # hears the type of each act that is kept
        self._subject_finders = dict(subject_finders or {})

    def work(self, actor: Person | None) -> AbstractAsyncContextManager[Work]:
        """One transaction for one act. A refusal rolls it back, goes on record by itself, and is raised again."""
        return self._work(actor)

    async def act(self, actor: Person | None, fn: Callable[[Work], Awaitable[T]]) -> T:
        """Do `fn` in one transaction; after a deadlock or serialization failure again, up to three times more."""
        for _ in range(RETRIES):
            try:
                async with self.work(actor) as work:
                    return await fn(work)
            except DBAPIError as error:
                if not is_retried(error):
                    raise
        async with self.work(actor) as work:
            return await fn(work)

    @asynccontextmanager
    async def _work(self, actor: Person | None) -> AsyncIterator[Work]:
        known: Work | None = None
        try:
            async with self.database.transaction() as connection:
                known = self._begun(connection, actor)
                yield known
                await known.write_entries()
            for type_ in known.done:
                self.told(type_)
        except Refusal as refusal:
            if refusal.about is not None:
                await self._record_refusal(known.actor if known else actor, refusal, refusal.about)
            raise

    def _begun(self, connection: AsyncConnection, actor: Person | None) -> Work:
        return Work(
            connection,
            self.ring,
            self.clock(),
            actor,
            self.chance,
            self._pseudonym_key,
            by_operator=self._by_operator,
        )

    async def _record_refusal(self, actor: Person | None, refusal: Refusal, about: tuple[str, bytes]) -> None:
        """In a transaction of its own; if it cannot be written, that error is raised in the refusal's place."""
        entity, entity_id = about
        async with self.database.transaction() as connection:
            work = self._begun(connection, actor)
            finder = self._subject_finders.get(entity)
            subjects = [] if finder is None else await finder(connection, entity_id)
            detail = {"code": refusal.code} if subjects or actor else None
            try:
                async with connection.begin_nested():
                    await work.refused(entity, entity_id, subjects, detail)
            except (NotFound, Unavailable):  # without keys the skeleton is still written
                await work.refused(entity, entity_id, subjects)
            await work.write_entries()
