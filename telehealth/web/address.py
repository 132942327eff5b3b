"""The service has one address: who comes by another name of this computer is led to it.

Cookies, passkeys (whose relying party is a domain, never an IP address: Web Authentication, section 5.1.2) and the
check of Origin all hang on that one name.
"""

from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ANY_NAME = ("/healthz", "/readyz")  # asked by the machine beside us under whatever name it has
DEFAULT_PORTS = {"http": 80, "https": 443}


def is_ours(host: str, public_url: str) -> bool:
    """Whether a Host header (RFC 9110, section 7.2) names the public address; its default port may be left out."""
    ours = urlsplit(public_url)
    try:
        asked = urlsplit(f"{ours.scheme}://{host}")
        return (asked.hostname, _port_of(asked)) == (ours.hostname, _port_of(ours))
    except ValueError:
        return False


def _port_of(parts: SplitResult) -> int | None:
    return parts.port or DEFAULT_PORTS.get(parts.scheme)


class OneAddress:
    """Leads every GET under another name to the same path of `public_url`. X-Forwarded-Host comes before Host, since
    a front door may rename the request on its way; a made-up one merely keeps its sender where they are."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"] not in ANY_NAME:
            headers = Headers(scope=scope)
            host = headers.get("x-forwarded-host", headers.get("host", ""))
            if host and not is_ours(host.split(",")[0].strip(), self._public_url):
                await RedirectResponse(self._public_url + _target(scope), 307)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _target(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    path = "/" + raw.decode("latin-1").lstrip("/")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path
