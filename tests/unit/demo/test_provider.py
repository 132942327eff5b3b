"""The identity provider of the demo, in its own process, asked over HTTP as a browser would."""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from telehealth.demo import processes
from telehealth.demo.folder import Folder, open_folder

PUBLIC_URL = "http://localhost:8000"
NAMED = re.compile(r'<(?:input|button)[^>]*\bname="([^"]+)"')
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
UNASKED = ("given_name", "family_name", "formatted_name", "display_name", "phone_numbers", "photo")
QUESTION = {
    "response_type": "code",
    "client_id": "telehealth",
    "redirect_uri": f"{PUBLIC_URL}/auth/callback/practice",
    "scope": "openid email groups",
    "state": "state",
    "nonce": "nonce",
    "code_challenge": "x" * 43,
    "code_challenge_method": "S256",
}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return open_folder(tmp_path / "data")


@pytest.fixture
async def browser(folder: Folder) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with cookies, at the provider."""
    async with (
        processes.provider(folder, PUBLIC_URL) as provider,
        httpx2.AsyncClient(base_url=folder.issuer, trust_env=False) as client,
    ):
        await provider.ready()
        yield client


async def posted(browser: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    token = TOKEN.search((await browser.get(path)).text)
    assert token is not None
    return await browser.post(path, data={"csrf_token": token[1], **fields})


async def test_registration_asks_for_three_things_and_leads_back(
    browser: httpx2.AsyncClient, folder: Folder
) -> None:
    await browser.get("/oauth/authorize", params={**QUESTION, "prompt": "create"})
    asked = set(NAMED.findall((await browser.get("/register")).text)) - {
        "csrf_token",
        "action",
        "fieldlist_add",
    }
    assert asked == {"user_name", "emails-0", "password1", "password2"}
    password = "long enough for this"
    fields = {"user_name": "otter", "emails-0": "otter@mail.example", "action": "create-profile"}
    answer = await posted(browser, "/register", **fields, password1=password, password2=password)
    back = await browser.get(answer.headers["location"])
    assert back.headers["location"].startswith(f"{PUBLIC_URL}/auth/callback/practice?code=")
    with closing(sqlite3.connect(folder.provider_database)) as connection:
        columns = ", ".join(f"coalesce({name}, '')" for name in UNASKED)
        rows = connection.execute(f"SELECT {columns} FROM user").fetchall()
    assert len(rows) == len(folder.accounts) + 1
    assert {value for row in rows for value in row} <= {"", b"", "[]", "null"}


async def test_a_wrong_password_is_refused(browser: httpx2.AsyncClient) -> None:
    await browser.get("/oauth/authorize", params=QUESTION)
    await posted(browser, "/login", login="heron", answer="")
    answer = await posted(browser, "/auth/password", password="not the one")
    assert answer.status_code == 200
    assert "Login failed" in answer.text


async def test_who_signed_in_before_is_shown_to_nobody(browser: httpx2.AsyncClient, folder: Folder) -> None:
    await browser.get("/oauth/authorize", params=QUESTION)
    await posted(browser, "/login", login="heron", remember="y", answer="")
    signed_in = await posted(browser, "/auth/password", password=folder.account("first_client").password)
    assert signed_in.status_code == 302
    await browser.get("/logout", follow_redirects=True)
    assert "heron" not in (await browser.get("/login")).text
    assert "canaille_login_history" not in browser.cookies


async def test_another_address_to_come_back_to_is_refused(
    browser: httpx2.AsyncClient, folder: Folder
) -> None:
    await posted_sign_in(browser, folder)
    elsewhere = {**QUESTION, "redirect_uri": "http://127.0.0.1:6666/auth/callback/practice"}
    answer = await browser.get("/oauth/authorize", params=elsewhere)
    assert answer.status_code == 400


async def test_a_code_is_worth_nothing_without_the_verifier_behind_its_challenge(
    browser: httpx2.AsyncClient, folder: Folder
) -> None:
    await posted_sign_in(browser, folder)
    back = await browser.get("/oauth/authorize", params=QUESTION)
    code = httpx2.URL(back.headers["location"]).params["code"]
    question = {"grant_type": "authorization_code", "code": code, "redirect_uri": QUESTION["redirect_uri"]}
    answer = await browser.post(
        "/oauth/token",
        data={**question, "code_verifier": "y" * 43},
        auth=("telehealth", folder.client_secret),
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def posted_sign_in(browser: httpx2.AsyncClient, folder: Folder) -> None:
    await posted(browser, "/login", login="heron", answer="")
    await posted(browser, "/auth/password", password=folder.account("first_client").password)


async def test_its_pages_load_nothing_that_is_not_there_and_nothing_from_elsewhere(
    browser: httpx2.AsyncClient, folder: Folder
) -> None:
    page = (await browser.get("/login")).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    assert not [url for url in loaded if url.startswith(("http", "//")) and not url.startswith(folder.issuer)]
    for url in loaded:
        if url.endswith((".css", ".js")):
            first = await browser.get(url)
            assert first.status_code == 200
            again = await browser.get(url, headers={"If-None-Match": first.headers["etag"]})
            assert again.status_code == 304
