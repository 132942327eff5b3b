"""Promise 1, as far as the source can show it: the server has no code that could listen to a session."""

import ast
import re

from tests.rules.tree import ROOT, named, tracked

MEDIA = {"aiortc", "av", "pylibsrtp", "aioice", "cv2", "numpy"}
PROBE = "signaling/probe.py"  # a program of its own, run by hand or by who watches the deployment
RELAYS = "signaling/relays.py"  # the same: what a relay does, tried by two ends of its own
ECHO = "signaling/echo.py"  # answers people who try their line, and hears nothing of a session
# Who may use cryptography directly: pure formats, signed checkpoints, and libraries' own protocols elsewhere.
CRYPTOGRAPHY = {
    "telehealth/audit/checkpoint.py",
    "telehealth/crypto/aead.py",
    "telehealth/crypto/index.py",
    "telehealth/crypto/note.py",
}
# What listens to server-sent events: it sends nothing but the address it asks at, which stands in the page.
LISTENS = "frontend/static/js/elements/door-news.js"
HEARS = {  # what is made of it
    "frontend/static/js/elements/who-waits.js": "who-waits",
    "frontend/static/js/elements/next-door.js": "next-door",
}
IN_ROOM = {"next-door"}
LISTENING = re.compile(r"EventSource\((.*?)\);")
# The veil draws a canvas of its own into a call: what it captures is softer than the camera, and is kept nowhere.
CAPTURES = "frontend/static/js/room/veil.js"
RELAYED = ("offer", "answer", "candidates")


def imported_by(source: str) -> set[str]:
    """The top-level modules a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


def test_no_server_module_imports_what_could_decode_media_but_the_echo_of_a_check() -> None:
    listening = {
        named(file): imported_by(file.read_text()) & MEDIA
        for file in tracked(".py")
        if named(file).startswith(("signaling/", "telehealth/"))
    }
    assert len(listening) > 50
    assert {name: found for name, found in listening.items() if found} == {
        ECHO: {"aiortc"},
        PROBE: {"aiortc"},
        RELAYS: {"aiortc", "aioice"},
    }


def test_the_echo_knows_no_room_and_is_reached_by_a_check_alone() -> None:
    text = (ROOT / ECHO).read_text()
    ours = set(re.findall(r"^from (signaling\.\w+|telehealth\S*)", text, re.MULTILINE))
    assert ours == {"signaling.protocol", "signaling.greeting", "signaling.parting"}  # of the greeting a type
    texts = {named(file): file.read_text() for file in tracked(".py") if not named(file).startswith("tests/")}
    assert [name for name, text in texts.items() if "signaling.echo" in text] == ["telehealth/app.py"]
    assert [name for name, text in texts.items() if "signaling.probe" in text] == ["telehealth/cli/probe.py"]
    assert [name for name, text in texts.items() if 'import_module("signaling.relays")' in text] == [
        "telehealth/cli/doctor.py"
    ]


def test_the_imports_of_a_file_are_really_found() -> None:
    assert imported_by("def f():\n    from av.video import frame\nimport aiortc.mediastreams as m") == {
        "av",
        "aiortc",
    }


def test_media_cannot_reach_the_server_by_the_pages_either() -> None:
    """No page script records or uploads: nothing but the ticket request and the socket leaves the room's page."""
    for file in tracked(".js"):
        name = named(file)
        if not name.startswith("frontend/static/js/"):
            continue
        text = file.read_text()
        for way in ("MediaRecorder", "XMLHttpRequest", "captureStream", "EventSource", "WebTransport"):
            allowed = (way == "EventSource" and name == LISTENS) or (
                way == "captureStream" and name == CAPTURES
            )
            assert way not in text or allowed, f"{name}: {way}"
        assert set(LISTENING.findall(text)) <= {"this.getAttribute('src') ?? ''"}, name
    made = {named(file) for file in tracked(".js") if "door-news.js" in file.read_text()}
    assert {name for name in made if not name.startswith("tests/")} == set(HEARS)
    rooms = [file.read_text() for file in tracked(".html") if "/templates/rooms/" in named(file)]
    assert rooms
    elsewhere = set(HEARS.values()) - IN_ROOM
    assert not any(f"<{element}" in text for element in elsewhere for text in rooms)


def test_what_is_relayed_is_written_down() -> None:
    protocol = (ROOT / "signaling" / "PROTOCOL.md").read_text()
    assert all(f"`{message}" in protocol or f'"{message}"' in protocol for message in RELAYED)


def test_ciphers_and_signatures_stand_in_a_few_known_files() -> None:
    users = {
        named(file)
        for file in tracked(".py")
        if named(file).startswith(("signaling/", "telehealth/"))
        and "cryptography" in imported_by(file.read_text())
    }
    assert users == CRYPTOGRAPHY
