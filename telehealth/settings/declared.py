"""Every setting of the service itself, in the order in which docs/settings.md has them."""

from pathlib import Path

from telehealth.addresses import networks_from, valkey_from
from telehealth.settings import kinds
from telehealth.settings.kinds import MOST_DAYS, Number
from telehealth.settings.reading import Setting

PRACTICE, KEYS, RECORDS, SIGN_IN = "practice", "keys", "records", "sign-in"
MAIL, SESSIONS, RUNNING = "mail", "sessions", "running"
RANDOM = "32 random bytes in base64"

PUBLIC_URL = Setting(
    "PUBLIC_URL",
    PRACTICE,
    kinds.origin,
    "the origin people type, such as `https://clinic.example`; plain http only on this computer's own address",
)
CLINIC_ID = Setting(
    "CLINIC_ID",
    PRACTICE,
    kinds.text,
    "a short constant, part of what every sealed value is bound to; never change it",
)
CLINIC_NAME = Setting("CLINIC_NAME", PRACTICE, kinds.text, "what people read at the foot of every page")
CLINIC_ZONE = Setting(
    "CLINIC_ZONE", PRACTICE, kinds.zone, "the practice's IANA time zone, such as `Europe/Berlin`"
)
LEAVE_URL = Setting(
    "LEAVE_URL",
    PRACTICE,
    kinds.page,
    'the harmless page that "Leave quickly" leads to, such as a newspaper\'s',
)
SECURITY_CONTACT = Setting(
    "SECURITY_CONTACT",
    PRACTICE,
    kinds.contact,
    "`mailto:`, `https:` or `tel:` for `/.well-known/security.txt` (RFC 9116); without it the page is not there",
    unless="",
)
DEMO = Setting(
    "DEMO",
    PRACTICE,
    kinds.flag,
    "1 turns the staff's second factor off; on this computer's own address only",
    unless="0",
)

DATABASE_URL = Setting(
    "DATABASE_URL",
    RECORDS,
    kinds.database,
    "`postgresql+asyncpg://USER:PASSWORD@HOST/NAME` or `sqlite+aiosqlite:////FOLDER/FILE`; in a password / is written "
    "`%2F`, @ `%40`",
    secret=True,
)
CHECKPOINT_FILE = Setting(
    "CHECKPOINT_FILE",
    RECORDS,
    Path,
    "where signed checkpoints of the record of looks go: on another volume than the database ([record.md](record.md))",
)
TOMBSTONE_FILE = Setting(
    "TOMBSTONE_FILE",
    RECORDS,
    kinds.path_or_none,
    "whom an erasure concerned, so that a restored backup erases them again ([retention.md](retention.md))",
    unless="",
    otherwise="`tombstones.note` beside `CHECKPOINT_FILE`",
)
RETENTION_ACCOUNT_DAYS = Setting(
    "RETENTION_ACCOUNT_DAYS",
    RECORDS,
    Number(0, MOST_DAYS, 3650),
    "days after the last contact that an account is kept; this and the next three: [retention.md](retention.md), 0 is "
    "for ever",
    unless="3650",
)
RETENTION_BOOKING_DAYS = Setting(
    "RETENTION_BOOKING_DAYS", RECORDS, Number(0, MOST_DAYS, 1460), "the same for appointments", unless="1460"
)
RETENTION_CLINICAL_DAYS = Setting(
    "RETENTION_CLINICAL_DAYS",
    RECORDS,
    Number(0, MOST_DAYS, 3650),
    "the same for what belongs to treatment",
    unless="3650",
)
RETENTION_CORRESPONDENCE_DAYS = Setting(
    "RETENTION_CORRESPONDENCE_DAYS",
    RECORDS,
    Number(0, MOST_DAYS, 365),
    "the same for what people were told",
    unless="365",
)

KEK_DIR = Setting(
    "KEK_DIR",
    KEYS,
    Path,
    "the folder of the key-encryption keys ([keys.md](keys.md)); the service only reads it",
)
INDEX_ROOT = Setting(
    "INDEX_ROOT",
    KEYS,
    kinds.key,
    f"{RANDOM}: root of the blind indexes; cannot be exchanged, so keep a copy with the key folder",
    secret=True,
)
AUDIT_KEY = Setting(
    "AUDIT_KEY",
    KEYS,
    kinds.key,
    f"{RANDOM}: signs checkpoints, tombstones and certificates of erasure",
    secret=True,
)
PSEUDONYM_KEY = Setting(
    "PSEUDONYM_KEY",
    KEYS,
    kinds.key,
    f"{RANDOM}: names people in the record of looks without naming them",
    secret=True,
)
COOKIE_KEY = Setting(
    "COOKIE_KEY",
    KEYS,
    kinds.key,
    f"{RANDOM}: signs the ten-minute cookie of a sign-in under way",
    secret=True,
)
AUDIT_KEYS_FORMER = Setting(
    "AUDIT_KEYS_FORMER",
    KEYS,
    kinds.public_keys,
    "public halves of the `AUDIT_KEY`s before this one, the oldest first, separated by spaces ([keys.md](keys.md))",
    unless="",
)
PLANNED_PEOPLE = Setting(
    "PLANNED_PEOPLE",
    KEYS,
    Number(100, 10_000_000, 1000),
    "how many people the practice plans for: the blind indexes are made for so many; a change counts from the next "
    "`telehealth keys rotate index` on ([keys.md](keys.md))",
    unless="1000",
)
KEY_BACKUP_DAYS = Setting(
    "KEY_BACKUP_DAYS",
    KEYS,
    Number(0, MOST_DAYS, 28),
    "how many days a backup of the key tables can be alive; an old key is destroyed after that. 0: there is none, and "
    "`telehealth backup` makes none",
    unless="28",
)

PROVIDERS = Setting(
    "PROVIDERS",
    SIGN_IN,
    kinds.vouching,
    "the OpenID providers, a JSON list: [below](#a-provider)",
    secret=True,
)
PROVIDER_CA_FILE = Setting(
    "PROVIDER_CA_FILE",
    SIGN_IN,
    kinds.authority,
    "the authority that signed the providers' certificates, where this computer does not know it",
    unless="",
)
STAFF = Setting(
    "STAFF",
    SIGN_IN,
    kinds.text,
    'who works here, beside what providers confer: a JSON list of `{"issuer", "subject", "role"}` '
    "([providers.md](providers.md))",
    unless="[]",
)
FIRST_ADMINISTRATOR = Setting(
    "FIRST_ADMINISTRATOR",
    SIGN_IN,
    kinds.text,
    'who begins where there is no administrator yet: `{"issuer", "subject"}` or `{"issuer", "email"}` '
    "([providers.md](providers.md))",
    unless="",
    otherwise="nobody",
)

SMTP_HOST = Setting(
    "SMTP_HOST",
    MAIL,
    kinds.text,
    "the server that takes mail, TLS always; without it no mail is sent: [mail.md](mail.md)",
    unless="",
)
SMTP_PORT = Setting(
    "SMTP_PORT", MAIL, kinds.text, "its port", unless="", otherwise="587, or 465 with `implicit`"
)
SMTP_TLS = Setting(
    "SMTP_TLS",
    MAIL,
    kinds.text,
    "`starttls`, or `implicit`: TLS from the first byte; there is no way without",
    unless="starttls",
)
SMTP_USER = Setting(
    "SMTP_USER", MAIL, kinds.text, "as whom we sign in there; with `SMTP_PASSWORD`, or neither", unless=""
)
SMTP_PASSWORD = Setting("SMTP_PASSWORD", MAIL, kinds.text, "the password to it", unless="", secret=True)
SMTP_CA_FILE = Setting(
    "SMTP_CA_FILE",
    MAIL,
    kinds.text,
    "the authority that signed the server's certificate, where this computer does not know it",
    unless="",
)
MAIL_FROM = Setting(
    "MAIL_FROM",
    MAIL,
    kinds.text,
    "`Appointments <office@clinic.example>`: the name says nothing of what for; needed with `SMTP_HOST`",
    unless="",
)
MAIL_FOLDER = Setting(
    "MAIL_FOLDER",
    MAIL,
    kinds.text,
    "where the demo keeps its mails, sealed, instead of sending them; in the demo only",
    unless="",
)

STUN_URLS = Setting(
    "STUN_URLS",
    SESSIONS,
    kinds.several,
    "where browsers learn their public address, such as `stun:relay.clinic.example:3478`, separated by spaces",
    unless="",
)
TURN_URLS = Setting(
    "TURN_URLS",
    SESSIONS,
    kinds.several,
    "the relay for sessions, such as `turns:relay.clinic.example:5349?transport=tcp`, separated by spaces; one of them "
    "`turns:`",
    unless="",
)
TURN_SECRET = Setting(
    "TURN_SECRET",
    SESSIONS,
    kinds.secret,
    "the relay's shared secret, 32 random characters or more; needed with `TURN_URLS`",
    unless="",
    secret=True,
)
ICE_POLICY = Setting(
    "ICE_POLICY",
    SESSIONS,
    kinds.ice_policy,
    "`all`, or `relay`, which hides people's network addresses from one another; the practice's own policy, where an "
    "administrator chose one, goes before it. Where there is a relay and nobody chose `all` there, appointments for "
    "two or more people use the relay alone; a therapist may choose otherwise for one appointment",
    unless="all",
)
PROBE_SECRET = Setting(
    "PROBE_SECRET",
    SESSIONS,
    kinds.secret,
    "with it `telehealth probe` may hold sessions of its own here, 32 random characters or more; without it "
    "nobody probes",
    unless="",
    secret=True,
)

VALKEY_URL = Setting(
    "VALKEY_URL",
    RUNNING,
    valkey_from,
    "`valkey://HOST:6379`, `valkeys://` with TLS: several processes share rate limits and serve the same rooms; "
    "without it each counts for itself, and all sockets of a room must reach one process",
    unless="",
    secret=True,
)
FRONT_DOOR = Setting(
    "FRONT_DOOR",
    RUNNING,
    networks_from,
    "addresses or networks of the proxy in front; from them alone `X-Forwarded-For` is believed, which limits by "
    "address hang on",
    unless="127.0.0.1 ::1",
)
