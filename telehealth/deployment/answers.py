"""What a clinic says of itself before the first start, checked together."""

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telehealth.mail_server import BadMail, mail_from
from telehealth.providers import BadProvider, providers_from

HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
PRIVATE_AUTHORITY = "internal"  # the word that Caddy has for it


class BadAnswer(Exception):
    """Answers cannot be used; a sentence for each says which and what it should be."""


@dataclass(frozen=True)
class Answers:
    """`tls`: the address that the public certificate authority writes to, or PRIVATE_AUTHORITY.

    `identity_host`: where the provider that comes with the service is; empty where `providers` (JSON) names the
    clinic's own. `relay_address`: the public address, then after a slash the one the host itself has, where that is
    another. Without `relay_host` there is no relay, and without `smtp_host` no mail.
    """

    clinic_host: str
    clinic_name: str
    clinic_zone: str
    leave_url: str
    tls: str
    administrator: str
    size: Literal["minimal", "full"] = "full"
    identity_host: str = ""
    providers: str = field(default="", repr=False)
    relay_host: str = ""
    relay_address: str = ""
    smtp_host: str = ""
    smtp_port: str = ""
    smtp_tls: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    mail_from: str = ""

    @property
    def relay_addresses(self) -> tuple[str, str]:
        """The relay's public address, and the host's own."""
        public, _, own = self.relay_address.partition("/")
        return public, own or public


def check(answers: Answers) -> None:
    """BadAnswer with a sentence for each that cannot be used."""
    wrong = []
    for look in (_hosts, _practice, _certificates, _vouching, _relay, _mail):
        try:
            look(answers)
        except BadAnswer as error:
            wrong.append(str(error))
    if wrong:
        raise BadAnswer("\n".join(wrong))


def _practice(answers: Answers) -> None:
    if not answers.clinic_name.strip() or not answers.clinic_name.isprintable():
        raise BadAnswer("The clinic needs a name in one line.")
    try:
        ZoneInfo(answers.clinic_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadAnswer(f"{answers.clinic_zone} is no IANA time zone such as Europe/Berlin.") from error
    if urlsplit(answers.leave_url).scheme not in ("http", "https"):
        raise BadAnswer("Leave quickly must lead to the address of a harmless page.")


def _certificates(answers: Answers) -> None:
    if answers.tls != PRIVATE_AUTHORITY and not EMAIL.fullmatch(answers.tls):
        raise BadAnswer(
            f"TLS needs an e-mail address for the certificate authority, or {PRIVATE_AUTHORITY} for one of your own."
        )
    if not EMAIL.fullmatch(answers.administrator):
        raise BadAnswer("The first administrator needs an e-mail address.")


def _hosts(answers: Answers) -> None:
    named = [host for host in (answers.clinic_host, answers.identity_host, answers.relay_host) if host]
    for host in (answers.clinic_host, *named):
        if not HOST.fullmatch(host):
            raise BadAnswer(f"{host or 'Nothing'} is no host name such as clinic.example, in small letters.")
    if len(set(named)) < len(named):
        raise BadAnswer("The clinic, its sign-in and its relay need a host name each.")


def _vouching(answers: Answers) -> None:
    if bool(answers.identity_host) == bool(answers.providers):
        raise BadAnswer("Give a host name for the sign-in, or the file of your own providers: one of them.")
    if answers.providers:
        try:
            found = providers_from(answers.providers)
        except BadProvider as error:
            raise BadAnswer(f"The file of providers {error} See docs/providers.md.") from error
        if any(each.is_example for each in found):
            raise BadAnswer(
                "The file of providers still has the secret of the example. Put in the one made there."
            )


def _relay(answers: Answers) -> None:
    if bool(answers.relay_host) != bool(answers.relay_address):
        raise BadAnswer("A relay needs a host name and an address.")
    for address in answers.relay_addresses if answers.relay_address else ():
        try:
            ipaddress.ip_address(address)
        except ValueError as error:
            raise BadAnswer(
                f"{address} is no address such as 203.0.113.5 or 203.0.113.5/10.0.0.5."
            ) from error


def _mail(answers: Answers) -> None:
    try:
        mail_from(
            host=answers.smtp_host,
            port=answers.smtp_port,
            user=answers.smtp_user,
            password=answers.smtp_password,
            tls=answers.smtp_tls,
            ca_file="",
            sender=answers.mail_from,
            folder="",
            demo=False,
        )
    except BadMail as error:
        raise BadAnswer(str(error)) from error
