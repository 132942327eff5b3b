"""Pages of one's own data: what is kept, a copy of it, and its end."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from telehealth.audit.office import Office
from telehealth.errors import Invalid
from telehealth.people.ending import hang_up
from telehealth.people.pages import signed_in
from telehealth.people.session_pages import step_up_first
from telehealth.people.stepping_up import fresh
from telehealth.person import Person
from telehealth.privacy import acts, rules
from telehealth.privacy.archive import archive_of, name_of
from telehealth.privacy.certificate import in_words
from telehealth.privacy.exporting import export
from telehealth.privacy.prospects import prospect
from telehealth.settings import Settings
from telehealth.web import cookies
from telehealth.web.forms import form_of
from telehealth.web.templating import page, zone_of

HERE = "/privacy"
ERASURE = "/privacy/erasure"


async def overview(request: Request) -> Response:
    """GET /privacy: what is kept and how long, and the ways to a copy and to the end of it."""
    person = signed_in(request)
    days: Mapping[str, int] = request.app.state.retention_days
    kept = [(rules.CLASS_WORDS[each.cls], each, days[each.cls]) for each in rules.RETENTIONS]
    return page(request, "privacy/overview.html", {"kept": kept, "is_client": person.role == "client"})


async def copy(request: Request) -> Response:
    """POST /privacy/export: everything about who asks, as one archive."""
    person = signed_in(request)
    await form_of(request)
    if (step := step_up_first(request, HERE)) is not None:
        return step
    office: Office = request.app.state.office
    practice, zone = request.app.state.settings.clinic_name, zone_of(request)
    collected = await export(office, person, person.id, practice=practice, zone=zone)
    now = office.clock()
    templates, frontend = request.app.state.templates, request.app.state.frontend
    data = await asyncio.to_thread(
        archive_of, collected, templates=templates, frontend=frontend, zone=zone, now=now
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{name_of(now)}"',
        "Cache-Control": "no-store",
    }
    return Response(data, media_type="application/zip", headers=headers)


async def erasure(request: Request) -> Response:
    """GET /privacy/erasure: what would go, what would stay and why, and the form that asks for it."""
    return await _erasure(request, fresh(request), {})


async def erase(request: Request) -> Response:
    """POST /privacy/erasure: erase who asks; from then on nobody is signed in here."""
    person = signed_in(request)
    form = await form_of(request)
    if (step := step_up_first(request, ERASURE)) is not None:
        return step
    try:
        rules.check_word(form.get("word", ""))
    except Invalid as refusal:
        return await _erasure(request, person, refusal.fields)
    done = await acts.erase_own(request.app.state.registry, person)
    hang_up(request, done.sessions)
    return _gone(request, done)


async def _erasure(request: Request, person: Person, errors: Mapping[str, str]) -> Response:
    settings: Settings = request.app.state.settings
    context: dict[str, Any] = {
        "is_client": person.role == "client",
        "prospect": await prospect(request.app.state.office, person),
        "backup_days": settings.key_backup_days,
        "word": rules.WORD,
        "errors": errors,
    }
    return page(request, "privacy/erasure.html", context, 422 if errors else 200)


def _gone(request: Request, done: acts.Erased) -> Response:
    """A quiet page with the certificate, which nobody can show a second time; every cookie of theirs goes."""
    request.state.person, request.state.name, request.state.session = None, "", None
    context = {"words": in_words(done.certificate), "note": done.note.strip(), "kept": done.certificate.kept}
    response = page(request, "privacy/erased.html", context)
    for cookie in (cookies.SESSION, cookies.VISIT):
        cookies.clear(response, cookie, secure=request.app.state.settings.secure)
    return response
