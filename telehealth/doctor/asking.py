"""Each part asked once, as plainly as can be; what the answer means is decided in `rules.py`."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from telehealth.audit import standing
from telehealth.audit.office import Office
from telehealth.availability.zones import zone_version
from telehealth.backups import rules as backup_rules
from telehealth.backups.note import BadBackup
from telehealth.backups.shelf import Shelf
from telehealth.crypto.kek import FileKeks, KekUnavailable
from telehealth.db import schema
from telehealth.doctor import rules
from telehealth.doctor.rules import Verdict
from telehealth.errors import Unavailable
from telehealth.keys import indexes
from telehealth.mail.post import NotDelivered, SmtpPost
from telehealth.people.provider_client import CheckedClient
from telehealth.privacy.tombstones import BadTombstones, Tombstones
from telehealth.providers import Provider

SECONDS = 10.0
VALKEY_SECONDS = 3.0


@dataclass(frozen=True)
class Tried:
    """What was seen of one of the relay's addresses (`signaling.relays.Relay`)."""

    url: str
    failure: str
    set_up: float | None
    reaches: tuple[str, ...]


TryRelay = Callable[[str], Awaitable[Tried]]


async def database(office: Office) -> list[Verdict]:
    """Whether it answers, and, where it runs on its own, whether its clock agrees."""
    try:
        async with asyncio.timeout(SECONDS), office.database.reading() as c:
            await c.execute(text("SELECT 1"))
            if office.database.dialect == "sqlite":
                return [rules.database("database", None)]
            theirs = (await c.execute(text("SELECT clock_timestamp()"))).scalar_one()
    except (SQLAlchemyError, OSError) as error:  # TimeoutError is an OSError
        return [rules.database("database", _words_of(error))]
    return [rules.database("database", None), rules.clock("clock of the database", office.clock() - theirs)]


async def migrations(office: Office) -> list[Verdict]:
    """Whether its schema is ours."""
    return [rules.migrations("migrations", await schema.standing(office.database))]


async def keys(office: Office, folder: Path) -> list[Verdict]:
    """Whether every key that this database needs is there, and opens what it wrapped."""
    now, keks = office.clock(), FileKeks(folder)
    async with office.database.reading() as c:
        wrong = await office.ring.complaints(c, now)
        wrong += await indexes.complaints(c, office.ring, indexes.INDEXES)
    try:
        newest = await keks.current(now)
    except KekUnavailable:
        newest = ""
    return [rules.keys("keys", wrong, newest, now, writable=keks.could_write())]


async def record(office: Office, checkpoints: Path, tombstones: Tombstones) -> list[Verdict]:
    """Whether its files can be read, stand apart, and fit its end."""
    try:
        tombstones.read()
        warnings = await standing.warnings(office.database, checkpoints)
    except (BadTombstones, OSError) as error:
        return [rules.record("record", [], _words_of(error))]
    return [rules.record("record", warnings, None)]


async def zone_data(now: datetime) -> list[Verdict]:
    """How old the zone data are."""
    return [rules.zone_data("zone data", zone_version(), now)]


async def provider(one: Provider, ca_file: Path | None, now: Callable[[], datetime]) -> list[Verdict]:
    """Its metadata and keys, as a sign-in reads them, and its clock."""
    client, part = CheckedClient(one, ca_file), f"provider {one.id}"
    try:
        found = await client.fetch_jwk_set()
    except Unavailable as error:
        return [rules.provider(part, error.code, 0)]
    well = rules.provider(part, None, len(found["keys"]))
    return [well, rules.clock(f"clock of {part}", await _off(client, one.issuer, now))]


async def _off(client: CheckedClient, url: str, now: Callable[[], datetime]) -> timedelta | None:
    """How far we are ahead of the time in an answer's `Date`, which has whole seconds; halfway between asking and
    hearing."""
    begun = now()
    try:
        async with client._get_session() as session:
            answer = await session.request("HEAD", url, withhold_token=True)
        there = parsedate_to_datetime(answer.headers["date"])
    except (httpx2.HTTPError, KeyError, ValueError):
        return None
    return begun + (now() - begun) / 2 - there - timedelta(seconds=0.5)


async def valkey(url: str) -> list[Verdict]:
    """Whether it answers."""
    client = Redis.from_url(
        url, socket_timeout=VALKEY_SECONDS, socket_connect_timeout=VALKEY_SECONDS, retry=None
    )
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return [rules.valkey("valkey", _words_of(error))]
    finally:
        await client.aclose()
    return [rules.valkey("valkey", None)]


async def smtp(post: SmtpPost) -> list[Verdict]:
    """Whether it lets us in, under TLS and with our password. Nothing is sent."""
    try:
        await post.knock()
    except NotDelivered as error:
        return [rules.smtp("mail", error.code)]
    return [rules.smtp("mail", None)]


async def front_door(url: str, now: datetime, ca: Path | None) -> list[Verdict]:
    """The certificate under which people come in. `ca`: who may have signed it beside those everybody knows."""
    parts = urlsplit(url)
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(ca)
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=context)
    except ssl.SSLCertVerificationError as error:
        return [rules.certificate("front door", error.verify_message, None, now)]
    except OSError as error:
        return [rules.certificate("front door", _words_of(error), None, now)]
    shown = writer.get_extra_info("peercert")
    writer.close()
    begins, ends = (
        datetime.fromtimestamp(ssl.cert_time_to_seconds(shown[name]), UTC)
        for name in ("notBefore", "notAfter")
    )
    return [rules.certificate("front door", None, (begins, ends), now)]


async def relays(urls: Sequence[str], try_relay: TryRelay) -> list[Verdict]:
    """Each way to the relay, a call by each, and whom it would send to."""
    found = [await try_relay(url) for url in urls]
    verdicts = [rules.ways("ways to the relay", urls)]
    verdicts += [rules.relay(f"relay {each.url}", each.failure, each.set_up) for each in found]
    if any(each.failure in ("", "no_call") for each in found):  # somebody was let in far enough to ask
        reaches = {address for each in found for address in each.reaches}
        verdicts.append(rules.guarded("relay and private addresses", reaches))
    return verdicts


async def backup(shelf: Shelf, now: datetime) -> list[Verdict]:
    """How old the last one is."""
    try:
        made = shelf.newest()
    except (BadBackup, OSError) as error:
        return [rules.backup("backup", _words_of(error), None, now, late=True)]
    last = None if made is None else made.taken_at
    return [rules.backup("backup", None, last, now, late=backup_rules.is_late(last, now))]


def _words_of(error: Exception) -> str:
    """What happened in a line, without the address of an object or a statement."""
    orig = getattr(error, "orig", None) or error
    words = getattr(orig, "strerror", None) or str(orig) or "no answer in time"
    return str(words).rpartition(">: ")[2].partition("\n")[0].rstrip(".")
