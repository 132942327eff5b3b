"""Every file of a new deployment: `.env`, which holds no secret, and `secrets/`. Pure but for the chance handed in."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from telehealth.deployment.answers import PRIVATE_AUTHORITY, Answers
from telehealth.deployment.relay import turnserver_conf

SERVING_ROLE = "telehealth_app"
OWNER = "telehealth_owner"  # docker-compose.yml gives PostgreSQL the same
KEYS = ("index_root", "audit_key", "pseudonym_key", "cookie_key")
RANDOM_BYTES = 32


@dataclass(frozen=True)
class File:
    """A file by its path in the folder of the deployment; a secret one is the image's user's alone."""

    path: str
    content: str = field(repr=False)
    is_secret: bool = True


@dataclass(frozen=True)
class Made:
    """What was made for this deployment alone. `first`: the account that the practice is set up with."""

    client_secret: str = field(repr=False)
    first: Mapping[str, str] = field(repr=False)
    key: Mapping[str, Any] = field(repr=False)


def files_of(answers: Answers, made: Made, chance: Callable[[int], bytes]) -> list[File]:
    """All of them. `chance` gives random bytes; each secret has its own."""

    def word() -> str:
        return base64.urlsafe_b64encode(chance(RANDOM_BYTES)).rstrip(b"=").decode()

    owner, serving, valkey, turn = word(), word(), word(), word()
    at = "postgres:5432/telehealth"
    secrets = {name: base64.b64encode(chance(RANDOM_BYTES)).decode() for name in KEYS} | {
        "postgres_password": owner,
        "owner_url": f"postgresql+asyncpg://{OWNER}:{owner}@{at}",
        "database_url": f"postgresql+asyncpg://{SERVING_ROLE}:{serving}@{at}",
        "turn_secret": turn,
        "probe_secret": word(),
        "providers": _providers(answers, made),
        "smtp_password": answers.smtp_password,
        "valkey_url": f"valkey://:{valkey}@valkey:6379" if answers.size == "full" else "",
    }
    if answers.size == "full":
        secrets["valkey.conf"] = _valkey_conf(valkey)
    if answers.identity_host:
        secrets["identity_secret"] = word()
        secrets["identity_key"] = json.dumps(dict(made.key))
        secrets["identity_first_account"] = json.dumps(dict(made.first))
    if answers.relay_host:
        public, own = answers.relay_addresses
        secrets["turnserver.conf"] = turnserver_conf(answers.relay_host, public, own, turn)
    environment = File(".env", _environment(answers, made, chance), is_secret=False)
    return [File(f"secrets/{name}", content) for name, content in secrets.items()] + [environment]


def issuer_of(answers: Answers) -> str:
    """Whose word counts: the provider that comes with the service, or the first of the clinic's own."""
    if answers.identity_host:
        return f"https://{answers.identity_host}"
    return str(json.loads(answers.providers)[0]["issuer"])


def _providers(answers: Answers, made: Made) -> str:
    if answers.providers:
        return answers.providers
    return json.dumps(
        [
            {
                "id": "practice",
                "name": f"{answers.clinic_name} account",
                "issuer": issuer_of(answers),
                "client_id": "telehealth",
                "client_secret": made.client_secret,
                "registers": True,
            }
        ]
    )


def _first_administrator(answers: Answers, made: Made) -> str:
    who = {"subject": made.first["subject"]} if answers.identity_host else {"email": answers.administrator}
    return json.dumps({"issuer": issuer_of(answers)} | who)


def _environment(answers: Answers, made: Made, chance: Callable[[int], bytes]) -> str:
    full = answers.size == "full"
    profiles = [
        answers.size,
        "identity" if answers.identity_host else "",
        "relay" if answers.relay_host else "",
    ]
    name = re.sub(r"[^a-z0-9]+", "-", answers.clinic_name.lower()).strip("-") or "clinic"
    values = {
        "COMPOSE_PROFILES": ",".join(profile for profile in profiles if profile),
        "REPLICAS": "app-a:8000 app-b:8000" if full else "app-a:8000",
        "TLS": answers.tls,
        "CLINIC_HOST": answers.clinic_host,
        "IDENTITY_HOST": answers.identity_host,
        "RELAY_HOST": answers.relay_host,
        "CLINIC_ID": f"{name[:40]}-{chance(4).hex()}",
        "CLINIC_NAME": answers.clinic_name,
        "CLINIC_ZONE": answers.clinic_zone,
        "LEAVE_URL": answers.leave_url,
        "FIRST_ADMINISTRATOR": _first_administrator(answers, made),
        "SMTP_HOST": answers.smtp_host,
        "SMTP_PORT": answers.smtp_port,
        "SMTP_TLS": answers.smtp_tls if answers.smtp_host else "",
        "SMTP_USER": answers.smtp_user,
        "MAIL_FROM": answers.mail_from,
    }
    if answers.tls == PRIVATE_AUTHORITY:
        values["PROVIDER_CA_FILE"] = "/var/lib/telehealth/authority/authority.pem"
    if answers.relay_host:
        relay = answers.relay_host
        values["RELAY_LISTENS"] = answers.relay_addresses[1]
        values["STUN_URLS"] = f"stun:{relay}:3478"
        values["TURN_URLS"] = (
            f"turn:{relay}:3478?transport=udp turn:{relay}:3478?transport=tcp turns:{relay}:5349?transport=tcp"
        )
    lines = [f"{name}={quoted(value)}" for name, value in values.items() if value]
    head = "# What this deployment is. No secret stands here; those are in secrets/. Every setting: docs/settings.md."
    return "\n".join([head, *lines, ""])


def quoted(value: str) -> str:
    """A value as Docker Compose reads it letter by letter (its documentation, "Env-file syntax")."""
    return "'" + value.replace("'", "\\'") + "'"


def _valkey_conf(password: str) -> str:
    """In memory alone: it holds messages under way and counts, and whatever is lost there is made again."""
    lines = [
        "bind 0.0.0.0",
        "port 6379",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        "dir /data",
        "maxmemory 160mb",
        "maxmemory-policy volatile-ttl",
        'rename-command CONFIG ""',
        'rename-command DEBUG ""',
        'rename-command MONITOR ""',
    ]
    return "\n".join([*lines, ""])
