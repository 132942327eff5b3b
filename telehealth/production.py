"""What must not stand together where people are served: each is refused at the start, in a sentence."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import make_url

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
GUESSED = (
    "DATABASE_URL has a password that everybody tries first. Make another one, with: openssl rand -hex 32"
)
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
    if settings.turn_urls and not any(url.startswith("turns:") for url in settings.turn_urls):
        yield NO_TLS_RELAY
    password = make_url(settings.database_url).password
    if password is not None and str(password).lower() in TRIED_FIRST:
        yield GUESSED


def _unknown_schemes(settings: Settings) -> Iterator[str]:
    for name, (schemes, example) in SCHEMES.items():
        for url in getattr(settings, name.lower()):
            scheme = url.partition(":")[0]
            if scheme not in schemes:
                meant = " or ".join(f"{each}:" for each in schemes)
                yield NO_SUCH.format(name=name, scheme=scheme, meant=meant, example=example)
