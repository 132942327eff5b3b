"""Who may vouch for people: the configured OpenID providers, and the clinic's own list of its staff."""

import json
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from telehealth.person import ROLES, Role

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
RESERVED = "passkey"  # where a session says that it was opened by a passkey alone
SECRET_CHARACTERS = 16
TO_BE_REPLACED = "REPLACE"  # how the secret of an example begins: deploy/examples, docs/providers.md
PROMPTS = ("login", "select_account", "consent")  # OpenID Connect Core 1.0, section 3.1.2.1
FIELDS = frozenset(
    {
        "id",
        "name",
        "issuer",
        "client_id",
        "client_secret",
        "roles",
        "groups_scope",
        "registers",
        "prompt",
        "lacks_auth_time",
        "strong_amr",
        "strong_acr",
        "origins",
    }
)

Staff = Mapping[tuple[str, str], Role]


class BadProvider(ValueError):
    """What is wrong with a provider or with the list of staff, in a sentence."""


@dataclass(frozen=True)
class Provider:
    """One OpenID provider.

    `roles` maps a value of its groups claim to the role it may confer; default: client only. Its word that a second
    factor was proven is one of `strong_acr` in `acr`, or one of `strong_amr` in `amr`; where that is None, methods of
    two kinds as RFC 8176 names them. `origins`: where else its pages lead to by redirect, for the content policy.
    `groups_scope`: the scope that brings the groups claim, asked for where roles are conferred; empty: none does.
    `prompt`: by what it is told to ask again; some know one word and refuse every other.
    `lacks_auth_time`: it never says when it asked somebody who they are, so that nothing it says is a fresh proof.
    """

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    roles: Mapping[str, Role] = field(default_factory=dict)
    groups_scope: str = "groups"
    registers: bool = False  # whether prompt=create leads to a registration page
    prompt: str = "login"
    lacks_auth_time: bool = False
    strong_amr: frozenset[str] | None = None
    strong_acr: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    @property
    def is_example(self) -> bool:
        """Whether somebody left the secret of an example in it."""
        return self.client_secret.startswith(TO_BE_REPLACED)

    @property
    def scope(self) -> str:
        """What its authorization endpoint is asked for; some refuse a scope that they do not know."""
        return " ".join(
            ["openid", "email", *([self.groups_scope] if self.roles and self.groups_scope else [])]
        )


def providers_from(text: str) -> tuple[Provider, ...]:
    """The providers of a JSON list; BadProvider says what is wrong with one."""
    found = tuple(_provider(row) for row in _rows(text))
    if not found:
        raise BadProvider("names no provider, so nobody could sign in.")
    for what in ("id", "issuer"):
        if len({getattr(each, what) for each in found}) < len(found):
            raise BadProvider(f"has two providers with the same {what}.")
    return found


def staff_from(text: str, providers: Sequence[Provider]) -> Staff:
    """The role of each (issuer, subject) of a JSON list; BadProvider says what is wrong with one."""
    issuers = {provider.issuer for provider in providers}
    found: dict[tuple[str, str], Role] = {}
    for row in _rows(text):
        if set(row) != {"issuer", "subject", "role"}:
            raise BadProvider('must have "issuer", "subject" and "role" in each line, and nothing else.')
        account = (_text(row, "issuer"), _text(row, "subject"))
        if account[0] not in issuers:
            raise BadProvider(f"names the issuer {account[0]}, which is none of PROVIDERS.")
        if account in found:
            raise BadProvider("names the same account twice.")
        role = _role(row["role"], "a line")
        if role == "client":
            raise BadProvider("is for staff; everybody else is a client without being listed.")
        found[account] = role
    return found


@dataclass(frozen=True)
class FirstAdministrator:
    """Who begins in a practice that has no administrator yet: an account of this issuer, named by its subject or by a
    verified e-mail address; one of the two is empty."""

    issuer: str
    subject: str = ""
    email: str = ""


def first_administrator_from(text: str, providers: Sequence[Provider]) -> FirstAdministrator:
    """That account, from a JSON object; BadProvider says what is wrong with it."""
    try:
        row = json.loads(text)
    except ValueError as error:
        raise BadProvider("is not JSON.") from error
    if not isinstance(row, dict) or set(row) not in ({"issuer", "subject"}, {"issuer", "email"}):
        raise BadProvider(
            'must be an object with "issuer" and either "subject" or "email", and nothing else.'
        )
    found = FirstAdministrator(**{name: _text(row, name) for name in row})
    if found.issuer not in {provider.issuer for provider in providers}:
        raise BadProvider(f"names the issuer {found.issuer}, which is none of PROVIDERS.")
    return found


def authority_from(path: str) -> Path | None:
    """The file of whoever signed the providers' certificates; None where nothing is said, BadProvider where it is
    none."""
    if not path:
        return None
    try:
        ssl.create_default_context().load_verify_locations(path)
    except OSError as error:  # ssl.SSLError is one
        raise BadProvider("is no file of certificates in PEM.") from error
    return Path(path)


def _rows(text: str) -> list[dict[str, object]]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise BadProvider("is not JSON.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadProvider("must be a JSON list of objects.")
    return rows


def _provider(row: dict[str, object]) -> Provider:
    unknown = sorted(set(row) - FIELDS)
    if unknown:
        raise BadProvider(f"has a field that nothing reads: {unknown[0]}.")
    roles = row.get("roles", {})
    if not isinstance(roles, dict):
        raise BadProvider('needs an object as "roles".')
    made = Provider(
        id=_text(row, "id"),
        name=_text(row, "name"),
        issuer=_text(row, "issuer"),
        client_id=_text(row, "client_id"),
        client_secret=_text(row, "client_secret"),
        roles={str(group): _role(role, f"the group {group}") for group, role in roles.items()},
        groups_scope=_scope(row),
        registers=_truth(row, "registers"),
        prompt=_prompt(row),
        lacks_auth_time=_truth(row, "lacks_auth_time"),
        strong_amr=frozenset(_texts(row, "strong_amr")) if "strong_amr" in row else None,
        strong_acr=_texts(row, "strong_acr"),
        origins=_texts(row, "origins"),
    )
    _check(made)
    return made


def _check(provider: Provider) -> None:
    if not ID.fullmatch(provider.id) or provider.id == RESERVED:
        raise BadProvider(f"needs an id of small letters, digits and hyphens (and not {RESERVED}).")
    issuer = urlsplit(provider.issuer)
    local = issuer.scheme == "http" and issuer.hostname in LOOPBACK
    if not (local or (issuer.scheme == "https" and issuer.hostname)) or issuer.query or issuer.fragment:
        raise BadProvider(f"gives {provider.id} an issuer that is no https address.")
    if not local and len(provider.client_secret) < SECRET_CHARACTERS:
        raise BadProvider(f"gives {provider.id} a weak client_secret: at least {SECRET_CHARACTERS} letters.")
    for origin in provider.origins:
        parts = urlsplit(origin)
        if f"{parts.scheme}://{parts.netloc}" != origin or parts.scheme not in ("http", "https"):
            raise BadProvider(f"needs origins such as https://login.example, not {origin}.")


def _scope(row: dict[str, object]) -> str:
    value = row.get("groups_scope", "groups")
    if not isinstance(value, str) or not re.fullmatch(r"[!#-\[\]-~]*", value):  # RFC 6749, section 3.3
        raise BadProvider("needs one scope, or an empty text, as groups_scope.")
    return value


def _role(value: object, whose: str) -> Role:
    known = next((name for name in ROLES if name == value), None)
    if known is None:
        raise BadProvider(f"gives {whose} a role that does not exist.")
    return known


def _text(row: dict[str, object], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise BadProvider(f"needs a text as {name}.")
    return value


def _prompt(row: dict[str, object]) -> str:
    value = row.get("prompt", PROMPTS[0])
    known = next((word for word in PROMPTS if word == value), None)
    if known is None:
        raise BadProvider(f"needs one of {', '.join(PROMPTS)} as prompt.")
    return known


def _truth(row: dict[str, object], name: str) -> bool:
    value = row.get(name, False)
    if not isinstance(value, bool):
        raise BadProvider(f"needs true or false as {name}.")
    return value


def _texts(row: dict[str, object], name: str) -> tuple[str, ...]:
    value = row.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise BadProvider(f"needs a list of texts as {name}.")
    return tuple(value)
