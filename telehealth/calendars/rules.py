"""What an address of a calendar may be, and when it is asked again. Pure."""

import ipaddress
from datetime import timedelta
from urllib.parse import urlsplit

from telehealth.errors import Invalid

MAX_CALENDARS = 3  # for each therapist
MAX_ADDRESS = 2_000
EVERY = timedelta(minutes=15)
SLOWEST = timedelta(hours=6)
TOLD_AFTER = 4  # failures in a row: about four hours
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
SCHEMES = {"https": "https", "webcal": "https", "webcals": "https"}  # as programs write the same thing

NEEDED = "Please paste the address of a calendar, as the other program gives it. It begins with https:// or webcal://."
NOT_SAFE = (
    "This address would be read without encryption. Use the one that begins with https:// or webcal://."
)
NOT_PUBLIC = "This address is not one on the open internet, so we do not read it."
TOO_LONG = f"This address is longer than {MAX_ADDRESS:,} characters. Please check that it is the right one."

FAILURES = {
    "not_found": "There is nothing at the address any more. The other program may have given it a new one.",
    "refused": "The other program does not let us read it. Perhaps the address was withdrawn.",
    "not_reached": "The other program does not answer.",
    "not_public": "The address leads to a place that is not on the open internet.",
    "not_safe": "The address leads to a place without encryption.",
    "too_slow": "The other program takes too long to answer.",
    "too_large": "The calendar is too large for us to read.",
    "too_many": "The calendar has more entries than we can read.",
    "no_calendar": "What stands at the address is not a calendar.",
}


def address_from(text: str) -> str:
    """The https address of a calendar; Invalid for anything that is not one, or is not on the open internet."""
    address = "".join(text.split())
    if len(address) > MAX_ADDRESS:
        raise _refused("address_too_long", TOO_LONG)
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise _refused("address_needed", NEEDED) from error
    if parts.scheme.lower() == "http":
        raise _refused("address_not_safe", NOT_SAFE)
    scheme = SCHEMES.get(parts.scheme.lower())
    if scheme is None or not parts.hostname or parts.username is not None or not address.isascii():
        raise _refused("address_needed", NEEDED)
    if port not in (None, 443) or not is_perhaps_public(parts.hostname):
        raise _refused("address_not_public", NOT_PUBLIC)
    return parts._replace(scheme=scheme, fragment="").geturl()


def is_perhaps_public(host: str) -> bool:
    """Whether a host could be on the open internet; a name is looked up only when it is asked (`reaching.py`)."""
    try:
        return is_public(host)
    except ValueError:
        return "." in host.strip(".") and not host.lower().rstrip(".").endswith(
            (".localhost", ".local", ".internal")
        )


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; ValueError when it is none at all.

    An IPv6 address that carries an IPv4 one (NAT64, mapped, 6to4, Teredo) is judged by what it carries, too.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return _is_open(ip)
    if ip in NAT64:
        return _is_open(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF))
    carried = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    return _is_open(ip) and all(_is_open(each) for each in carried if each is not None)


def _is_open(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def pause(failures: int) -> timedelta:
    """How long until a calendar is asked again: a quarter of an hour, twice as long after each failure."""
    return min(EVERY * (1 << min(failures, 10)), SLOWEST)


def in_words(failure: str) -> str:
    """What went wrong, for the therapist."""
    return FAILURES.get(failure, "It could not be read.")


def _refused(code: str, sentence: str) -> Invalid:
    return Invalid(code, sentence, fields={"address": sentence})
