"""The house rules that a machine can hold: size of files, names, what may touch the page."""

import re

from tests.rules.tree import named, tracked

LONGEST_FILE = 300
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
MARKUP = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b")
STORAGE = re.compile(r"\b(localStorage|sessionStorage|indexedDB|caches)\b")
SERVED = {".css", ".js", ".svg"}
# A canvas or a video that is put into no page.
DETACHED = re.compile(r'document\.createElement\("(canvas|video)"\)')
PAGE = re.compile(r"\bdocument\.(querySelector|getElementById|body|createElement)")


def test_no_file_is_past_300_lines() -> None:
    lines = {
        named(file): file.read_text().count("\n")
        for file in tracked(".py", ".js", ".css", ".html")
        if "migrations/versions/" not in named(file)  # frozen when written, read by nobody but Alembic
    }
    assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}


def test_no_file_or_folder_has_a_name_without_a_noun() -> None:
    for file in tracked(".py", ".js", ".css"):
        words = set(re.split(r"[/._-]", named(file)))
        assert not words & FORBIDDEN_NAMES, named(file)


def test_scripts_build_no_markup_from_text() -> None:
    for file in tracked(".js"):
        if named(file).startswith("frontend/"):
            assert not MARKUP.search(file.read_text()), named(file)


def test_only_the_view_and_the_elements_touch_the_page() -> None:
    for file in tracked(".js"):
        name = named(file)
        if name.startswith("frontend/static/js/room/") and not name.endswith(("view.js", "main.js")):
            assert not PAGE.search(DETACHED.sub("", file.read_text())), name


def test_templates_have_no_inline_script_and_no_inline_style() -> None:
    for file in tracked(".html"):
        text = file.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), named(file)
        assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", text), named(file)


def test_nothing_a_browser_loads_comes_from_elsewhere() -> None:
    for file in tracked(".html", ".css", ".js"):
        if named(file).startswith(("frontend/", "telehealth/")):
            loads = re.findall(r"(?:src|href|url\(|import)\s*[=(\s]\s*[\"'](?:https?:)?//", file.read_text())
            assert not loads, named(file)


def test_no_script_keeps_anything_of_a_person_in_the_browser() -> None:
    kept = {
        named(file): set(STORAGE.findall(file.read_text()))
        for file in tracked(".js")
        if named(file).startswith("frontend/")
    }
    # One mark, "1", for the length of a tab: that somebody has just left quickly.
    assert {name: found for name, found in kept.items() if found} == {
        "frontend/static/js/elements/leave-quickly.js": {"sessionStorage"}
    }


def test_only_known_kinds_of_files_are_served() -> None:
    static = [file for file in tracked() if named(file).startswith("frontend/static/")]
    assert len(static) > 30
    assert {file.suffix for file in static} <= SERVED
