"""The end of sessions as pages bring it about: the row goes, and so do the sockets that hang on it."""

from collections.abc import Collection

from starlette.requests import Request

from telehealth.people import sessions
from telehealth.people.store import LoginSession


async def end_here(request: Request) -> tuple[str, str] | None:
    """End the session of this browser, one that is pending too; returns what `sessions.close` does."""
    session: LoginSession | None = request.state.session
    if session is None:
        return None
    hint = await sessions.close(request.app.state.office, session.person)
    hang_up(request, [session.id])
    return hint


def hang_up(request: Request, session_ids: Collection[bytes]) -> None:
    """Sockets of these sessions in this process are asked at once whether they may stay; others within the minute."""
    request.app.state.hang_up(session_ids)
