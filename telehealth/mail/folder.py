"""The demo's post: nothing leaves this computer. Each mail is kept sealed in a folder, and shown on a page."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from telehealth.audit.office import Office, Work
from telehealth.crypto.sealed import Sealed
from telehealth.keys.record_key import RecordKey
from telehealth.notices.acts import subjects_of
from telehealth.web.forms import id_of

SUFFIX = ".sealed"
SHOWN_AT_MOST = 60


@dataclass(frozen=True)
class Kept:
    """One mail as its reader has it; `calendar` is the text of its file, empty without one."""

    to: str
    sender: str
    subject: str
    sent_at: datetime
    text: str
    calendar: str


@dataclass(frozen=True)
class FolderPost:
    """One file for each mail, sealed as its notice is: once that key is destroyed, nobody opens it."""

    office: Office
    folder: Path

    async def deliver(self, notice_id: bytes, mail: EmailMessage) -> None:
        """Write it down; once more is the same file. NotFound when the notice has no key any more."""
        key = await self.office.act(None, lambda work: self._key(work, notice_id))
        sealed = key.seal("notices", "mail", 0, mail.as_string())
        await asyncio.to_thread(_write, self.folder, f"{notice_id.hex()}{SUFFIX}", sealed)

    async def _key(self, work: Work, notice_id: bytes) -> RecordKey:
        return await work.ring.record(work.connection, notice_id)


def _write(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    new = folder / f"{name}.new"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    new.replace(folder / name)


async def kept(office: Office, folder: Path) -> list[Kept]:
    """Every mail that can still be opened, the newest first. To see them is a look at the record of each reader."""
    files = await asyncio.to_thread(_newest, folder)

    async def act(work: Work) -> list[Kept]:
        keys = await work.ring.records(work.connection, [notice_id for notice_id, _ in files])
        found = [
            _opened(keys[notice_id].open("notices", "mail", 0, data))
            for notice_id, data in files
            if notice_id in keys
        ]
        readers = [id_ for notice_id in keys for id_ in await subjects_of(work.connection, notice_id)]
        await work.looked(entity="notice", entity_id=bytes(16), subjects=list(dict.fromkeys(readers)))
        return found

    return await office.act(None, act)


def _newest(folder: Path) -> Sequence[tuple[bytes, Sealed]]:
    if not folder.is_dir():
        return []
    files = sorted(folder.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [(id_of(file.stem), Sealed(file.read_bytes())) for file in files[:SHOWN_AT_MOST]]


def _opened(text: str) -> Kept:
    mail = message_from_string(text, policy=default)
    body = mail.get_body(("plain",))
    calendars = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    return Kept(
        to=str(mail["To"]),
        sender=str(mail["From"]),
        subject=str(mail["Subject"]),
        sent_at=mail["Date"].datetime,
        text="" if body is None else body.get_content(),
        calendar="".join(part.get_content() for part in calendars),
    )
