"""`telehealth restore`: a backup put back into an empty database, and the provider's accounts with it."""

from typing import Annotated

import typer

from telehealth.backups import accounts
from telehealth.backups.note import BadBackup
from telehealth.backups.restoring import Source
from telehealth.cli.backup_desk import RECORD, Desk, entity_of, run, say
from telehealth.cli.configured import Data
from telehealth.cli.putting_back import AsJson, Identity, Keys, Name, PutBack, put_back, source_of
from telehealth.office import build_office
from telehealth.settings import BadSetting

NEXT = "Next: telehealth migrate, as at every start; then start the service, and run: telehealth audit resume"
LEFT = (
    "The accounts in {file} were there and were left as they are. To have those of the backup instead: stop the "
    "provider, move that file away, and run: telehealth restore --only-accounts"
)
NO_PLACE = "IDENTITY_DATABASE is not set: the accounts at the provider were not put back."
NOT_SET = "IDENTITY_DATABASE is missing. Set it to the file of the identity provider. docs/backup.md"
WITHOUT = "{name} has no accounts at the provider. Nothing was changed."
OnlyAccounts = Annotated[
    bool,
    typer.Option(
        "--only-accounts", help="Put back the accounts at the provider, and leave the database alone."
    ),
]
app = typer.Typer(add_completion=False)


@app.command()
def restore(
    identity: Identity,
    name: Name = None,
    keys: Keys = None,
    only_accounts: OnlyAccounts = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup into the database of DATABASE_URL, which must be empty; erase anew whoever was erased since.

    Exit code 1 when nothing was restored, or when something is wrong with what was.
    """

    async def act(desk: Desk) -> tuple[PutBack, list[str]]:
        source = source_of(desk, name, keys, identity)
        office = build_office(desk.settings, by_operator=True)
        try:
            done = await put_back(desk, desk.settings, office, source)
            async with office.work(None) as work:
                entity_id = entity_of(source.data.name)
                await work.audit("backup.restore", "C", entity=RECORD, entity_id=entity_id, subjects=[])
            return done, _accounts_too(desk, done)
        finally:
            await office.database.close()

    async def act_on_accounts(desk: Desk) -> int:
        return _put_accounts(desk, source_of(desk, name, keys, identity))

    if only_accounts:
        count = run(data, act_on_accounts)
        say({"accounts": count}, [f"{count} accounts put back. Start the provider."], as_json)
        return
    done, words = run(data, act)
    say(done.plain(), [*done.words(), *words, NEXT], as_json)
    raise typer.Exit(0 if done.proof.is_whole else 1)


def _accounts_too(desk: Desk, done: PutBack) -> list[str]:
    """Those of the backup, where none are there yet; in sentences what became of them."""
    file = desk.plan.accounts
    if done.accounts is None:
        return []
    if file is None:
        return [NO_PLACE]
    if file.exists():
        return [LEFT.format(file=file)]
    accounts.put_back(file, done.accounts)
    return [f"They were put back into {file}."]


def _put_accounts(desk: Desk, source: Source) -> int:
    if desk.plan.accounts is None:
        raise BadSetting(NOT_SET)
    if not source.has_accounts:
        raise BadBackup(WITHOUT.format(name=source.keys.name))
    accounts.must_be_free(desk.plan.accounts)
    content = source.accounts()
    accounts.put_back(desk.plan.accounts, content)
    return accounts.count_in(content)
