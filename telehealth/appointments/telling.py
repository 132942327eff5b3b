"""Tell everybody concerned what happened to an appointment, in the transaction in which it happened."""

from collections.abc import Collection, Mapping

from telehealth.appointments.changes import still_here
from telehealth.appointments.reading import Appointment
from telehealth.audit.office import Work
from telehealth.notices.acts import announce_all
from telehealth.notices.store import Told


async def tell(
    work: Work,
    found: Appointment,
    kind: str,
    more: Mapping[str, str] | None = None,
    *,
    message: str = "",
    busy: Collection[bytes] = (),
    quiet: bool = False,
) -> None:
    """A notice of this kind to each client and therapist, sealed for them alone; `message` is what staff wrote, for
    the clients. `more` stands in every body; the clients of `busy` alone read that they have something else then, and
    whoever has not agreed to its time that they are asked.
    `quiet`: by mail alone, where a page has enough to say already.

    A therapist's notice names no client, so that nothing of an erased client stays in it; whoever did it and reads it
    on the next page is not called to read it again, and staff are not told of what they did themselves.
    """
    actor = work.actor
    shared = {"appointment": found.id.hex(), "starts_at": found.starts_at.isoformat(), **(more or {})}
    shared["what"] = found.service.public_name
    shared["who"] = " and ".join(each.name for each in found.therapists)
    messages = []
    for client_id in await still_here(work, found):
        body = shared | {"to": "client", "by": _by(work, client_id)}
        if message:
            body["message"] = message
        if client_id in found.unsaid_ids:
            body["asked"] = "yes"
        if client_id in busy:
            body["also"] = "busy"
        read = actor is not None and actor.id == client_id
        messages.append(Told(work.chance(16), client_id, kind, body, found.id, read or quiet))
    for therapist in found.therapists:
        if actor is None or actor.id != therapist.id:
            body = shared | {"to": "therapist", "by": _by(work, therapist.id)}
            messages.append(Told(work.chance(16), therapist.id, kind, body, found.id, quiet))
    await announce_all(work, messages)


def _by(work: Work, reader: bytes) -> str:
    """Who did it, as the reader may know it: you, another client, the practice, or nobody."""
    if work.actor is None:
        return "nobody"
    if work.actor.id == reader:
        return "you"
    return "client" if work.actor.role == "client" else "practice"
