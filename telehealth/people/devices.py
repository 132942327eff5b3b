"""What a browser says of itself, in words a person recognises their own device by. Pure.

Nothing of the User-Agent header (RFC 9110, section 10.1.5) is kept: its words are chosen from the lists below, so that
what a stranger writes there never stands on anybody's page.
"""

LONGEST = 1024  # a longer header is nobody's browser
SOMETHING = "A browser"

# Looked for in this order: most browsers also name those whose pages they want to be shown.
BROWSERS = (
    (("Edg/", "EdgA/", "EdgiOS/"), "Edge"),
    (("OPR/", "OPT/", "OPX/"), "Opera"),
    (("SamsungBrowser/",), "Samsung Internet"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("Chrome/", "CriOS/", "Chromium/"), "Chrome"),
    (("Version/",), "Safari"),
)
SYSTEMS = (
    (("iPhone",), "iPhone"),
    (("iPad",), "iPad"),
    (("Android",), "Android"),
    (("CrOS",), "ChromeOS"),
    (("Windows",), "Windows"),
    (("Macintosh", "Mac OS X"), "a Mac"),
    (("Linux", "X11"), "Linux"),
)


def words_for(user_agent: str | None) -> str:
    """Such as "Firefox on Android", "Safari on iPhone", "A browser on Linux" or, when nothing is known, "A browser"."""
    said = user_agent or ""
    if len(said) > LONGEST:
        return SOMETHING
    browser, system = _first(BROWSERS, said) or SOMETHING, _first(SYSTEMS, said)
    return browser if system is None else f"{browser} on {system}"


def _first(known: tuple[tuple[tuple[str, ...], str], ...], said: str) -> str | None:
    return next((words for signs, words in known if any(sign in said for sign in signs)), None)
