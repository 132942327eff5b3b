"""What an administrator does about who works here: somebody begins, is shown to clients, goes, and comes back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from telehealth.audit.office import Office, Work
from telehealth.clinic import rules, store
from telehealth.clinic.elsewhere import Ahead, Elsewhere
from telehealth.clinic.once import must_be_administrator, once
from telehealth.clinic.rules import Newcomer, Profile
from telehealth.clinic.store import Therapist
from telehealth.db.engine import lock_parties
from telehealth.errors import Conflict
from telehealth.keys.erasing import was_erased
from telehealth.people import store as people
from telehealth.person import Person

BOOKED = (
    "Clients have appointments ahead, so nothing was changed. The front desk can move or cancel them; this page lists "
    "when they are."
)
ERASED = "This person asked to be erased, so the profile stays as it is. Who comes back begins anew."


@dataclass(frozen=True)
class Leaving:
    """A therapist who may go: nobody has anything with them any more where `ahead` is empty."""

    therapist: Therapist
    ahead: Sequence[Ahead]
    services: Sequence[store.Service]


async def create_staff(office: Office, person: Person, newcomer: Newcomer, zone: str, key: str) -> bytes:
    """Somebody begins to work here; their id. A therapist has a public profile from the start, in this zone, which
    nobody sees before a service names them. Their account is tied by an invitation (`people/inviting.py`)."""

    async def change(work: Work) -> bytes:
        person_id = work.chance(16)
        await people.add_person(work.connection, work.ring, person_id, newcomer.role, work.now)
        await people.rename(work.connection, work.ring, person_id, newcomer.name)
        await work.audit("person.create", "C", entity="person", entity_id=person_id, subjects=[person_id])
        if newcomer.role == "therapist":
            await add_profile(work, person_id, newcomer.name, zone)
        return person_id

    return await once(office, person, key, ("person.create", repr(newcomer)), change)


async def add_profile(work: Work, person_id: bytes, name: str, zone: str) -> None:
    """Whoever becomes a therapist can be shown to clients, last in order."""
    slug = rules.slug_of(name, await store.slugs(work.connection))
    new = Therapist(
        id=person_id,
        slug=slug,
        name=name,
        title="",
        pronouns="",
        specialties=(),
        languages=(),
        about="",
        zone=zone,
        position=rules.PLACES[-1],
    )
    await store.add_therapist(work.connection, new)
    await _order(work, person_id, rules.PLACES[-1])


async def change_profile(
    office: Office, person: Person, person_id: bytes, profile: Profile, key: str
) -> bytes:
    """Show this person differently to clients. Hours stay at their wall-clock time when the zone changes."""
    about = ("person", person_id)

    async def change(work: Work) -> bytes:
        before = await _found(work, person_id)
        values = {name: value for name, value in asdict(profile).items() if name != "place"}
        lines = {name: "\n".join(values[name]) for name in ("specialties", "languages")}
        await store.change_therapist(work.connection, person_id, values | lines)
        if before.retired_at is None:
            await _order(work, person_id, profile.place)
        await work.audit("profile.public", "U", entity="person", entity_id=person_id, subjects=[person_id])
        return person_id

    return await once(office, person, key, ("profile.public", person_id.hex(), repr(profile)), change, about)


async def leaving(office: Office, person: Person, person_id: bytes, elsewhere: Elsewhere) -> Leaving:
    """What stands in the way of this therapist's going, and what they offer. Times alone: not whose they are."""
    must_be_administrator(person)
    async with office.database.reading() as c:
        found = await store.therapist(c, person_id)
        ahead = await elsewhere.ahead(c, person_id, office.clock())
        return Leaving(found, ahead, await store.every_service(c))


async def retire_therapist(
    office: Office, person: Person, person_id: bytes, elsewhere: Elsewhere, key: str
) -> bytes:
    """Clients see and book this therapist no more; what was stays. Conflict "clients_booked" while somebody has an
    appointment ahead with them, or is choosing a time of theirs."""
    about = ("person", person_id)

    async def change(work: Work) -> bytes:
        if (await _found(work, person_id)).retired_at is not None:
            return person_id
        await lock_parties(work.connection, [person_id])
        if await elsewhere.ahead(work.connection, person_id, work.now):
            raise Conflict("clients_booked", BOOKED, about=about)
        await store.change_therapist(work.connection, person_id, {"retired_at": work.now})
        await work.audit("person.retire", "U", entity="person", entity_id=person_id, subjects=[person_id])
        return person_id

    return await once(office, person, key, ("person.retire", person_id.hex()), change, about)


async def take_back(office: Office, person: Person, person_id: bytes, key: str) -> bytes:
    """The therapist is here again, with the services and hours as they were."""
    about = ("person", person_id)

    async def change(work: Work) -> bytes:
        if (await _found(work, person_id)).retired_at is None:
            return person_id
        await store.change_therapist(work.connection, person_id, {"retired_at": None})
        await _order(work, person_id, rules.PLACES[-1])
        await work.audit("person.return", "U", entity="person", entity_id=person_id, subjects=[person_id])
        return person_id

    return await once(office, person, key, ("person.return", person_id.hex()), change, about)


async def _found(work: Work, person_id: bytes) -> Therapist:
    """The therapist. Conflict "person_erased" for one who was erased: nothing of theirs is written again."""
    found = await store.therapist(work.connection, person_id)
    if await was_erased(work.connection, person_id):
        raise Conflict("person_erased", ERASED, about=("person", person_id))
    return found


async def _order(work: Work, moved: bytes, place: int) -> None:
    ids = [each.id for each in await store.therapists(work.connection)]
    await store.put_in_order(work.connection, "therapists", rules.in_order(ids, moved, place))
