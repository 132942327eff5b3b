"""What the service and every command work with: database, keys, tables and time; no page and no route."""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import frontend
from telehealth.appointments import acts as appointments
from telehealth.appointments import models as appointment_models
from telehealth.audit.office import Office, SubjectFinder
from telehealth.availability import models as availability_models
from telehealth.calendars import store as calendar_store
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.emergency import acts as emergency
from telehealth.emergency import models as emergency_models
from telehealth.hours import acts as hours
from telehealth.keys.fields import SealedTable
from telehealth.keys.keyring import Keyring
from telehealth.notes import models as note_models
from telehealth.notices import acts as notices
from telehealth.notices import models as notice_models
from telehealth.passkeys import models as passkey_models
from telehealth.passkeys import store as passkeys
from telehealth.people import models as people_models
from telehealth.privacy import models as privacy_models
from telehealth.privacy.acts import Registry
from telehealth.privacy.rules import RETENTIONS
from telehealth.privacy.tombstones import Tombstones
from telehealth.rooms import models as room_models
from telehealth.settings import Settings
from telehealth.waiting import models as waiting_models
from telehealth.waiting import store as waiting_store

FRONTEND = Path(frontend.__path__[0])
SEALED_TABLES: tuple[SealedTable, ...] = (
    *people_models.SEALED,
    *passkey_models.SEALED,
    *availability_models.SEALED,
    *appointment_models.SEALED,
    *room_models.SEALED,
    *note_models.SEALED,
    *waiting_models.SEALED,
    *notice_models.SEALED,
    *emergency_models.SEALED,
    *privacy_models.SEALED,
)


async def _themselves(_connection: Any, person_id: bytes) -> list[bytes]:
    return [person_id]


# Whom a record of each kind concerns, asked when somebody was refused it.
SUBJECT_FINDERS: Mapping[str, SubjectFinder] = {
    "appointment": appointments.subjects_of,
    "calendar": calendar_store.whose,
    "waiting": waiting_store.whose,
    "emergency": emergency.subjects_of,
    "hours": hours.subjects_of,
    "notice": notices.subjects_of,
    "passkey": passkeys.subjects_of,
    "person": _themselves,
}


def system_clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


def build_office(
    settings: Settings, *, clock: Callable[[], datetime] = system_clock, by_operator: bool = False
) -> Office:
    """Database, keys, audit and time: what every act needs. `by_operator`: for a command that somebody gives."""
    ring = Keyring(
        FileKeks(settings.kek_dir),
        clinic=settings.clinic_id,
        index_root=settings.index_root,
        planned_people=settings.planned_people,
    )
    return Office(
        Database(settings.database_url),
        ring,
        clock=clock,
        chance=secrets.token_bytes,
        pseudonym_key=settings.pseudonym_key,
        subject_finders=SUBJECT_FINDERS,
        by_operator=by_operator,
    )


def build_registry(settings: Settings, office: Office) -> Registry:
    """What erasing somebody needs beside the office."""
    tombstones = Tombstones(
        settings.tombstone_file, settings.clinic_id, settings.audit_key, settings.audit_keys_former
    )
    return Registry(office, SEALED_TABLES, tombstones)


def retention_days(settings: Settings) -> dict[str, int]:
    """How many days each class is kept; 0 for ever."""
    return {each.cls: int(getattr(settings, each.setting.lower())) for each in RETENTIONS}
