"""The page on which an administrator gives a colleague another role."""

from typing import cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.clinic import roles
from telehealth.clinic.fields import Fields
from telehealth.clinic.rules import STAFF
from telehealth.clinic.staff_pages import PEOPLE, asked_about
from telehealth.people.ending import hang_up
from telehealth.people.session_pages import step_up_about
from telehealth.person import Role
from telehealth.web.forms import form_of


async def change_role(request: Request) -> Response:
    """POST /clinic/people/{id}/role"""
    (person, person_id), form = await asked_about(request), await form_of(request)
    await request.app.state.limits.staff.take(request)
    here = f"{PEOPLE}/{person_id.hex()}"
    if (step := await step_up_about(request, here, person_id)) is not None:
        return step
    fields = Fields(form)
    role = cast(Role, fields.one_of("role", STAFF))
    fields.check()
    state = request.app.state
    ended = await roles.change_role(
        state.office, person, person_id, role, zone=state.settings.clinic_zone, key=form.get("key", "")
    )
    hang_up(request, ended)
    return RedirectResponse(f"{here}?done=role", 303)
