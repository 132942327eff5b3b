"""Composition root: builds the service from Settings; the only file that knows all others."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request

from signaling.admission import Entry
from signaling.checks import Peer
from signaling.endpoint import Signaling
from signaling.ice import ice_servers
from telehealth import jobs
from telehealth.appointments import acts as appointments
from telehealth.appointments import holds
from telehealth.appointments.ahead import ahead_of
from telehealth.audit import chain, standing
from telehealth.audit.office import Office
from telehealth.availability.store import with_hours
from telehealth.clinic.elsewhere import Elsewhere
from telehealth.emergency import acts as emergency
from telehealth.errors import Conflict, NotFound, Refusal
from telehealth.keys import indexes
from telehealth.keys import standing as key_standing
from telehealth.notices import acts as notices
from telehealth.office import FRONTEND, build_office, build_registry, retention_days
from telehealth.people import sessions
from telehealth.people.oidc import Providers
from telehealth.people.store import LoginSession
from telehealth.person import Person
from telehealth.privacy import nightly, replaying
from telehealth.privacy.nightly import Nightly
from telehealth.privacy.tombstones import BadTombstones
from telehealth.rooms.admission import RoomAdmission
from telehealth.rooms.envelopes import bus_between
from telehealth.rooms.trying import TryingAdmission
from telehealth.routes import routes
from telehealth.settings import BadSetting, Settings
from telehealth.turns import build_jobs
from telehealth.watching.figures import Standing
from telehealth.watching.meters import Meters, Rooms
from telehealth.watching.port import port
from telehealth.watching.readiness import Readiness
from telehealth.watching.requests import Counted
from telehealth.web import errors
from telehealth.web.address import OneAddress
from telehealth.web.announcements import Announcement, Announcements
from telehealth.web.csp import origin_of
from telehealth.web.events import Streams
from telehealth.web.forms import MAX_BODY
from telehealth.web.limits import Limits
from telehealth.web.middleware import Away, Headers, Shelter, Visitor
from telehealth.web.templating import templates_of

LOGIN_SECONDS = 600
END_SECONDS = 10.0  # with the goodbye to those connected, less than a container has
HELD_PATH = re.compile(r"^/holds/([0-9a-f]{32})$")


def create_app(settings: Settings, *, office: Office | None = None, backups: Path | None = None) -> Starlette:
    """The whole service as one ASGI application; tests hand in an office with a clock of their own. The age of the
    newest backup in the folder `backups` is told among the figures."""
    office = office or build_office(settings)
    admission = RoomAdmission(office, ice_policy=settings.ice_policy, has_relay=bool(settings.turn_urls))
    signaling = Signaling(
        TryingAdmission(admission),
        origins=frozenset({settings.origin}),
        ice=_ice(settings, office.clock),
        clock=office.clock,
        bus=bus_between(settings.valkey_url, settings.clinic_id, settings.cookie_key),
        new_peer=partial(_new_echo, may_reach_all=settings.demo),
    )
    signaling.on_asked(lambda session_ids: signaling.ask_again(admission.seats_of(session_ids)))
    templates, meters = templates_of(FRONTEND), Meters()
    app = Starlette(
        routes=routes(FRONTEND / "static", templates.build, signaling),
        middleware=[Middleware(Counted, meters=meters), *_middleware(settings, office)],
        exception_handlers={
            Refusal: errors.on_refusal,
            HTTPException: errors.on_http_exception,
        },
        lifespan=_lifespan(settings, office, signaling),
    )
    app.state.settings = settings
    app.state.office = office
    app.state.registry = build_registry(settings, office)
    app.state.retention_days = retention_days(settings)
    app.state.frontend = FRONTEND
    app.state.templates = templates
    app.state.providers = Providers(
        settings.providers, settings.staff, settings.first_administrator, settings.provider_ca_file
    )
    app.state.limits = Limits(settings.valkey_url)
    app.state.keep_hold = _keep_hold
    app.state.elsewhere = Elsewhere(ahead=ahead_of, with_hours=with_hours)
    app.state.waiting_in = signaling.hub.waiting_in
    app.state.streams = Streams()
    app.state.hang_up = signaling.ask_about
    app.state.readiness = Readiness(office, time.monotonic)
    app.state.meters = meters
    app.state.figures = _figures(office, signaling, meters, backups)
    return app


def _figures(office: Office, signaling: Signaling, meters: Meters, backups: Path | None) -> Starlette:
    """What Prometheus reads, on a port of its own."""
    standing_now = Standing(office, time.monotonic, backups)
    office.told = meters.acted
    meters.registry.register(standing_now)
    meters.watch_rooms(lambda: Rooms(*signaling.hub.counts()))
    return port(meters, standing_now.refresh)


def _new_echo(ice: dict[str, Any], *, may_reach_all: bool) -> Peer:
    """The other end of a device check. aiortc takes a third of a second and much memory: the first check loads it."""
    echo = import_module("signaling.echo")
    made: Peer = echo.Echo(ice, (lambda _: True) if may_reach_all else echo.is_reachable)
    return made


def _ice(settings: Settings, clock: Callable[[], datetime]) -> Callable[[Entry], dict[str, Any]]:
    def servers_for(entry: Entry) -> dict[str, Any]:
        servers = ice_servers(
            entry,
            stun_urls=settings.stun_urls,
            turn_urls=settings.turn_urls,
            turn_secret=settings.turn_secret,
            now=clock(),
        )
        return {"servers": servers, "policy": entry.ice_policy}

    return servers_for


def _middleware(settings: Settings, office: Office) -> list[Middleware]:
    targets = {origin_of(provider.issuer) for provider in settings.providers}
    targets.update(origin for provider in settings.providers for origin in provider.origins)
    targets.add(origin_of(settings.leave_url))

    def look_up(session_hash: bytes, *, counts: bool) -> Awaitable[LoginSession | None]:
        return sessions.come_back(office, session_hash, counts=counts)

    async def waiting(person: Person) -> list[Announcement]:
        return [*await notices.announcements(office, person), *await emergency.announcements(office, person)]

    return [
        Middleware(Headers, public_url=settings.public_url, form_targets=tuple(sorted(targets))),
        Middleware(Shelter),
        Middleware(OneAddress, public_url=settings.public_url),
        Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY),
        Middleware(
            SessionMiddleware,
            secret_key=settings.cookie_key.hex(),
            session_cookie="__Secure-login" if settings.secure else "login",
            max_age=LOGIN_SECONDS,
            path="/auth",
            same_site="lax",
            https_only=settings.secure,
        ),
        Middleware(Visitor, look_up=look_up),
        Middleware(Announcements, look_up=waiting),
        Middleware(Away),
    ]


def _lifespan(settings: Settings, office: Office, signaling: Signaling) -> Any:
    @asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        async with office.database.reading() as connection:
            wrong = await office.ring.complaints(connection, office.clock())
            wrong += await indexes.complaints(connection, office.ring, indexes.INDEXES)
        if wrong:
            await office.database.close()
            raise BadSetting(" ".join(wrong))
        async with office.database.transaction() as connection:
            await indexes.ensure(connection, office.ring, indexes.INDEXES)
        try:
            await replaying.replay(app.state.registry)
        except BadTombstones as error:
            await office.database.close()
            raise BadSetting(str(error)) from error
        if not settings.demo:
            await standing.warn(office.database, settings.checkpoint_file)
            key_standing.warn(settings.kek_dir)
        stop = asyncio.Event()
        chainer = asyncio.create_task(chain.run(office, settings.checkpoint_file, settings.audit_key, stop))
        night = Nightly(app.state.registry, app.state.retention_days, settings.clinic_zone)
        nights = asyncio.create_task(nightly.run(night, stop))
        own_jobs = build_jobs(settings, office) if settings.demo else ()  # elsewhere: `telehealth worker`
        working = asyncio.create_task(jobs.run(own_jobs, stop, app.state.meters.turned))
        signaling.open()

        async def end(app: Starlette) -> None:
            await signaling.close()
            await asyncio.gather(nights, working, chainer)
            await app.state.limits.close()
            await office.database.close()

        try:
            yield
        finally:
            stop.set()
            await jobs.ended(end(app), END_SECONDS)

    return running


async def _keep_hold(request: Request, return_to: str) -> None:
    """Somebody on the way to the provider gets the longer hold, once (design.md, section 6)."""
    path = HELD_PATH.match(return_to)
    if path is None:
        return
    try:
        await appointments.extend(request.app.state.office, bytes.fromhex(path[1]), holds.holder_of(request))
    except (Conflict, NotFound):
        return  # it has expired meanwhile: the page after sign-in says so
