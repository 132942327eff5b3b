"""`telehealth restore`: a backup put back into an empty database."""

import typer

from telehealth.cli.backup_desk import RECORD, Desk, entity_of, run, say
from telehealth.cli.configured import Data
from telehealth.cli.putting_back import AsJson, Identity, Keys, Name, PutBack, put_back, source_of
from telehealth.office import build_office

NEXT = "Next: telehealth migrate, as at every start; then start the service, and run: telehealth audit resume"
app = typer.Typer(add_completion=False)


@app.command()
def restore(
    identity: Identity,
    name: Name = None,
    keys: Keys = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup into the database of DATABASE_URL, which must be empty; erase anew whoever was erased since.

    Exit code 1 when nothing was restored, or when something is wrong with what was.
    """

    async def act(desk: Desk) -> PutBack:
        source = source_of(desk, name, keys, identity)
        office = build_office(desk.settings, by_operator=True)
        try:
            done = await put_back(desk, desk.settings, office, source)
            async with office.work(None) as work:
                entity_id = entity_of(source.data.name)
                await work.audit("backup.restore", "C", entity=RECORD, entity_id=entity_id, subjects=[])
            return done
        finally:
            await office.database.close()

    done = run(data, act)
    say(done.plain(), [*done.words(), NEXT], as_json)
    raise typer.Exit(0 if done.proof.is_whole else 1)
