"""How sound and picture were: two clicks after a session, or none."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.appointments.views import appointment_view
from telehealth.people.pages import signed_in
from telehealth.rooms import impressions, rules
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of


async def impression(request: Request) -> Response:
    """GET /appointments/{id}/impression: the question; `answer` is the first click's, whose second is asked for now."""
    person, office = signed_in(request), request.app.state.office
    asked = await impressions.asked(office, person, id_of(request.path_params["id"]))
    answer = request.query_params.get("answer", "")
    context = {
        "appointment": appointment_view(asked.appointment, zone_of(request)),
        "may_say": asked.may_say,
        "has_said": asked.has_said,
        "answer": answer if answer in rules.ANSWERS else "",
        "is_host": person.role == "therapist",
    }
    return page(request, "rooms/impression.html", context)


async def say(request: Request) -> Response:
    """POST /appointments/{id}/impression: one click; 204 for a script, which shows the next question itself."""
    form, person = await form_of(request), signed_in(request)
    await request.app.state.limits.tickets.take(request)
    said = rules.impression_from(form.get("answer", ""), form.get("part", ""))
    appointment_id = id_of(request.path_params["id"])
    await impressions.say(request.app.state.office, person, appointment_id, said)
    if "application/json" in request.headers.get("accept", ""):
        return Response(status_code=204)
    again = "" if said.part or said.answer == "good" else f"?answer={said.answer}"
    return RedirectResponse(f"/appointments/{appointment_id.hex()}/impression{again}", 303)
