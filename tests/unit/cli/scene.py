"""Commands on a demo's data, as a person or a script types them."""

from collections.abc import Callable

from typer.testing import CliRunner

from telehealth.cli.main import app
from telehealth.db import schema
from telehealth.demo import seed
from telehealth.demo.folder import Folder
from telehealth.office import build_office
from telehealth.settings import Settings

PUBLIC_URL = "http://localhost:8000"
Asked = tuple[int, str, str]
Ask = Callable[..., Asked]


async def fill(folder: Folder) -> None:
    """The demo's people, and what they have done."""
    settings = Settings.from_environment(folder.environment(PUBLIC_URL))
    await schema.upgrade(settings.database_url)
    office = build_office(settings)
    await seed.clinic(office, folder)
    await office.database.close()


def asked(*arguments: str) -> Asked:
    """Run one command: exit code, standard output, standard error."""
    answer = CliRunner().invoke(app, list(arguments))
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.stdout, answer.stderr
