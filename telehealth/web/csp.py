"""The headers every answer carries (house.md, "Frontend")."""

from urllib.parse import urlsplit

ROOM_ONLY = "camera=(self), microphone=(self), display-capture=(self), picture-in-picture=(self)"
NOWHERE = "camera=(), microphone=(), display-capture=(), picture-in-picture=()"


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def content_security_policy(*, public_url: str, form_targets: tuple[str, ...], room: bool) -> str:
    """The policy of one page; `form_targets`: origins a form may lead to by redirect (Chromium checks those)."""
    socket = public_url.replace("http", "ws", 1)
    blob = " blob:" if room else ""
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'" + blob,
        "media-src": "'self' blob:" if room else "'none'",
        "manifest-src": "'self'",
        "worker-src": "'self'" if room else "'none'",
        "font-src": "'none'",
        "connect-src": f"'self' {socket}" if room else "'self'",
        "form-action": " ".join(("'self'", *form_targets)),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "telehealth",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def permissions_policy(*, room: bool) -> str:
    """Camera and microphone for the room only; everything else for nobody."""
    return (ROOM_ONLY if room else NOWHERE) + ", geolocation=(), payment=(), usb=(), browsing-topics=()"
