"""Plants a word in every sealed field, the way people do: they sign in, book, ask; and where they make mistakes."""

import base64
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import select, text

from telehealth.audit.office import Office, Work
from telehealth.calendars import acts as calendars
from telehealth.mail import acts as mail
from telehealth.mail import folder
from telehealth.mail.folder import FolderPost
from telehealth.mail.letters import Sender
from telehealth.notes import acts as notes
from telehealth.notes.rules import Typed
from telehealth.notices import choices
from telehealth.notices.rules import Preferences
from telehealth.office import SEALED_TABLES
from telehealth.people import acts as people_acts
from telehealth.people import store as people
from telehealth.people.acts import Identity
from telehealth.person import Person
from telehealth.privacy import holding
from telehealth.rooms import whereabouts
from telehealth.rooms.rules import Whereabouts
from telehealth.waiting import store as wishes
from telehealth.waiting.rules import Wish
from telehealth.web import cookies
from tests.authenticator import Authenticator, Habit
from tests.deploy.canary.clinic import Clinic
from tests.deploy.canary.search import MARKER
from tests.deploy.canary.visitor import Visitor
from tests.people import ADMIN, DESK, NADIA, NADIAS_PROFILE, SINGLE, make_clinic
from tests.unit.passkeys.scene import Scene

CONTROL = NADIAS_PROFILE.about  # stands in clear in a public profile
NAME = f"Zoë {MARKER}01"
EMAIL = f"{MARKER}02@mail.example"
REASON = f"“Words” for\n{MARKER}03 & <b>closeness</b> – 性"


async def plant(clinic: Clinic) -> Person:
    """Everything a clinic's day can hold, and everything a browser can get wrong; returns the client."""
    await make_clinic(clinic.office)
    client, secret = await _sign_in(clinic.office)
    async with _at(clinic, secret) as visitor:
        await _is_done(visitor, "/profile", name=NAME)
        booked = await visitor.book(reason=REASON)
        assert booked.status_code == 303, booked.text
        await _be_wrong(visitor)
        for path in ("/appointments", "/profile", "/sessions", booked.headers["location"]):
            assert (await visitor.get(path)).status_code == 200, path
    await _come_unknown(clinic)
    await _have_an_emergency(clinic, client)
    await _add_passkey(clinic, client)
    await holding.hold(clinic.office, ADMIN, client.id, cls="clinical", reason=f"{MARKER}13")
    await clinic.office.act(client, lambda work: _note(work, client))
    await _write_mails(clinic, client)
    await _wish(clinic, client)
    await _note_privately(clinic, booked.headers["location"])
    await _be_somewhere(clinic, client, booked.headers["location"])
    return client


async def _wish(clinic: Clinic, client: Person) -> None:
    """An earlier time is wished for, in words that no page would take, and another calendar is read from a secret
    address."""

    async def act(work: Work) -> None:
        wish = Wish(None, f"{MARKER}47", "Europe/Berlin")
        times = {"before": work.now + timedelta(days=30), "created_at": work.now}
        await wishes.add(work.connection, work.ring, work.chance(16), client.id, SINGLE.id, wish, **times)

    await clinic.office.act(client, act)
    address = f"https://calendar.example/{MARKER}46.ics"
    await calendars.subscribe(clinic.office, NADIA, address, secrets.token_hex(16))


async def _note_privately(clinic: Clinic, location: str) -> None:
    """What the therapist notes about the session; `location` is the appointment's."""
    appointment_id = bytes.fromhex(location.removeprefix("/appointments/")[:32])
    typed = Typed(f"{MARKER}50", 0, bytes(16), 1)
    await notes.save(clinic.office, NADIA, appointment_id, typed)


async def _be_somewhere(clinic: Clinic, client: Person, location: str) -> None:
    """Where the client is, as their page says it once the door is open; `location` is the appointment's."""
    appointment_id = bytes.fromhex(location.removeprefix("/appointments/")[:32])
    said = Whereabouts(f"{MARKER}48", f"{MARKER}49")
    await clinic.office.act(client, lambda work: whereabouts.write(work, appointment_id, client.id, said))


async def _sign_in(office: Office) -> tuple[Person, bytes]:
    """A new client, as the provider's answer makes them known."""
    secret = cookies.new_secret()
    issuer, subject, session = f"https://id.example/{MARKER}04", f"{MARKER}05", f"{MARKER}06"
    parts = [{"alg": "ES256"}, {"iss": issuer, "sub": subject, "sid": session, "name": f"{MARKER}07"}]
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    identity = Identity(
        provider="practice",
        issuer=issuer,
        subject=subject,
        role="client",
        email=EMAIL,
        session=session,
        id_token=f"{token}.signature",
        strong=True,
    )
    hashed = cookies.hash_of(secret, "session")
    arrival = await people_acts.sign_in(office, identity, hashed, device=f"{MARKER}08 on Android")
    return arrival.person, secret


@asynccontextmanager
async def _at(clinic: Clinic, secret: bytes | None = None) -> AsyncIterator[Visitor]:
    visitor = Visitor(clinic.url, secret)
    try:
        yield visitor
    finally:
        await visitor.close()


async def _is_done(visitor: Visitor, path: str, **fields: str) -> None:
    answer = await visitor.post(path, **fields)
    assert answer.status_code in (200, 303), answer.text


async def _be_wrong(visitor: Visitor) -> None:
    """Mistakes and attacks: each is refused, none is a failure of ours."""
    word = f"{MARKER}40"
    answers = [
        await visitor.post("/profile", name=f"{word} " * 1000),
        await visitor.post("/appointments", hold=word, choice=word, key=word, reason=f"{word} " * 10_000),
        await visitor.post(f"/appointments/{word}/cancellation", key=word),
        await visitor.post("/zone", zone=word),
        await visitor.post(f"/{word}", **{word: word}),
        await visitor.post("/auth/sign-in", provider=word, next=f"/{word}"),
        await visitor.post_raw("/auth/passkey/sign-in", f'{{"id": "{word}'.encode(), "application/json"),
        await visitor.post_raw("/profile", f"name={word}".encode(), f"text/{word}"),
        await visitor.get(f"/times?service={word}&from={word}&zone={word}"),
        await visitor.get(f"/appointments/{word}?{word}={word}"),
        await visitor.get(f"/auth/callback/practice?code={word}&state={word}&iss={word}"),
        await visitor.get(f"/auth/callback/practice?error={word}&error_description={word}&state={word}"),
        await visitor.get(f"/signaling?ticket={word}"),
    ]
    statuses = [answer.status_code for answer in answers]
    assert max(statuses) < 500, statuses
    assert statuses.count(404) >= 3, statuses


async def _come_unknown(clinic: Clinic) -> None:
    """Somebody who is not signed in, from an address that is a planted word itself."""
    async with _at(clinic) as visitor:
        await visitor.hold()
        unknown = await visitor.post("/auth/sign-in", provider=f"{MARKER}41")
        assert 400 <= unknown.status_code < 500, unknown.text
        away = await visitor.post("/auth/sign-in", provider="practice")
        assert away.status_code == 503, away.text


async def come_often(clinic: Clinic) -> None:
    """Attempts enough that the counters of them stand in Valkey for half a minute."""
    async with _at(clinic) as visitor:
        form = await visitor.signed({"provider": f"{MARKER}45"})
        for _ in range(10):
            await visitor.post_form("/auth/sign-in", form)


async def fail(clinic: Clinic) -> None:
    """What goes wrong on our side while somebody says something: the keys are away, or a table is."""
    _, secret = await _sign_in(clinic.office)
    keys = clinic.environment["KEK_DIR"]
    async with _at(clinic, secret) as visitor:
        form = await visitor.signed({"name": f"{MARKER}42"})
        os.rename(keys, f"{keys}-away")
        assert (await visitor.post_form("/profile", form)).status_code == 503
        os.rename(f"{keys}-away", keys)
        wish = await visitor.wish()
        form = await visitor.signed(wish | {"reason": f"{MARKER}43", "name": f"{MARKER}44"})
        await _alter(clinic.office, "ALTER TABLE idempotency RENAME TO away")
        assert (await visitor.post_form("/appointments", form)).status_code == 500
        await _alter(clinic.office, "ALTER TABLE away RENAME TO idempotency")


async def _alter(office: Office, statement: str) -> None:
    async with office.database.transaction() as connection:
        await connection.execute(text(statement))


async def _have_an_emergency(clinic: Clinic, client: Person) -> None:
    """A therapist asks twice; the front desk confirms the first, which tells the client."""
    therapist, desk = await _staff(clinic.office, NADIA), await _staff(clinic.office, DESK)
    async with _at(clinic, therapist) as visitor:
        await _is_done(visitor, "/emergency", name=NAME, reason=REASON)
    request = await _newest_request(clinic.office)
    async with _at(clinic, desk) as visitor:
        await _is_done(visitor, f"/emergency/{request.hex()}/confirmation", client=client.id.hex())
    async with _at(clinic, therapist) as visitor:
        await _is_done(visitor, "/emergency", name=f"{MARKER}10", reason=f"{MARKER}11")


async def _staff(office: Office, person: Person) -> bytes:
    secret, now = cookies.new_secret(), office.clock()
    hashed = cookies.hash_of(secret, "session")
    row = {"hash": hashed, "id": hashed[:16], "person_id": person.id, "role": person.role}
    times = {"created_at": now, "seen_at": now, "signed_in_at": now}
    proof = {"provider": "practice", "strong": True, "pending": False}
    async with office.database.transaction() as connection:
        await people.open_session(connection, {**row, **times, **proof})
    return secret


async def _newest_request(office: Office) -> bytes:
    table = next(each.table for each in SEALED_TABLES if each.table.name == "emergency_grants")
    async with office.database.reading() as connection:
        query = select(table.c.id).order_by(table.c.asked_at.desc())
        return bytes((await connection.execute(query.limit(1))).scalar_one())


async def _add_passkey(clinic: Clinic, client: Person) -> None:
    scene = Scene(clinic.office, opened=secrets.randbelow(200))
    session = await scene.session(client, strong=True)
    await scene.add(session, Authenticator(Habit()), name=f"{MARKER}12")


async def _write_mails(clinic: Clinic, client: Person) -> None:
    """Everything in the outbox is sent as the demo sends it: into files that hold addresses and all."""
    chosen = Preferences(level="details", zone=f"{MARKER}15")
    await clinic.office.act(client, lambda work: choices.keep(work.connection, work.ring, client.id, chosen))
    sender = Sender("Appointments", "office@clinic.example", clinic.url)
    mails = clinic.folder / "mail"
    assert await mail.turn(clinic.office, FolderPost(clinic.office, mails), sender, "Europe/Berlin")
    assert any(EMAIL in each.to for each in await folder.kept(clinic.office, mails))


async def _note(work: Work, client: Person) -> None:
    """An entry of the audit record with words in its detail."""
    detail = {"words": f"{MARKER}14"}
    await work.audit(
        "note.write", "C", entity="note", entity_id=work.chance(16), subjects=[client.id], detail=detail
    )
