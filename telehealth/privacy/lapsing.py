"""The end of an account by age: the client goes, and of the rest only what is past its own days, class by class."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from telehealth.appointments.forgetting import with_contact_since
from telehealth.audit.office import Work
from telehealth.db.engine import lock_parties
from telehealth.errors import Refusal
from telehealth.keys import erasing as keys
from telehealth.notices.forgetting import written_to_since
from telehealth.privacy import rules, store
from telehealth.privacy.acts import Registry, erased
from telehealth.privacy.contact import out_of_touch_since, without_appointment_since

BASIS = "retention"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What is older than these moments is due; None where nothing ever is. `booking_days`: 0 is for ever."""

    before: Mapping[str, datetime | None]
    booking_days: int


def limits_of(days: Mapping[str, int], now: datetime) -> Limits:
    """`days` says for each class how long it is kept; 0 is for ever."""
    return Limits({cls: rules.due_before(days[cls], now) for cls in rules.CLASSES}, days["booking"])


async def end_accounts(registry: Registry, limits: Limits) -> int:
    """Each in a transaction of its own: one may be refused, and the others are due all the same."""
    count = 0
    for person_id in await _candidates(registry, limits):
        try:
            count += await _end(registry, limits, person_id)
        except Refusal as refusal:
            _log.warning("A client whose time is over could not be erased: %s", refusal.code)
    return count


async def _candidates(registry: Registry, limits: Limits) -> Sequence[bytes]:
    """Those whose account is due, and those of whom an earlier night had to leave something."""
    before = limits.before["account"]
    async with registry.office.work(None) as work:
        erasures = await store.all_erasures(work.connection)
        due = [] if before is None else await out_of_touch_since(work, before)
    known = {each.subject_id for each in erasures}
    unfinished = [each.subject_id for each in erasures if each.basis == BASIS and each.done_at is None]
    return unfinished + [id_ for id_ in due if id_ not in known]


async def _end(registry: Registry, limits: Limits, person_id: bytes) -> bool:
    async def act(work: Work) -> bool:
        await lock_parties(work.connection, [person_id])
        present = await keys.classes_of(work.connection, person_id)
        held = await store.held_classes(work.connection, person_id)
        lapsed = await _lapsed(work, limits, person_id, present)
        classes = rules.to_erase(present, held | (present - lapsed))
        if not classes or ("account" in present and "account" not in classes):
            return False
        await erased(work, registry, person_id, BASIS, only=classes)
        return True

    return await registry.office.act(None, act)


async def _lapsed(work: Work, limits: Limits, person_id: bytes, present: set[str]) -> set[str]:
    """The classes past their own days, and those in which nothing was ever kept or nothing is left."""
    c, before = work.connection, limits.before
    lapsed = present - await store.classes_with_records(c, person_id) - {"account"}
    if before["account"] is not None and await out_of_touch_since(work, before["account"], only=person_id):
        lapsed.add("account")
    if before["booking"] is not None and person_id not in await with_contact_since(c, before["booking"]):
        lapsed.add("booking")
    if before["clinical"] is not None and await without_appointment_since(
        work, before["clinical"], limits.booking_days, only=person_id
    ):
        lapsed.add("clinical")
    written = before["correspondence"]
    if written is not None and not await written_to_since(c, person_id, written):
        lapsed.add("correspondence")
    return lapsed
