"""Which parts a deployment has, and all of them asked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from telehealth.audit.office import Office
from telehealth.backups.plan import Plan
from telehealth.backups.shelf import Shelf
from telehealth.doctor import asking, rules
from telehealth.doctor.asking import TryRelay
from telehealth.doctor.rules import Verdict
from telehealth.mail.post import SmtpPost
from telehealth.privacy.tombstones import Tombstones
from telehealth.production import complaints
from telehealth.settings import Settings
from telehealth.turns import build_post

AT_MOST_SECONDS = 120.0
Ask = Callable[[], Awaitable[Sequence[Verdict]]]


def checks(
    settings: Settings,
    plan: Plan,
    office: Office,
    tombstones: Tombstones,
    try_relay: TryRelay,
    ca: Path | None = None,
) -> dict[str, Ask]:
    """What there is to ask, by the part's name, and what is said of parts that are not set up."""
    now, post = office.clock, build_post(settings, office)
    found: dict[str, Ask] = {
        "settings": _said(rules.settings("settings", list(complaints(settings)))),
        "database": partial(asking.database, office),
        "migrations": within_database("migrations", asking.migrations, office),
        "keys": within_database("keys", asking.keys, office, settings.kek_dir),
        "record": within_database("record", asking.record, office, settings.checkpoint_file, tombstones),
        "zone data": lambda: asking.zone_data(now()),
        "front door": _without("front door", "It is this computer's own address: http."),
    }
    if settings.secure:
        found["front door"] = lambda: asking.front_door(settings.public_url, now(), ca)
    for one in settings.providers:
        found[f"provider {one.id}"] = partial(asking.provider, one, settings.provider_ca_file, now)
    if isinstance(post, SmtpPost):
        found["mail"] = partial(asking.smtp, post)
    else:
        found["mail"] = _without("mail", "SMTP_HOST is not set: nobody is written to.")
    if settings.valkey_url:
        found["valkey"] = partial(asking.valkey, settings.valkey_url)
    else:
        found["valkey"] = _without("valkey", "VALKEY_URL is not set: one process serves all.")
    found["relay"] = partial(asking.relays, settings.turn_urls, try_relay)
    if plan.folder is None:
        found["backup"] = _without("backup", "BACKUP_FOLDER is not set here: nothing is known of backups.")
    else:
        shelf = Shelf(plan.folder, settings.clinic_id, settings.audit_key, settings.audit_keys_former)
        found["backup"] = lambda: asking.backup(shelf, now())
    return found


async def examine(parts: dict[str, Ask], tell: Callable[[int, int], None]) -> list[Verdict]:
    """All at once, in the order of the parts; `tell` hears (parts that answered, parts there are)."""
    done = 0

    async def one(part: str, ask: Ask) -> Sequence[Verdict]:
        nonlocal done
        try:
            async with asyncio.timeout(AT_MOST_SECONDS):
                return await ask()
        except Exception as error:  # whatever ails one part, the others are looked at
            return [rules.unknown(part, type(error).__name__)]
        finally:
            done += 1
            tell(done, len(parts))

    found = await asyncio.gather(*(one(part, ask) for part, ask in parts.items()))
    return [verdict for verdicts in found for verdict in verdicts]


def within_database(
    part: str, ask: Callable[..., Awaitable[Sequence[Verdict]]], office: Office, *more: object
) -> Ask:
    """What can be seen in the database alone: where that does not answer, nothing ails this part."""

    async def look() -> Sequence[Verdict]:
        (first, *_) = await asking.database(office)
        if first.state == "well":
            return await ask(office, *more)
        return [Verdict(part, "without", "Not looked at, since the database does not answer.")]

    return look


def _without(part: str, finding: str) -> Ask:
    return _said(Verdict(part, "without", finding))


def _said(verdict: Verdict) -> Ask:
    async def say() -> list[Verdict]:
        return [verdict]

    return say
