"""`telehealth keys`: the keys that seal everything. It alone makes and destroys key-encryption keys."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from telehealth.audit.office import Office
from telehealth.cli import key_words
from telehealth.cli.configured import Data, settings_of
from telehealth.cli.failure import Wrong, must_be_current, plainly
from telehealth.cli.progress import Steps
from telehealth.crypto.kek import FileKeks, KekUnavailable
from telehealth.keys import indexes, store
from telehealth.keys.destruction import Destroyed, destroy, unfinished
from telehealth.keys.overview import Overview, overview
from telehealth.keys.repairing import repair_index
from telehealth.keys.rotation.indexes import rotate_index
from telehealth.keys.rotation.keks import rotate_keks
from telehealth.keys.rotation.records import rotate_records
from telehealth.keys.rotation.steps import KEYS, Begin, Rotated
from telehealth.keys.rotation.subjects import rotate_subjects
from telehealth.keys.verification import Report, verify
from telehealth.office import SEALED_TABLES, build_office
from telehealth.settings import Settings

T = TypeVar("T")
app = typer.Typer(
    help="The keys that seal everything: list, new, rotate, destroy, verify.",
    no_args_is_help=True,
    add_completion=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


class What(StrEnum):
    """What is rotated: the wraps of the newest key-encryption key, or new keys of a kind."""

    KEK = "kek"
    SUBJECTS = "subjects"
    RECORDS = "records"
    INDEX = "index"
    ALL = "all"


@dataclass(frozen=True)
class _Desk:
    """What every key command works with."""

    settings: Settings
    office: Office
    folder: FileKeks
    steps: Steps

    @property
    def begin(self) -> Begin:
        return lambda: self.office.work(None)

    @property
    def backups_live(self) -> timedelta:
        return timedelta(days=self.settings.key_backup_days)

    async def complaints(self, but_for: str = "") -> list[str]:
        """What is wrong with the keys this database needs."""
        async with self.office.database.reading() as c:
            found = await self.office.ring.complaints(c, self.office.clock(), but_for=but_for)
            return found + await indexes.complaints(c, self.office.ring, indexes.INDEXES)

    async def known_keks(self) -> list[str]:
        """Every epoch this database ever used. None is made beside one that is missing: it would hide the loss."""
        async with self.office.database.reading() as c:
            wrong = await self.office.ring.complaints_of(c, await store.keks_in_use(c))
            if wrong:
                raise Wrong("\n".join([*wrong, "No key was made."]))
            return await store.kek_ids(c)

    async def must_be_well(self, but_for: str = "") -> None:
        """Nothing is touched while a key is missing or wrong."""
        wrong = await self.complaints(but_for)
        if wrong:
            raise Wrong("\n".join([*wrong, "Nothing was changed."]))


@app.callback()
def group() -> None:
    """The keys that seal everything."""


@app.command("list")
def list_keys(data: Data = None, as_json: AsJson = False) -> None:
    """Show every key-encryption key, what it wraps, and when it can be destroyed.

    Exit code 1 when one is missing, or still there although it was destroyed.
    """

    async def act(desk: _Desk) -> tuple[Overview, list[str]]:
        async with desk.office.database.reading() as c:
            in_folder = _in_folder(desk.folder)
            found = await overview(c, desk.folder, in_folder, backups_live=desk.backups_live)
            left = await unfinished(c, in_folder)
        return found, [*await desk.complaints(), *left]

    found, wrong = _run(data, act)
    _say(key_words.plain_overview(found, wrong), key_words.overview_in_words(found), as_json)
    for sentence in wrong:
        typer.echo(sentence, err=True)
    raise typer.Exit(1 if wrong else 0)


@app.command("new")
def new_key(
    data: Data = None,
    month: Annotated[
        str | None,
        typer.Option(help="YYYYMM: used from that month on, so it can be put on every computer first."),
    ] = None,
    first: Annotated[
        bool, typer.Option("--first", help="Only where there is none yet, as in a new clinic.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new key-encryption key in the key folder. The service uses it without a restart; then: keys rotate."""
    wanted = _month(month)

    async def act(desk: _Desk) -> str | None:
        known = await desk.known_keks()
        desk.folder.must_be_writable()
        if first and desk.folder.ids():
            return None
        kek_id = await asyncio.to_thread(desk.folder.create, wanted or desk.office.clock(), known=known)
        async with desk.office.work(None) as work:
            await work.audit("keys.new", "C", entity=KEYS, entity_id=key_words.entity_of(kek_id), subjects=[])
        return kek_id

    kek_id = _run(data, act)
    made = f"{kek_id} was made. Keep a copy apart from every backup of the database."
    _say({"kek_id": kek_id}, [made if kek_id else "There is a key already; none was made."], as_json)


@app.command("rotate")
def rotate(
    what: Annotated[
        What,
        typer.Argument(help="kek: wrap everything by the newest key-encryption key. The others: new keys."),
    ] = What.KEK,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Rotate keys while the service runs. May be stopped at any moment: the same command goes on where it was."""

    async def act(desk: _Desk) -> list[Rotated]:
        await desk.must_be_well()
        kinds = [What.KEK, What.SUBJECTS, What.RECORDS, What.INDEX] if what is What.ALL else [what]
        return [rotated for kind in kinds for rotated in await _ROTATIONS[kind](desk)]

    done = _run(data, act)
    _say([asdict(each) for each in done], key_words.rotations_in_words(done), as_json)
    raise typer.Exit(0 if all(each.remaining == 0 for each in done) else 1)


async def _keks(desk: _Desk) -> list[Rotated]:
    with desk.steps.count("Wrapping people's keys") as tell:
        return [await rotate_keks(desk.begin, tell)]


async def _subjects(desk: _Desk) -> list[Rotated]:
    with desk.steps.count("New keys of people") as tell:
        return [await rotate_subjects(desk.begin, tell)]


async def _records(desk: _Desk) -> list[Rotated]:
    with desk.steps.count("New keys of records") as tell:
        return [await rotate_records(desk.begin, SEALED_TABLES, tell)]


async def _indexes(desk: _Desk) -> list[Rotated]:
    done = []
    for index in indexes.INDEXES:
        with desk.steps.count(f"New key of the index {index.name}") as tell:
            done.append(await rotate_index(desk.begin, index, SEALED_TABLES, tell))
    return done


_ROTATIONS: dict[What, Callable[[_Desk], Awaitable[list[Rotated]]]] = {
    What.KEK: _keks,
    What.SUBJECTS: _subjects,
    What.RECORDS: _records,
    What.INDEX: _indexes,
}


@app.command("destroy")
def destroy_key(
    kek_id: Annotated[str, typer.Argument(help="The key's name, as `keys list` shows it.")],
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Destroy a key-encryption key for ever: only when it wraps nothing and every backup that needs it has expired."""
    if not yes:
        typer.confirm(f"Destroy {kek_id} for ever?", abort=True, err=True)

    async def act(desk: _Desk) -> Destroyed:
        await desk.must_be_well(but_for=kek_id)
        desk.folder.must_be_writable()
        done = await destroy(desk.begin, kek_id, backups_live=desk.backups_live)
        await asyncio.to_thread(desk.folder.destroy, kek_id)
        return done

    done = _run(data, act)
    words = f"{kek_id} is destroyed. What was wrapped by it alone can be opened by nobody."
    _say({"kek_id": kek_id, "destroyed_at": done.at.isoformat(), "again": done.again}, [words], as_json)


@app.command("verify")
def verify_keys(
    data: Data = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="First write index entries anew that do not fit the values beside them."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Open every key and every sealed field, and change nothing. Exit code 1 when something does not open."""

    async def act(desk: _Desk) -> Report:
        repaired, twice = await _repair(desk) if repair else (0, [])
        with desk.steps.count("Opening keys and fields") as tell:
            tables, all_indexes = SEALED_TABLES, indexes.INDEXES
            report = await verify(desk.office.database, desk.office.ring, tables, all_indexes, tell)
        async with desk.office.database.reading() as c:
            wrong = await desk.office.ring.complaints(c, desk.office.clock())
            for sentence in [*wrong, *await unfinished(c, _in_folder(desk.folder))]:
                report.add(sentence)
        report.repaired = repaired
        for sentence in twice:
            report.add(sentence)
        return report

    report = _run(data, act)
    _say({"whole": report.is_whole, **asdict(report)}, key_words.report_in_words(report), as_json)
    raise typer.Exit(0 if report.is_whole else 1)


async def _repair(desk: _Desk) -> tuple[int, list[str]]:
    """Only with the right root: another one would make every entry wrong."""
    await desk.must_be_well()
    repaired, twice = 0, list[str]()
    for index in indexes.INDEXES:
        with desk.steps.step(f"Repairing the index {index.name}"):
            done = await repair_index(desk.begin, index, SEALED_TABLES)
        repaired += done.rows
        twice += done.twice
    return repaired, twice


def _run(data: Data, act: Callable[[_Desk], Awaitable[T]]) -> T:
    """Do one key command, or say in a sentence why not and stop with exit code 1."""
    settings = settings_of(data)
    with plainly():
        return asyncio.run(_with_desk(settings, act))


async def _with_desk(settings: Settings, act: Callable[[_Desk], Awaitable[T]]) -> T:
    office = build_office(settings, by_operator=True)
    try:
        await must_be_current(office.database)
        return await act(_Desk(settings, office, FileKeks(settings.kek_dir), Steps()))
    finally:
        await office.database.close()


def _month(text: str | None) -> datetime | None:
    if text is None:
        return None
    with suppress(ValueError):
        return datetime.strptime(text, "%Y%m").replace(tzinfo=UTC)
    raise typer.BadParameter("a month is written YYYYMM, such as 202612")


def _in_folder(folder: FileKeks) -> list[str]:
    """None where the folder cannot be read: the complaints say so."""
    with suppress(KekUnavailable):
        return folder.ids()
    return []


def _say(plain: object, words: list[str], as_json: bool) -> None:
    typer.echo(json.dumps(plain) if as_json else "\n".join(words))
