"""What the service itself is told; and what several settings make together."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from telehealth import providers as vouching
from telehealth.mail_server import BadMail, MailServer, mail_from
from telehealth.providers import LOOPBACK, BadProvider, FirstAdministrator, Provider, Staff
from telehealth.settings import declared as of
from telehealth.settings.reading import BadSetting, Setting, Values, made, read, told

KEYS = (of.INDEX_ROOT, of.AUDIT_KEY, of.PSEUDONYM_KEY, of.COOKIE_KEY)
MAIL = (
    of.SMTP_HOST,
    of.SMTP_PORT,
    of.SMTP_TLS,
    of.SMTP_USER,
    of.SMTP_PASSWORD,
    of.SMTP_CA_FILE,
    of.MAIL_FROM,
    of.MAIL_FOLDER,
    of.DEMO,
)


def demo_of(values: Values) -> bool:
    if values[of.DEMO] and urlsplit(values[of.PUBLIC_URL]).hostname not in LOOPBACK:
        raise BadSetting("DEMO=1 is for the loopback address only: it turns the second factor off.")
    return values[of.DEMO]


def tombstone_file_of(values: Values) -> Path:
    return values[of.TOMBSTONE_FILE] or values[of.CHECKPOINT_FILE].with_name("tombstones.note")


def alone(key: Setting[bytes]) -> Callable[[Values], bytes]:
    """This key, where it is none of those before it."""

    def key_of(values: Values) -> bytes:
        for other in KEYS[: KEYS.index(key)]:
            if values[other] == values[key]:
                raise BadSetting(
                    f"{key.name} is the same as {other.name}. Each serves one purpose: make a new one."
                )
        return values[key]

    return key_of


def former_keys_of(values: Values) -> tuple[bytes, ...]:
    """Public keys; a secret one among them would stand where nobody guards it."""
    if any(values[key] in values[of.AUDIT_KEYS_FORMER] for key in KEYS):
        raise BadSetting(
            "AUDIT_KEYS_FORMER holds the key of another setting; it takes what telehealth audit key shows."
        )
    return values[of.AUDIT_KEYS_FORMER]


def staff_of(values: Values) -> Staff:
    with _explained(of.STAFF):
        return vouching.staff_from(values[of.STAFF], values[of.PROVIDERS])


def first_administrator_of(values: Values) -> FirstAdministrator | None:
    text = values[of.FIRST_ADMINISTRATOR]
    with _explained(of.FIRST_ADMINISTRATOR):
        return vouching.first_administrator_from(text, values[of.PROVIDERS]) if text else None


def turn_secret_of(values: Values) -> str:
    if values[of.TURN_URLS] and not values[of.TURN_SECRET]:
        raise BadSetting("TURN_SECRET must have at least 32 random characters when TURN_URLS is set.")
    return values[of.TURN_SECRET]


def mail_of(values: Values) -> MailServer:
    try:
        return mail_from(
            host=values[of.SMTP_HOST],
            port=values[of.SMTP_PORT],
            user=values[of.SMTP_USER],
            password=values[of.SMTP_PASSWORD],
            tls=values[of.SMTP_TLS],
            ca_file=values[of.SMTP_CA_FILE],
            sender=values[of.MAIL_FROM],
            folder=values[of.MAIL_FOLDER],
            demo=values[of.DEMO],
        )
    except BadMail as error:
        raise BadSetting(str(error)) from error


@contextmanager
def _explained(setting: Setting[str]) -> Iterator[None]:
    try:
        yield
    except BadProvider as error:
        raise BadSetting(f"{setting.name} {error} See docs/providers.md.") from error


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the service is told from outside. Keys are 32 raw bytes each; no key serves two purposes."""

    public_url: str = told(of.PUBLIC_URL)
    clinic_id: str = told(of.CLINIC_ID)
    clinic_name: str = told(of.CLINIC_NAME)
    clinic_zone: str = told(of.CLINIC_ZONE)
    leave_url: str = told(of.LEAVE_URL)
    security_contact: str = told(of.SECURITY_CONTACT)
    demo: bool = made(demo_of, of.DEMO, of.PUBLIC_URL, unless=bool)

    database_url: str = told(of.DATABASE_URL)
    checkpoint_file: Path = told(of.CHECKPOINT_FILE)
    tombstone_file: Path = made(tombstone_file_of, of.TOMBSTONE_FILE, of.CHECKPOINT_FILE)
    retention_account_days: int = told(of.RETENTION_ACCOUNT_DAYS)
    retention_booking_days: int = told(of.RETENTION_BOOKING_DAYS)
    retention_clinical_days: int = told(of.RETENTION_CLINICAL_DAYS)
    retention_correspondence_days: int = told(of.RETENTION_CORRESPONDENCE_DAYS)

    kek_dir: Path = told(of.KEK_DIR)
    index_root: bytes = told(of.INDEX_ROOT)
    audit_key: bytes = made(alone(of.AUDIT_KEY), *KEYS)
    pseudonym_key: bytes = made(alone(of.PSEUDONYM_KEY), *KEYS)
    cookie_key: bytes = made(alone(of.COOKIE_KEY), *KEYS)
    audit_keys_former: tuple[bytes, ...] = made(former_keys_of, of.AUDIT_KEYS_FORMER, *KEYS, unless=tuple)
    planned_people: int = told(of.PLANNED_PEOPLE)
    key_backup_days: int = told(of.KEY_BACKUP_DAYS)

    providers: tuple[Provider, ...] = told(of.PROVIDERS)
    provider_ca_file: Path | None = told(of.PROVIDER_CA_FILE)
    staff: Staff = made(staff_of, of.STAFF, of.PROVIDERS, unless=dict)
    first_administrator: FirstAdministrator | None = made(
        first_administrator_of, of.FIRST_ADMINISTRATOR, of.PROVIDERS, unless=lambda: None
    )
    mail: MailServer = made(mail_of, *MAIL, unless=MailServer)

    stun_urls: tuple[str, ...] = told(of.STUN_URLS)
    turn_urls: tuple[str, ...] = told(of.TURN_URLS)
    turn_secret: str = made(turn_secret_of, of.TURN_SECRET, of.TURN_URLS, unless=str)
    ice_policy: Literal["all", "relay"] = told(of.ICE_POLICY)
    probe_secret: str = told(of.PROBE_SECRET)

    valkey_url: str = told(of.VALKEY_URL)
    front_door: tuple[str, ...] = told(of.FRONT_DOOR)

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
        """Read and check every setting. Raises BadSetting with a sentence for each that is missing or weak."""
        return read(cls, environment)
