"""Addresses in the settings: the origin people type, the networks of the proxy in front, Valkey's."""

import ipaddress
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
VALKEY_SCHEMES = ("valkey", "valkeys", "redis", "rediss", "unix")


def origin_from(text: str) -> str:
    """An http or https origin as browsers write it (RFC 6454, section 6.2): in small letters, without its scheme's own
    port. ValueError for what is none."""
    parts = urlsplit(text.rstrip("/"))
    port = parts.port
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    plain = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    if (
        parts.scheme not in DEFAULT_PORTS
        or not host
        or plain != text.rstrip("/").lower()
        or not text.isascii()
    ):
        raise ValueError("no origin")
    return plain.removesuffix(f":{DEFAULT_PORTS[parts.scheme]}") if port is not None else plain


def listening_from(text: str) -> tuple[str, int]:
    """Address and port to listen on, of `127.0.0.1:9464` or `[::1]:9464`; ValueError for what is none."""
    host, _, port = text.rpartition(":")
    address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("no port")
    return str(address), int(port)


def networks_from(text: str) -> tuple[str, ...]:
    """Addresses and networks; ValueError, with a sentence, for what is none, and for everybody: whoever is believed may
    say that a request came from anywhere."""
    value = tuple(text.replace(",", " ").split())
    try:
        networks = [ipaddress.ip_network(each) for each in value]
    except ValueError as error:
        raise ValueError("must be addresses or networks such as 172.18.0.0/16.") from error
    if any(network.prefixlen == 0 for network in networks):
        raise ValueError("cannot be everybody: limits by address could be got round.")
    return value


def valkey_from(text: str) -> str:
    """Where Valkey is, as the client writes it; empty where it is nowhere. ValueError, with a sentence, for what is no
    such address. Valkey has names of its own for the same protocol; the client knows the older ones."""
    scheme, _, rest = text.partition("://")
    if text and (scheme not in VALKEY_SCHEMES or not rest):
        raise ValueError("must be valkey://HOST:6379, valkeys://HOST:6379 (TLS) or unix:///PATH.")
    return f"redis{text.removeprefix('valkey')}" if text.startswith("valkey") else text
