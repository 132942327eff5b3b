"""A person recognises their own device, and nothing that a stranger writes reaches a page."""

import pytest

from telehealth.people.devices import LONGEST, words_for

REAL = {
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "Firefox on Android",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on Linux",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1": "Safari on iPhone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "CriOS/138.0.0.0 Mobile/15E148 Safari/604.1": "Chrome on iPhone",
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/16.6 Mobile/15E148 Safari/604.1": "Safari on iPad",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Safari/605.1.15": "Safari on a Mac",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36": "Chrome on Windows",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0": "Edge on Windows",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36 OPR/120.0.0.0": "Opera on Windows",
    "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36": "Chrome on ChromeOS",
}


@pytest.mark.parametrize(("user_agent", "words"), REAL.items())
def test_a_browser_is_named_as_its_owner_would_name_it(user_agent: str, words: str) -> None:
    assert words_for(user_agent) == words


@pytest.mark.parametrize("user_agent", [None, "", "curl/8.0", "<script>alert(1)</script>", "é" * 50])
def test_what_is_not_known_is_a_browser(user_agent: str | None) -> None:
    assert words_for(user_agent) == "A browser"


def test_nothing_a_stranger_writes_reaches_a_page() -> None:
    assert words_for("Linux; call us at once under 0800 Firefox/1 <b>") == "Firefox on Linux"


def test_an_endless_header_is_not_read() -> None:
    assert words_for("Firefox/1 Linux".ljust(LONGEST)) == "Firefox on Linux"
    assert words_for("Firefox/1 Linux".ljust(LONGEST + 1)) == "A browser"
