"""The demo's mails: sealed in a folder, read on a page, gone with the key."""

from pathlib import Path

from sqlalchemy import select

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import pseudonym
from telehealth.mail import acts, folder
from telehealth.mail.folder import FolderPost
from telehealth.privacy import acts as privacy
from telehealth.privacy.acts import Registry
from tests.people import MIKA, ROSA, Clinic
from tests.unit.appointments.scene import book
from tests.unit.mail.scene import BERLIN, SENDER, give_addresses, tell


async def test_a_mail_is_sealed_on_the_disk_and_read_as_it_would_arrive(
    registry: Registry, clinic: Clinic, tmp_path: Path
) -> None:
    office: Office = registry.office
    await give_addresses(office)
    mails = tmp_path / "mail"
    assert await folder.kept(office, mails) == []
    made = await book(office, ROSA)
    await tell(office, ROSA, made.id)
    await tell(office, MIKA)
    assert await acts.turn(office, FolderPost(office, mails), SENDER, BERLIN) >= 2
    for file in mails.iterdir():
        data = file.read_bytes()
        for word in (b"mail.example", b"Appointment", b"rosa", b"VCALENDAR"):
            assert word not in data
    found = {each.to: each for each in await folder.kept(office, mails)}
    rosas = found["rosa@mail.example"]
    assert rosas.sender == "Appointments <office@clinic.example>"
    assert rosas.subject == "Your appointment on Tuesday"
    assert rosas.text.startswith("Appointment, Tue 10:00\n")
    assert "METHOD:REQUEST" in rosas.calendar
    assert found["mika@mail.example"].calendar == ""
    assert await lookers(office) >= {ROSA.id, MIKA.id}
    await privacy.erase(registry, ROSA, ROSA.id)
    left = {each.to for each in await folder.kept(office, mails)}
    assert left == {"mika@mail.example", "nadia@mail.example"}


async def lookers(office: Office) -> set[bytes]:
    """Whose records a look stands on."""
    query = select(audit_leaves.c.patient).where(audit_leaves.c.type == "record.look")
    async with office.database.reading() as connection:
        seen = set((await connection.execute(query)).scalars())
    return {each.id for each in (ROSA, MIKA) if pseudonym(office._pseudonym_key, each.id) in seen}
