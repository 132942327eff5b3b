"""The headers every answer carries (house.md, "Frontend")."""

from urllib.parse import urlsplit

IN_ROOMS = ("camera", "microphone", "display-capture", "picture-in-picture", "screen-wake-lock")
ROOM_ONLY = ", ".join(f"{feature}=(self)" for feature in IN_ROOMS)
NOWHERE = ", ".join(f"{feature}=()" for feature in IN_ROOMS)
PASSKEYS = "publickey-credentials-get=(self), publickey-credentials-create=(self)"
NO_PASSKEYS = "publickey-credentials-get=(), publickey-credentials-create=()"
ROOMS = ("/room", "/check")  # how the addresses end where devices are used and a socket is opened
# Where a browser may be asked for a passkey or make one.
PASSKEY_PAGES = frozenset({"/auth/sign-in", "/auth/second-step", "/auth/step-up", "/passkeys"})


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


def permissions_policy(*, room: bool, passkeys: bool = False) -> str:
    """Camera and microphone for the room only, passkeys for the pages that use them; everything else for nobody."""
    devices, keys = ROOM_ONLY if room else NOWHERE, PASSKEYS if passkeys else NO_PASSKEYS
    return f"{devices}, {keys}, geolocation=(), payment=(), usb=(), browsing-topics=()"
