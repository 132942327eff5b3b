"""`telehealth drill`: a backup put into a database that is thrown away, to see that it can be."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import typer

from telehealth.backups.scratch import scratch
from telehealth.cli.backup_desk import Desk, run, say
from telehealth.cli.configured import Data
from telehealth.cli.putting_back import AsJson, Identity, Keys, Name, PutBack, put_back, source_of
from telehealth.office import build_office
from telehealth.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def drill(
    identity: Identity,
    name: Name = None,
    keys: Keys = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup into a scratch database, look at all of it, say how long that took, and throw the database away.

    Nothing of the clinic is changed. Exit code 1 when it could not be restored, or something in it is wrong.
    """

    async def act(desk: Desk) -> PutBack:
        source = source_of(desk, name, keys, identity)
        with tempfile.TemporaryDirectory() as folder:
            async with scratch(desk.settings.database_url) as url:
                settings = _apart(desk.settings, url, Path(folder))
                office = build_office(settings, by_operator=True)
                try:
                    return await put_back(desk, settings, office, source)
                finally:
                    await office.database.close()

    done = run(data, act)
    say(done.plain(), done.words(), as_json)
    raise typer.Exit(0 if done.proof.is_whole else 1)


def _apart(settings: Settings, url: str, folder: Path) -> Settings:
    """With another database, and a copy of the tombstones, which replaying may add to."""
    copy = folder / "tombstones.note"
    if settings.tombstone_file.exists():
        shutil.copyfile(settings.tombstone_file, copy)
    return replace(settings, database_url=url, tombstone_file=copy)
