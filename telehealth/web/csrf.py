"""Cross-site request forgery: where the request comes from is checked, and a token that only our pages know."""

import hmac

from starlette.requests import HTTPConnection

from telehealth.errors import Forbidden

TOO_OLD = (
    "This page was open for too long, or you signed in or out since. Load it again and repeat the last step."
)
FROM_ELSEWHERE = "This did not come from one of our own pages. Open the page here and repeat the last step."


def token_of(connection: HTTPConnection) -> str:
    """The synchronizer token of this browser and, when signed in, of this login session (32 hex digits)."""
    key: bytes = connection.app.state.settings.cookie_key
    visit: bytes = connection.state.visit
    session: bytes = connection.state.person.session if connection.state.person else b""
    return hmac.new(key, b"csrf\x00" + visit + session, "sha256").hexdigest()[:32]


def check(connection: HTTPConnection, token: str) -> None:
    """Refuse a request that changes something unless it comes from one of our own pages."""
    check_origin(connection)
    if not hmac.compare_digest(token.encode(), token_of(connection).encode()):
        raise Forbidden("csrf_token", TOO_OLD)


def check_origin(connection: HTTPConnection) -> None:
    """Sec-Fetch-Site and Origin, where the browser sends them, must say that it was us."""
    if is_from_elsewhere(connection):
        raise Forbidden("csrf_origin", FROM_ELSEWHERE)


def is_from_elsewhere(connection: HTTPConnection) -> bool:
    """Whether the browser says that another site's page sent this."""
    site = connection.headers.get("sec-fetch-site", "same-origin")
    origin = connection.headers.get("origin")
    return site not in ("same-origin", "none") or (
        origin is not None and origin != connection.app.state.settings.origin
    )
