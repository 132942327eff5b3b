"""Every type has a meaning in FHIR, and a resource says what the entry says and nothing more."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from telehealth.audit.rules import Entry
from telehealth.looks.fhir import DICOM, HL7, MEANINGS, OUTCOMES, REST, Meaning, audit_event, meaning_of
from telehealth.looks.wording import REFUSED, WORDS
from tests.rules.tree import ROOT

TYPES = [*WORDS, *(f"{kind}.refused" for kind in REFUSED)]
PAGE = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
# What R4 asks of an AuditEvent, and of the parts that are there (hl7.org/fhir/R4/auditevent.html).
NEEDED = {"type", "recorded", "agent", "source"}


def entry(type_: str = "record.look", **changed: Any) -> Entry:
    values: dict[str, Any] = {
        "id": b"i" * 16,
        "ts": datetime(2026, 11, 23, 8, tzinfo=UTC),
        "type": type_,
        "action": "R",
        "outcome": "success",
        "agent": b"a" * 16,
        "session": b"s" * 16,
        "entity_type": "appointment",
        "entity_id": b"e" * 16,
        "patient": b"p" * 16,
        "purpose": "TREAT",
        "detail_ct": b"sealed-words-that-stay-here",
    }
    return Entry(**values | changed)


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_has_a_meaning(type_: str) -> None:
    refused = type_.endswith(".refused")
    made = audit_event(
        entry(type_, action="E" if refused else "U", outcome="refused" if refused else "success"), "c"
    )
    assert made.keys() >= NEEDED
    assert made["subtype"][0]["code"] == type_
    for coding in (made["type"], *made["subtype"][1:]):
        assert coding["system"] in {
            DICOM,
            f"{HL7}/audit-event-type",
            f"{HL7}/iso-21089-lifecycle",
            "http://hl7.org/fhir/restful-interaction",
        }
        assert all(coding.values())
    interactions = [each for each in made["subtype"] if each["system"].endswith("restful-interaction")]
    assert len(interactions) == (meaning_of(type_) is REST)


def test_no_meaning_is_left_over() -> None:
    kinds = {type_.split(".", maxsplit=1)[0] for type_ in TYPES}
    assert set(MEANINGS) - set(TYPES) - kinds == set()


@pytest.mark.parametrize(("name", "meaning"), MEANINGS.items(), ids=MEANINGS)
def test_every_meaning_is_told_on_the_page(name: str, meaning: Meaning) -> None:
    rows = re.findall(r"^\| (.*`.*) \| (.*) \| (.*)\|$", PAGE, re.MULTILINE)
    if meaning is REST:
        assert "every other" in PAGE
        return
    told = name if "." in name else f"{name}.*"
    row = next(f"{type_} {subtype}" for types, type_, subtype in rows if f"`{told}`" in types)
    for coding in (meaning.type, meaning.subtype):
        if coding is not None:
            assert re.search(rf"\b{coding['code']}\b", row), (name, row)


def test_a_look_is_a_read_of_a_patients_record() -> None:
    made = audit_event(entry(), "clinic-1")
    assert (made["id"], made["action"], made["outcome"]) == ("69" * 16, "R", "0")
    assert made["recorded"] == "2026-11-23T08:00:00.000000Z"
    assert (made["type"]["code"], made["subtype"][-1]["code"]) == ("rest", "read")
    assert made["agent"][0]["who"]["identifier"]["value"] == "61" * 16
    assert made["source"]["observer"]["identifier"]["value"] == "clinic-1"
    assert [(each["what"]["identifier"]["value"], each["role"]["code"]) for each in made["entity"]] == [
        ("70" * 16, "1"),
        ("65" * 16, "4"),
        ("73" * 16, "13"),
    ]
    assert made["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"


def test_a_person_is_there_once_and_the_service_has_no_pseudonym() -> None:
    own = entry("profile.change", entity_type="person", entity_id=b"p" * 16, session=None, agent=None)
    made = audit_event(own, "c")
    assert len(made["entity"]) == 1
    assert (made["agent"][0]["name"], "who" in made["agent"][0]) == ("the service itself", False)
    other = audit_event(entry(entity_type="person", patient=None, session=None), "c")
    assert [each["role"]["code"] for each in other["entity"]] == ["4"]
    refused = audit_event(entry("person.refused", agent=None, outcome="refused", action="E"), "c")
    assert (refused["outcome"], refused["agent"][0]["name"]) == (OUTCOMES["refused"], "nobody signed in")
