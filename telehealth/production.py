"""What must not stand together where people are served: each is refused at the start, in a sentence."""

from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from telehealth.providers import LOOPBACK
from telehealth.settings import BadSetting, Settings

TRIED_FIRST = frozenset({"admin", "changeme", "password", "postgres", "secret", "telehealth"})
NO_TLS_RELAY = (
    "TURN_URLS names no turns: address, so that behind a firewall that lets only TLS out nobody could be seen or "
    "heard. Add turns:HOST:5349?transport=tcp, and give the relay a certificate."
)
DEMO_PROVIDER = (
    "PROVIDERS names {issuer}, which is on this computer alone, as the demo's people are. Name the provider by the "
    "address that people reach it at."
)
GUESSED = "{name} has a password that everybody tries first. Make another one, with: openssl rand -hex 32"
EXAMPLE = "PROVIDERS gives {id} the client_secret of an example. Put in the one that was made where {id} is registered."
SAME = "{name} is the same as {other}. Each serves one purpose: make a new one, with: openssl rand -hex 32"
NO_SUCH = "{name} names {scheme}: and must name {meant}, such as {example}: browsers take nothing else."
SCHEMES = {
    "STUN_URLS": (("stun", "stuns"), "stun:relay.clinic.example:3478"),
    "TURN_URLS": (("turn", "turns"), "turns:relay.clinic.example:5349?transport=tcp"),
}


def must_be_safe(settings: Settings) -> Settings:
    """The settings, where a service or a worker may start with them. BadSetting says what stands against it.

    A service on this computer's own address (http, or DEMO=1) serves nobody else, and may try things out.
    """
    wrong = tuple(complaints(settings))
    if wrong:
        raise BadSetting(*wrong)
    return settings


def complaints(settings: Settings) -> Iterator[str]:
    """What stands against it, a sentence each."""
    yield from _unknown_schemes(settings)
    if settings.demo or not settings.secure:
        return
    for provider in settings.providers:
        if urlsplit(provider.issuer).hostname in LOOPBACK:
            yield DEMO_PROVIDER.format(issuer=provider.issuer)
        if provider.is_example:
            yield EXAMPLE.format(id=provider.id)
    if settings.turn_urls and not any(url.startswith("turns:") for url in settings.turn_urls):
        yield NO_TLS_RELAY
    for name, address in (("DATABASE_URL", settings.database_url), ("VALKEY_URL", settings.valkey_url)):
        if _is_guessed(address):
            yield GUESSED.format(name=name)
    yield from _same(settings)


def _is_guessed(address: str) -> bool:
    parts = urlsplit(address)
    password = unquote(parts.password or "").lower()
    return bool(password) and (password in TRIED_FIRST or password == (parts.username or "").lower())


def _same(settings: Settings) -> Iterator[str]:
    """What is known to two who should each know one; keys of the service are compared where they are read."""
    keys = (settings.index_root, settings.audit_key, settings.pseudonym_key, settings.cookie_key)
    known = {b64encode(key).decode(): "a key" for key in keys}
    secrets = {
        "TURN_SECRET": settings.turn_secret,
        "PROBE_SECRET": settings.probe_secret,
        "The password in DATABASE_URL": unquote(urlsplit(settings.database_url).password or ""),
        "The password in VALKEY_URL": unquote(urlsplit(settings.valkey_url).password or ""),
        **{f"The client_secret of {one.id} in PROVIDERS": one.client_secret for one in settings.providers},
    }
    for name, secret in secrets.items():
        if secret and secret in known:
            yield SAME.format(name=name, other=known[secret])
        known.setdefault(secret, name)


def _unknown_schemes(settings: Settings) -> Iterator[str]:
    for name, (schemes, example) in SCHEMES.items():
        for url in getattr(settings, name.lower()):
            scheme = url.partition(":")[0]
            if scheme not in schemes:
                meant = " or ".join(f"{each}:" for each in schemes)
                yield NO_SUCH.format(name=name, scheme=scheme, meant=meant, example=example)
