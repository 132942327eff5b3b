"""What `telehealth migrate` is told of the role that serves, beside the owner's address."""

from dataclasses import dataclass

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from telehealth.settings.kinds import text
from telehealth.settings.reading import Setting, told

GROUP = "migrate"


def serving(value: str) -> URL | None:
    if not value:
        return None
    try:
        url = make_url(value)
    except (ArgumentError, ValueError) as error:
        raise ValueError("is no address of a database.") from error
    if not url.username or not url.password:
        raise ValueError("must name the role that serves and its password.")
    return url


APP_DATABASE_URL = Setting(
    "APP_DATABASE_URL",
    GROUP,
    serving,
    "the service's own `DATABASE_URL`, where `migrate` runs with the owner's: its role is made where it is not there "
    "yet, given the password in it, and granted what it needs",
    unless="",
    secret=True,
)
APP_ROLE = Setting(
    "APP_ROLE",
    GROUP,
    text,
    "the role alone, where somebody else made it: as `--grant` ([record.md](record.md))",
    unless="",
)


@dataclass(frozen=True)
class Serving:
    """By which the service reaches the database, and its role, where this command is told."""

    url: URL | None = told(APP_DATABASE_URL)
    role: str = told(APP_ROLE)
