"""What wraps every request: its id, who is asking, the visit cookie, and the headers of the answer."""

import secrets
from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from telehealth.errors import Refusal
from telehealth.person import Person
from telehealth.web import cookies, csp, csrf, errors
from telehealth.web.templating import page


class Session(Protocol):
    """What a login session tells the pages."""

    @property
    def person(self) -> Person: ...
    @property
    def name(self) -> str | None: ...
    @property
    def pending(self) -> bool: ...
    @property
    def idle_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


class LookUp(Protocol):
    """Finds the session of a cookie's hash; `counts`: whether this request is activity in it."""

    def __call__(self, session_hash: bytes, *, counts: bool) -> Awaitable[Session | None]: ...


NO_ACTIVITY = ("/session", "/today/waiting")  # a page asks by itself, which must not make the session longer
OPEN_WHEN_AWAY = ("/static/", "/return", "/leave", "/healthz", "/readyz", "/auth/")
CACHED_FOR_EVER = "public, max-age=31536000, immutable"


class Visitor:
    """Finds out who is asking, before any page runs."""

    def __init__(self, app: ASGIApp, look_up: LookUp) -> None:
        self.app = app
        self.look_up = look_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        state = request.state
        visit = cookies.read_secret(request, cookies.VISIT)
        state.visit = visit or cookies.new_secret()
        session = cookies.read_secret(request, cookies.SESSION)
        if session is not None:
            counts = scope["path"] not in NO_ACTIVITY
            found = await self.look_up(cookies.hash_of(session, "session"), counts=counts)
            state.session = found
            if found is not None and not found.pending:  # one step in is not signed in
                state.person, state.name = found.person, found.name
        sending = send if visit or _is_planted(request) else _with_visit(request, send)
        await self.app(scope, receive, sending)


def _is_planted(request: Request) -> bool:
    """A form of another site's page: it comes without our cookies, and an answer to it must not replace them."""
    return request.method not in ("GET", "HEAD") and csrf.is_from_elsewhere(request)


def _with_visit(request: Request, send: Send) -> Send:
    """The first answer to a browser gives it the cookie that its forms and its held time hang on."""
    jar = Response()
    cookies.write(
        jar,
        cookies.VISIT,
        cookies.text_of(request.state.visit),
        secure=request.app.state.settings.secure,
        max_age=cookies.VISIT_SECONDS,
    )
    header = jar.headers["set-cookie"]
    name = header.split("=", 1)[0] + "="

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if not any(value.startswith(name) for value in headers.getlist("set-cookie")):
                headers.append("set-cookie", header)
        await send(message)

    return sending


class Shelter:
    """Whatever is not answered further in becomes a page here, so that its answer carries the headers too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        if scope["type"] == "http":
            state = Request(scope).state
            state.request_id = secrets.token_hex(6)
            bind_contextvars(request_id=state.request_id)  # in every line that is logged on the way
            state.session, state.person, state.name, state.visit = None, None, None, b""
        try:
            await self.app(scope, receive, sending)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            request = Request(scope, receive)
            on_error = errors.on_refusal if isinstance(error, Refusal) else errors.on_crash
            response = await on_error(request, error)
            await response(scope, receive, send)


class Away:
    """After "Leave quickly", Back shows an empty page until the person chooses to continue."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shown = scope["type"] == "http" and not scope["path"].startswith(OPEN_WHEN_AWAY)
        if shown and scope["method"] in ("GET", "HEAD"):
            request = Request(scope, receive)
            if cookies.read(request, cookies.AWAY) is not None:
                await page(request, "web/away.html")(scope, receive, send)
                return
        await self.app(scope, receive, send)


class Headers:
    """Security headers on every answer; pages of people are kept by no cache."""

    def __init__(self, app: ASGIApp, *, public_url: str, form_targets: tuple[str, ...]) -> None:
        self.app = app
        self._of_page = _headers(public_url, form_targets, room=False)
        self._of_room = _headers(public_url, form_targets, room=True)
        policy = csp.permissions_policy(room=False, passkeys=True)
        self._of_passkeys = {**self._of_page, "Permissions-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        static = scope["path"].startswith("/static/")
        chosen = self._of_room if scope["path"].endswith(csp.ROOMS) else self._of_page
        if scope["path"] in csp.PASSKEY_PAGES:
            chosen = self._of_passkeys

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in chosen.items():
                    headers.setdefault(name, value)
                good = message["status"] in (200, 304)
                headers["Cache-Control"] = CACHED_FOR_EVER if static and good else "no-store"
            await send(message)

        await self.app(scope, receive, sending)


def _headers(public_url: str, form_targets: tuple[str, ...], *, room: bool) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": csp.content_security_policy(
            public_url=public_url, form_targets=form_targets, room=room
        ),
        "Permissions-Policy": csp.permissions_policy(room=room),
        "Referrer-Policy": "same-origin",  # with no-referrer Chromium posts forms with Origin: null
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    if public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers
