"""What somebody wrote is theirs: a refusal shows it again, since a browser need not keep it."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request

from telehealth.errors import Refusal
from telehealth.web.forms import fields_of

SECONDS = 2.0  # for a form that nobody has read yet
# The fields of our forms that hold sentences.
SENTENCES = frozenset(
    {"reason", "message", "words", "summary", "about", "specialties", "languages", "cancellation"}
)


async def written_in(request: Request) -> list[str]:
    """The sentences in a form that is being refused; none where the browser does not say that one of our own pages sent
    it, so that nobody else's words stand on ours."""
    if request.method != "POST" or request.headers.get("sec-fetch-site") != "same-origin":
        return []
    if not hasattr(request.state, "posted"):  # it was refused before anybody had read it
        try:
            async with asyncio.timeout(SECONDS):
                await fields_of(request)
        except (Refusal, HTTPException, RuntimeError, TimeoutError):  # the last two: somebody read it half
            return []
    posted: dict[str, str] = request.state.posted
    return [value for name, value in posted.items() if name in SENTENCES and value]
