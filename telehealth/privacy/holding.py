"""Legal holds: what must be kept although its person, or its time, is gone (GDPR, Article 17 (3) b and e)."""

from dataclasses import dataclass

from telehealth.audit.office import Office, Work
from telehealth.audit.rules import Action
from telehealth.db.engine import lock_parties
from telehealth.db.scrubbing import scrub
from telehealth.errors import Conflict, NotFound
from telehealth.keys import erasing as keys
from telehealth.keys.keyring import SubjectClass
from telehealth.people import forgetting as people
from telehealth.person import Person
from telehealth.privacy import lapsing, rules, store
from telehealth.privacy.acts import NOBODY, Erased, Registry, erased
from telehealth.privacy.store import LegalHold

NO_SUCH_HOLD = "There is no legal hold with this id. The list of a person's holds shows which there are."


@dataclass(frozen=True)
class Released:
    """A hold that is lifted. `erased` is what it alone had kept of somebody who was erased before, if so."""

    hold: LegalHold
    erased: Erased | None


async def hold(office: Office, actor: Person | None, subject_id: bytes, *, cls: str, reason: str) -> bytes:
    """Keep one class of a person's records from being erased or outliving its time; returns the hold's id.

    Invalid for an unknown class or no reason; NotFound "person_not_found"; Conflict "already_erased".
    """
    wanted, why = rules.class_from(cls), rules.reason_from(reason)

    async def act(work: Work) -> bytes:
        await lock_parties(work.connection, [subject_id])
        if await people.role_of(work.connection, subject_id) is None:
            raise NotFound("person_not_found", NOBODY)
        if wanted not in await keys.classes_of(work.connection, subject_id):
            raise Conflict("already_erased", "This was erased already, so nothing is left to hold back.")
        made = await _sealed(work, subject_id, wanted, why)
        await store.add_hold(work.connection, made, None if actor is None else actor.id)
        await _on_record(work, "hold.set", "C", made)
        return made.id

    return await office.act(actor, act)


async def _sealed(work: Work, subject_id: bytes, cls: SubjectClass, reason: str) -> LegalHold:
    """The reason hangs on the key of the very class it keeps, so that it lives exactly as long."""
    hold_id = work.chance(16)
    key = await work.ring.new_record(work.connection, hold_id, cls, [subject_id])
    return LegalHold(
        hold_id, subject_id, cls, key.seal("legal_holds", "reason", 0, reason), work.now, lifted_at=None
    )


async def release(registry: Registry, actor: Person | None, hold_id: bytes) -> Released:
    """Lift a hold; what it kept of somebody who was erased before is destroyed in the same transaction.

    NotFound "hold_not_found"; Conflict "already_lifted".
    """

    async def act(work: Work) -> Released:
        found = await store.hold_of(work.connection, hold_id)
        if found is None:
            raise NotFound("hold_not_found", NO_SUCH_HOLD)
        await lock_parties(work.connection, [found.subject_id])
        if not await store.lift_hold(work.connection, hold_id, None if actor is None else actor.id, work.now):
            raise Conflict("already_lifted", "This hold was released before, so there is nothing to change.")
        await _on_record(work, "hold.lift", "U", found)
        return Released(found, await _finished(work, registry, found))

    done = await registry.office.act(actor, act)
    if done.erased is not None:
        await scrub(registry.office.database)
    return done


async def _finished(work: Work, registry: Registry, lifted: LegalHold) -> Erased | None:
    """The rest of an erasure that waited for this hold; what ends by age does so in the night after its own days."""
    waiting = await store.erasure_of(work.connection, lifted.subject_id)
    still_held = await store.held_classes(work.connection, lifted.subject_id)
    if waiting is None or waiting.done_at is not None or lifted.cls in still_held:
        return None
    if waiting.basis == lapsing.BASIS:
        return None
    return await erased(work, registry, lifted.subject_id, waiting.basis)


async def _on_record(work: Work, type_: str, action: Action, found: LegalHold) -> None:
    await work.audit(
        type_,
        action,
        entity="hold",
        entity_id=found.id,
        subjects=[found.subject_id],
    )
