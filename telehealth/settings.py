"""Settings: frozen, read once, from NAME or from the file that NAME_FILE points to; a bad value stops the start."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from telehealth import providers as vouching
from telehealth.addresses import networks_from, origin_from, valkey_from
from telehealth.mail_server import BadMail, MailServer, mail_from
from telehealth.providers import LOOPBACK, BadProvider, FirstAdministrator, Provider, Staff

KEY_BYTES = 32
MOST_DAYS = 36500
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")


class BadSetting(Exception):
    """A setting is missing or weak; the sentence names it and the remedy."""


@dataclass(frozen=True)
class Settings:
    """Everything the service is told from outside. Keys are 32 raw bytes each; no key serves two purposes."""

    public_url: str
    database_url: str
    kek_dir: Path
    checkpoint_file: Path
    tombstone_file: Path  # outside the database, as the checkpoints are
    index_root: bytes = field(repr=False)
    audit_key: bytes = field(repr=False)
    pseudonym_key: bytes = field(repr=False)
    cookie_key: bytes = field(repr=False)
    clinic_id: str
    clinic_name: str
    clinic_zone: str
    leave_url: str
    providers: tuple[Provider, ...]
    staff: Staff = field(default_factory=dict, repr=False)  # who works here, beside what providers confer
    first_administrator: FirstAdministrator | None = field(default=None, repr=False)
    provider_ca_file: Path | None = None  # beside whom everybody trusts
    demo: bool = False
    security_contact: str = ""
    audit_keys_former: tuple[bytes, ...] = ()  # public halves, the oldest first
    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_secret: str = field(default="", repr=False)
    probe_secret: str = field(default="", repr=False)
    ice_policy: Literal["all", "relay"] = "all"
    planned_people: int = 1000  # how many the blind indexes are made for
    key_backup_days: int = 28  # how long a backup of the key tables can be alive
    valkey_url: str = field(default="", repr=False)  # it may hold a password
    front_door: tuple[str, ...] = ("127.0.0.1", "::1")  # whose X-Forwarded-For is believed
    mail: MailServer = field(default_factory=MailServer)
    retention_account_days: int = 3650  # docs/retention.md; 0: for ever
    retention_booking_days: int = 1460
    retention_clinical_days: int = 3650
    retention_correspondence_days: int = 365

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers send it in Origin."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        """Whether pages are served over TLS, so that cookies can be __Host- and Secure."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read and check every setting. Raises BadSetting naming the first that is missing or weak."""
        read = Reader(environment)
        return cls(
            public_url=read.public_url(),
            database_url=read.database_url(),
            kek_dir=Path(read.text("KEK_DIR")),
            checkpoint_file=Path(read.text("CHECKPOINT_FILE")),
            tombstone_file=read.tombstone_file(),
            index_root=read.key("INDEX_ROOT"),
            audit_key=read.key("AUDIT_KEY"),
            pseudonym_key=read.key("PSEUDONYM_KEY"),
            cookie_key=read.key("COOKIE_KEY"),
            clinic_id=read.text("CLINIC_ID"),
            clinic_name=read.text("CLINIC_NAME"),
            clinic_zone=read.zone("CLINIC_ZONE"),
            leave_url=read.leave_url(),
            providers=read.providers(),
            staff=read.staff(),
            first_administrator=read.first_administrator(),
            provider_ca_file=read.provider_ca_file(),
            demo=read.demo(),
            security_contact=read.security_contact(),
            audit_keys_former=read.public_keys("AUDIT_KEYS_FORMER"),
            stun_urls=read.several("STUN_URLS"),
            turn_urls=read.several("TURN_URLS"),
            turn_secret=read.secret("TURN_SECRET", "TURN_URLS"),
            probe_secret=read.secret("PROBE_SECRET", "PROBE_SECRET"),
            ice_policy=read.ice_policy(),
            planned_people=read.number("PLANNED_PEOPLE", 1000, 100, 10_000_000),
            key_backup_days=read.number("KEY_BACKUP_DAYS", 28, 0, MOST_DAYS),
            valkey_url=read.valkey_url(),
            front_door=read.front_door(),
            mail=read.mail(),
            retention_account_days=read.number("RETENTION_ACCOUNT_DAYS", 3650, 0, MOST_DAYS),
            retention_booking_days=read.number("RETENTION_BOOKING_DAYS", 1460, 0, MOST_DAYS),
            retention_clinical_days=read.number("RETENTION_CLINICAL_DAYS", 3650, 0, MOST_DAYS),
            retention_correspondence_days=read.number("RETENTION_CORRESPONDENCE_DAYS", 365, 0, MOST_DAYS),
        )


class Reader:
    """One setting at a time, each with its own check; BadSetting says what is wrong with it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._keys: dict[bytes, str] = {}

    def text(self, name: str, default: str | None = None) -> str:
        value = self._environment.get(name)
        path = self._environment.get(f"{name}_FILE")
        if value is None and path is not None:
            try:
                value = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise BadSetting(f"{name}_FILE cannot be read: {error.strerror}.") from error
        if value is None:
            value = default
        if value is None or (value == "" and default is None):
            raise BadSetting(f"{name} is missing. Set {name}, or {name}_FILE to the file that holds it.")
        return value

    def database_url(self) -> str:
        value = self.text("DATABASE_URL")
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):
            url = make_url("nothing://")
        if url.drivername not in DRIVERS or (url.database or ":memory:") == ":memory:":
            raise BadSetting(
                "DATABASE_URL must be postgresql+asyncpg://USER:PASSWORD@HOST/NAME or "
                "sqlite+aiosqlite:////FOLDER/FILE (a / in a password is written %2F, an @ is %40)."
            )
        return value

    def tombstone_file(self) -> Path:
        beside = Path(self.text("CHECKPOINT_FILE")).with_name("tombstones.note")
        return Path(self.text("TOMBSTONE_FILE", str(beside)))

    def several(self, name: str) -> tuple[str, ...]:
        return tuple(part for part in self.text(name, "").replace(",", " ").split() if part)

    def key(self, name: str) -> bytes:
        try:
            value = base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadSetting(f"{name} is not base64.") from error
        if len(value) != KEY_BYTES or len(set(value)) < 8:
            raise BadSetting(f"{name} is weak: it must be {KEY_BYTES} random bytes in base64.")
        other = self._keys.setdefault(value, name)
        if other != name:
            raise BadSetting(f"{name} is the same as {other}. Each serves one purpose: make a new one.")
        return value

    def public_keys(self, name: str) -> tuple[bytes, ...]:
        """Public keys in base64; a secret one among them would stand where nobody guards it."""
        try:
            values = tuple(base64.b64decode(text, validate=True) for text in self.several(name))
        except (binascii.Error, ValueError) as error:
            raise BadSetting(f"{name} is not base64.") from error
        if any(len(value) != KEY_BYTES for value in values):
            raise BadSetting(
                f"{name} holds public keys of {KEY_BYTES} bytes: telehealth audit key shows one."
            )
        if any(value in self._keys for value in values):
            raise BadSetting(
                f"{name} holds the key of another setting; it takes what telehealth audit key shows."
            )
        return values

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise BadSetting(f"{name} must be a number from {least} to {most}, such as {default}.")
        return int(value)

    def zone(self, name: str) -> str:
        value = self.text(name)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise BadSetting(f"{name} is no IANA time zone such as Europe/Berlin.") from error
        return value

    def demo(self) -> bool:
        value = self.text("DEMO", "0")
        if value not in ("0", "1"):
            raise BadSetting("DEMO is either 0 or 1.")
        return value == "1"

    def public_url(self) -> str:
        try:
            origin = origin_from(self.text("PUBLIC_URL"))
        except ValueError as error:
            raise BadSetting("PUBLIC_URL must be an origin such as https://clinic.example.") from error
        parts = urlsplit(origin)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise BadSetting("PUBLIC_URL must be https:// anywhere but on this computer's loopback address.")
        if self.demo() and parts.hostname not in LOOPBACK:
            raise BadSetting("DEMO=1 is for the loopback address only: it turns the second factor off.")
        return origin

    def front_door(self) -> tuple[str, ...]:
        try:
            return networks_from(self.text("FRONT_DOOR", "127.0.0.1 ::1"))
        except ValueError as error:
            raise BadSetting(f"FRONT_DOOR {error}") from error

    def leave_url(self) -> str:
        value = self.text("LEAVE_URL")
        if urlsplit(value).scheme not in ("http", "https"):
            raise BadSetting("LEAVE_URL must be the address of a harmless page.")
        return value

    def security_contact(self) -> str:
        value = self.text("SECURITY_CONTACT", "")
        if value and urlsplit(value).scheme not in ("mailto", "https", "tel"):
            raise BadSetting("SECURITY_CONTACT must begin with mailto:, https: or tel: (RFC 9116).")
        return value

    def secret(self, name: str, needed_with: str) -> str:
        value = self.text(name, "")
        if self.text(needed_with, "") and (len(value) < 32 or len(set(value)) < 8 or not value.isascii()):
            raise BadSetting(f"{name} must have at least 32 random characters when {needed_with} is set.")
        return value

    def valkey_url(self) -> str:
        try:
            return valkey_from(self.text("VALKEY_URL", ""))
        except ValueError as error:
            raise BadSetting(f"VALKEY_URL {error}") from error

    def ice_policy(self) -> Literal["all", "relay"]:
        value = self.text("ICE_POLICY", "all")
        if value == "relay":
            return "relay"
        if value != "all":
            raise BadSetting("ICE_POLICY is either all or relay.")
        return "all"

    def mail(self) -> MailServer:
        try:
            return mail_from(
                host=self.text("SMTP_HOST", ""),
                port=self.text("SMTP_PORT", ""),
                user=self.text("SMTP_USER", ""),
                password=self.text("SMTP_PASSWORD", ""),
                tls=self.text("SMTP_TLS", "starttls"),
                ca_file=self.text("SMTP_CA_FILE", ""),
                sender=self.text("MAIL_FROM", ""),
                folder=self.text("MAIL_FOLDER", ""),
                demo=self.demo(),
            )
        except BadMail as error:
            raise BadSetting(str(error)) from error

    def providers(self) -> tuple[Provider, ...]:
        with _told_of("PROVIDERS"):
            return vouching.providers_from(self.text("PROVIDERS"))

    def provider_ca_file(self) -> Path | None:
        with _told_of("PROVIDER_CA_FILE"):
            return vouching.authority_from(self.text("PROVIDER_CA_FILE", ""))

    def staff(self) -> Staff:
        with _told_of("STAFF"):
            return vouching.staff_from(self.text("STAFF", "[]"), self.providers())

    def first_administrator(self) -> FirstAdministrator | None:
        value = self.text("FIRST_ADMINISTRATOR", "")
        with _told_of("FIRST_ADMINISTRATOR"):
            return vouching.first_administrator_from(value, self.providers()) if value else None


@contextmanager
def _told_of(name: str) -> Iterator[None]:
    try:
        yield
    except BadProvider as error:
        raise BadSetting(f"{name} {error} See docs/providers.md.") from error
