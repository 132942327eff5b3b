"""Cookies: bound to this very host over TLS, out of reach of scripts, and named like nobody else's."""

import pytest
from starlette.responses import Response

from telehealth.web import cookies

OURS = (cookies.SESSION, cookies.VISIT, cookies.AWAY, cookies.LEAVING, cookies.ZONE)


@pytest.mark.parametrize("cookie", OURS)
def test_over_tls_a_cookie_is_bound_to_this_host(cookie: str) -> None:
    for response in (written(cookie, secure=True), cleared(cookie, secure=True)):
        header = response.headers["set-cookie"]
        assert header.startswith(f"__Host-{cookie}=")
        parts = {part.strip().lower() for part in header.split(";")[1:]}
        assert {"httponly", "secure", "path=/", "samesite=lax"} <= parts
        assert not any(part.startswith("domain") for part in parts)


@pytest.mark.parametrize("cookie", OURS)
def test_on_loopback_it_has_a_plain_name_and_no_more_reach(cookie: str) -> None:
    header = written(cookie, secure=False).headers["set-cookie"]
    assert header.startswith(f"{cookie}=")
    assert "httponly" in header.lower()
    assert "secure" not in header.lower()


def test_no_name_is_shared_with_the_provider_beside_us() -> None:
    """Cookies ignore ports; the demo's provider keeps its sign-in in "session"."""
    names = {cookies.name_of(cookie, secure=False) for cookie in OURS}
    assert len(names) == len(OURS)
    assert not names & {"session", "remember_token", "csrf_token"}


def test_what_is_kept_of_a_secret_is_a_hash_of_its_own_for_each_purpose() -> None:
    secret = cookies.new_secret()
    assert len(secret) == 32
    assert cookies.new_secret() != secret
    assert cookies.hash_of(secret, "session") != cookies.hash_of(secret, "visit")
    assert secret not in cookies.hash_of(secret, "session")


def written(cookie: str, *, secure: bool) -> Response:
    response = Response()
    cookies.write(response, cookie, "value", secure=secure)
    return response


def cleared(cookie: str, *, secure: bool) -> Response:
    response = Response()
    cookies.clear(response, cookie, secure=secure)
    return response
