"""The headers of every kind of answer, word for word as the house has them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx2
import pytest

from tests.people import ROSA
from tests.web.booking import booked
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site, settings_for

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'none'; "
    "manifest-src 'self'; worker-src 'none'; font-src 'none'; connect-src 'self'; "
    "form-action 'self' http://127.0.0.1:9 https://weather.example; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types telehealth"
)
ALWAYS = {
    "content-security-policy": PAGE_POLICY,
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
Answer = Callable[[Site, Browser], Awaitable[httpx2.Response]]


async def a_page(site: Site, browser: Browser) -> httpx2.Response:
    return await browser.get("/")


async def a_redirect(site: Site, browser: Browser) -> httpx2.Response:
    return await browser.get("/appointments")


async def a_refusal(site: Site, browser: Browser) -> httpx2.Response:
    return await browser.post("/profile", {"name": "x"}, token="0" * 32)


async def an_unknown_address(site: Site, browser: Browser) -> httpx2.Response:
    return await browser.get("/nothing/here")


async def a_wrong_method(site: Site, browser: Browser) -> httpx2.Response:
    return await browser.client.delete("/times")


async def too_much(site: Site, browser: Browser) -> httpx2.Response:
    return await browser.post("/profile", {"name": "x" * 70_000})


async def a_crash(site: Site, browser: Browser) -> httpx2.Response:
    site.app.state.office = None
    answer = await browser.get("/", Accept="application/json")
    assert answer.status_code == 500
    return answer


async def json(site: Site, browser: Browser) -> httpx2.Response:
    return await browser.get("/appointments/none", Accept="application/json")


async def plain_text(site: Site, browser: Browser) -> httpx2.Response:
    return await browser.get("/healthz")


@pytest.mark.parametrize(
    "asked",
    [
        a_page,
        a_redirect,
        a_refusal,
        an_unknown_address,
        a_wrong_method,
        too_much,
        a_crash,
        json,
        plain_text,
    ],
)
async def test_every_answer_carries_them_and_no_cache_keeps_it(site: Site, asked: Answer) -> None:
    answer = await asked(site, await site.browser())
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value, name
    assert answer.headers["cache-control"] == "no-store"
    for feature in (
        "camera",
        "microphone",
        "display-capture",
        "picture-in-picture",
        "screen-wake-lock",
        "geolocation",
    ):
        assert f"{feature}=()" in answer.headers["permissions-policy"]
    assert "server" not in answer.headers


@pytest.mark.parametrize("page", ["/room", "/check"])
async def test_room_and_check_alone_may_use_devices_and_open_a_socket(site: Site, page: str) -> None:
    browser, path = await booked(site, ROSA)
    answer = await browser.get("/check" if page == "/check" else f"{path}{page}")
    policy = answer.headers["content-security-policy"]
    assert f"connect-src 'self' {ORIGIN.replace('http', 'ws')};" in policy
    assert "media-src 'self' blob:;" in policy
    assert "img-src 'self' blob:;" in policy
    assert "worker-src 'self';" in policy
    for feature in ("camera", "microphone", "display-capture", "picture-in-picture", "screen-wake-lock"):
        assert f"{feature}=(self)" in answer.headers["permissions-policy"]


async def test_assets_are_kept_for_ever_and_what_is_not_there_is_not(site: Site) -> None:
    browser = await site.browser()
    build = site.app.state.templates.build
    kept = await browser.get(f"/static/{build}/css/main.css")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.headers["x-content-type-options"] == "nosniff"
    missing = await browser.get(f"/static/{build}/css/none.css")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


async def test_over_tls_cookies_and_transport_are_strict(site: Site, tmp_path: Path) -> None:
    settings = replace(settings_for(tmp_path), public_url="https://clinic.example", demo=False)
    strict = Site(site.office, site.clock, settings)
    browser = await strict.browser()
    browser.client.base_url = httpx2.URL("https://clinic.example")
    answer = await browser.get("/")
    assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-visit=")
    for part in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
        assert part in cookie
    assert "Domain" not in cookie
    await browser.close()


async def test_where_to_report_a_weakness_is_written_down(site: Site, tmp_path: Path) -> None:
    browser = await site.browser()
    assert (await browser.get("/.well-known/security.txt")).status_code == 404
    told = replace(settings_for(tmp_path), security_contact="mailto:security@clinic.example")
    named = await Site(site.office, site.clock, told).browser()
    answer = await named.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:security@clinic.example"
    assert fields["Canonical"] == f"{ORIGIN}/.well-known/security.txt"
    ends = datetime.fromisoformat(fields["Expires"])
    assert 30 < (ends - site.clock()).days < 365
    await named.close()


async def test_no_answer_opens_itself_to_other_sites(site: Site) -> None:
    browser = await site.browser()
    for path in ("/", "/healthz", "/nothing", f"/static/{site.app.state.templates.build}/css/main.css"):
        answer = await browser.get(path, Origin="https://elsewhere.example")
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_every_body_says_what_it_is(site: Site) -> None:
    browser = await site.browser()
    build = site.app.state.templates.build
    kinds = {
        "/": "text/html; charset=utf-8",
        "/nothing": "text/html; charset=utf-8",
        "/healthz": "text/plain; charset=utf-8",
        f"/static/{build}/css/main.css": "text/css; charset=utf-8",
        f"/static/{build}/js/page.js": "text/javascript; charset=utf-8",
        f"/static/{build}/icons.svg": "image/svg+xml",
    }
    for path, kind in kinds.items():
        assert (await browser.get(path)).headers["content-type"] == kind, path
    refused = await browser.get("/appointments/none", Accept="application/json")
    assert refused.headers["content-type"] == "application/json"


async def test_a_fault_of_ours_tells_nothing_but_a_request_id(site: Site) -> None:
    answer = await a_crash(site, await site.browser())
    said = answer.json()["error"]
    assert said["code"] == "internal_error"
    assert len(said["request_id"]) == 12
    for inside in ("Traceback", "AttributeError", "NoneType", ".py"):
        assert inside not in answer.text
