"""One address: other names of this computer lead to it, and nothing loops."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from telehealth.web.address import OneAddress, is_ours

OURS = "http://localhost:8000"


async def answered(request: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


def client() -> httpx2.AsyncClient:
    methods = ["GET", "POST"]
    app = Starlette(
        routes=[Route("/{path:path}", answered, methods=methods)],
        middleware=[Middleware(OneAddress, public_url=OURS)],
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=OURS, trust_env=False)


@pytest.mark.parametrize(
    ("host", "public_url", "ours"),
    [
        ("localhost:8000", OURS, True),
        ("LOCALHOST:8000", OURS, True),
        ("127.0.0.1:8000", OURS, False),
        ("localhost:8001", OURS, False),
        ("localhost", OURS, False),
        ("clinic.example", "https://clinic.example", True),
        ("clinic.example:443", "https://clinic.example", True),
        ("clinic.example", "https://clinic.example:443", True),
        ("clinic.example:80", "https://clinic.example", False),
        ("clinic.example.evil.example", "https://clinic.example", False),
        ("user@clinic.example:x", "https://clinic.example", False),
        ("[::1", "https://clinic.example", False),
    ],
)
def test_a_host_is_ours_whatever_its_case_and_with_or_without_the_default_port(
    host: str, public_url: str, ours: bool
) -> None:
    assert is_ours(host, public_url) is ours


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "elsewhere.example", "[::1"])
async def test_another_name_leads_to_the_same_page_of_the_one_address(host: str) -> None:
    async with client() as browser:
        answer = await browser.get("/times?service=a%20b&x=1", headers={"Host": host})
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{OURS}/times?service=a%20b&x=1"


async def test_our_own_name_is_answered_here() -> None:
    async with client() as browser:
        assert (await browser.get("/times")).text == "here"
        renamed = {"Host": "127.0.0.1:8000", "X-Forwarded-Host": "localhost:8000"}
        assert (await browser.get("/times", headers=renamed)).text == "here"


async def test_a_path_can_never_become_another_host() -> None:
    async with client() as browser:
        answer = await browser.get(f"{OURS}//elsewhere.example/x", headers={"Host": "127.0.0.1:8000"})
    assert answer.headers["location"] == f"{OURS}/elsewhere.example/x"


async def test_the_health_check_and_forms_are_left_where_they_are() -> None:
    async with client() as browser:
        assert (await browser.get("/healthz", headers={"Host": "10.0.0.7:8000"})).text == "here"
        assert (await browser.post("/zone", headers={"Host": "10.0.0.7:8000"})).text == "here"
