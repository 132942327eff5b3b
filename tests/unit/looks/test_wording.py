"""Every type of entry that the source can write has plain words, and no words are left over."""

import ast
import re

import pytest

from telehealth.looks.pages import KINDS
from telehealth.looks.wording import ANYTHING, REFUSED, REFUSED_ANYTHING, WORDS, words_of
from tests.rules.tree import named, tracked

WORDING = "telehealth/looks/wording.py"
TYPE = re.compile(r"[a-z]+(\.[a-z_]+)+")
FILES = {
    "age",
    "css",
    "db",
    "html",
    "ics",
    "ini",
    "json",
    "log",
    "note",
    "notes",
    "txt",
    "zi",
    "conf",
    "crt",
    "key",
    "pem",
    "zip",
}  # names of files look alike
OTHERS = {
    "demo.json.new",
    "http.response.start",
    "hypercorn.access",
    "hypercorn.error",
    "lifespan.startup.failed",
    "recovery.signal",
    "signaling.echo",
    "signaling.probe",
    "signaling.relays",
    "sqlalchemy.engine",
    "telehealth.demo.provider",
    "uvicorn.error",
    "wsgi.url_scheme",
}


def types_in(source: str) -> set[str]:
    """Every string of a file that looks like a type and is no name of a file."""
    constants = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    alike = {value for value in constants if isinstance(value, str) and TYPE.fullmatch(value)}
    return {value for value in alike - OTHERS if value.rsplit(".", 1)[1] not in FILES}


def about_in(source: str) -> set[str]:
    """The kinds of record that refusals of a file are about: about=("appointment", …)."""
    keywords = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword) and node.arg == "about"
    )
    tuples = (inner for each in keywords for inner in ast.walk(each.value) if isinstance(inner, ast.Tuple))
    return {
        each.elts[0].value
        for each in tuples
        if isinstance(each.elts[0], ast.Constant) and isinstance(each.elts[0].value, str)
    }


def sources() -> list[str]:
    """Every file of the service; the tables and the migrations name columns in the same form."""
    return [
        file.read_text(encoding="utf-8")
        for file in tracked(".py")
        if named(file).startswith("telehealth/")
        and "/migrations/" not in named(file)
        and file.name not in ("models.py", "wording.py", "indexes.py")
    ]


def written() -> set[str]:
    return set().union(*(types_in(source) for source in sources()))


def test_every_type_has_words_and_all_words_have_a_type() -> None:
    assert written() - set(WORDS) == set(), "say in looks/wording.py what these are, in plain words"
    assert set(WORDS) - written() == set(), "nothing writes these any more"


def test_the_administrator_can_ask_for_every_kind() -> None:
    kinds = {type_.split(".", maxsplit=1)[0] for type_ in WORDS} - {"record"}
    assert kinds - set(KINDS) == set()


def test_every_kind_of_refusal_has_words() -> None:
    kinds = set().union(*(about_in(source) for source in sources()))
    assert kinds == set(REFUSED)


@pytest.mark.parametrize(
    ("type_", "outcome", "words"),
    [
        ("record.look", "success", "looked at your record"),
        ("appointment.refused", "refused", REFUSED["appointment"]),
        ("parcel.send", "success", ANYTHING),
        ("parcel.refused", "refused", REFUSED_ANYTHING),
    ],
)
def test_an_entry_is_told_in_words(type_: str, outcome: str, words: str) -> None:
    assert words_of(type_, outcome) == words


def test_types_and_subjects_are_really_found() -> None:
    source = 'work.audit("a.b", "R")\nf("c.d_e" if x else "c.f")\ng("not.A.type", "demo.json")'
    assert types_in(source) == {"a.b", "c.d_e", "c.f"}
    assert about_in('raise NotFound("x", "y", about=("note", id))') == {"note"}
