"""What the commands of backups work with, and what stops them, as a sentence."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import typer

from telehealth.backups.note import BadBackup
from telehealth.backups.plan import Plan
from telehealth.backups.sealing import BadKey
from telehealth.backups.shelf import Shelf
from telehealth.cli.configured import Data, part_of, settings_of, stop
from telehealth.cli.failure import Wrong, plainly
from telehealth.cli.progress import Steps
from telehealth.crypto.framing import ID_BYTES
from telehealth.settings import BadSetting, Settings

T = TypeVar("T")
RECORD = "backup"


@dataclass(frozen=True)
class Desk:
    """Settings, where backups stand, and who hears how far it is."""

    settings: Settings
    plan: Plan
    steps: Steps

    @property
    def shelf(self) -> Shelf:
        """Where backups stand. BadSetting when no folder is set."""
        one = self.settings
        return Shelf(self.plan.must_have_folder(), one.clinic_id, one.audit_key, one.audit_keys_former)


def run(data: Data, act: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
    """Do it, or say in a sentence why not: exit code 1, or 2 where a setting is wrong."""
    settings, plan = settings_of(data), part_of(Plan)
    with in_a_sentence():
        return asyncio.run(act(Desk(settings, plan, Steps())))


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """What stops a command of backups is said: exit code 1, or 2 where a setting is wrong."""
    with plainly():
        try:
            yield
        except (BadBackup, BadKey) as error:
            raise Wrong(str(error)) from error
        except BadSetting as error:
            stop(str(error), because=error)


def entity_of(name: str) -> bytes:
    """The 16 bytes by which the record names a backup: its time, as its name has it."""
    return name.removeprefix("backup-").encode().ljust(ID_BYTES, b"\x00")[:ID_BYTES]


def say(value: object, words: Sequence[str], as_json: bool) -> None:
    """The answer, in one of both ways."""
    typer.echo(json.dumps(value) if as_json else "\n".join(words))


def size_of(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 2**20:.1f} MiB"
