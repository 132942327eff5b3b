"""The page where somebody who was invited to the staff enters their code; after signing in the account is theirs."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.errors import Unavailable
from telehealth.people import codes, inviting
from telehealth.people.signing_in import not_taken
from telehealth.web.forms import form_of
from telehealth.web.templating import page

LONGEST = 64


async def invitation(request: Request) -> Response:
    """GET /auth/invitation, and GET /auth/invitation/{code} from the link, where the code is in its field already."""
    code = request.path_params.get("code", "")[:LONGEST]
    return _asked(request, codes.code_from(code) if code else "", {})


async def accept(request: Request) -> Response:
    """POST /auth/invitation: on to the provider, where the code is good; what was typed stays where it is not."""
    form = await form_of(request)
    await request.app.state.limits.sign_in.take(request)
    providers, typed = request.app.state.providers, form.get("code", "")
    code_hash = inviting.hash_of_code(typed)
    if not await inviting.is_open(request.app.state.office, code_hash):
        return _asked(request, typed[:LONGEST], {"code": inviting.OVER}, 422)
    register = form.get("register", "")  # which of the buttons it was: each names a provider
    provider = providers.named(register or form.get("provider", ""))
    try:
        url = await providers.start(
            request, provider, return_to="/", register=bool(register), invitation=code_hash
        )
    except Unavailable as refusal:
        return not_taken(request, refusal)
    return RedirectResponse(url, 303)


def _asked(request: Request, code: str, errors: dict[str, str], status: int = 200) -> Response:
    context = {
        "code": code,
        "errors": errors,
        "providers": list(request.app.state.providers.all.values()),
    }
    return page(request, "people/invitation.html", context, status)
