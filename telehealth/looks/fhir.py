"""Entries as FHIR R4 AuditEvents, after IHE's Basic Audit Log Patterns: the types of `wording.py` in others' words.

A type is told by its own line of MEANINGS, else by that of its kind (what stands before the first dot). Names stand in
no entry, and what is sealed is not in the answer: people, sessions and things are identifiers.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from telehealth.audit.reading import Chained
from telehealth.audit.rules import Entry

HL7 = "http://terminology.hl7.org/CodeSystem"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
OURS = "urn:telehealth"
Coding = Mapping[str, str]


def _coding(system: str, code: str, display: str) -> Coding:
    return {"system": system, "code": code, "display": display}


def _dicom(code: str, display: str) -> Coding:
    return _coding(DICOM, code, display)


def _lifecycle(code: str, display: str) -> Coding:
    return _coding(f"{HL7}/iso-21089-lifecycle", code, f"{display} Record Lifecycle Event")


@dataclass(frozen=True)
class Meaning:
    """What a type is in FHIR: AuditEvent.type, and the subtype beside our own word and the interaction."""

    type: Coding
    subtype: Coding | None = None


REST = Meaning(_coding(f"{HL7}/audit-event-type", "rest", "RESTful Operation"))
INTERACTIONS = {  # of REST alone, by the action
    "C": _coding("http://hl7.org/fhir/restful-interaction", "create", "create"),
    "R": _coding("http://hl7.org/fhir/restful-interaction", "read", "read"),
    "U": _coding("http://hl7.org/fhir/restful-interaction", "update", "update"),
    "D": _coding("http://hl7.org/fhir/restful-interaction", "delete", "delete"),
    "E": _coding("http://hl7.org/fhir/restful-interaction", "operation", "operation"),
}
_AUTHENTICATION = _dicom("110114", "User Authentication")
_LOGIN = Meaning(_AUTHENTICATION, _dicom("110122", "Login"))
_LOGOUT = Meaning(_AUTHENTICATION, _dicom("110123", "Logout"))
_ALERT = _dicom("110113", "Security Alert")
_ATTRIBUTES = Meaning(_ALERT, _dicom("110137", "User Security Attributes Changed"))
_RESTRICTED = Meaning(_ALERT, _dicom("110132", "Use of Restricted Function"))
_ACTIVITY = _dicom("110100", "Application Activity")
_ATTACH, _DETACH = (
    Meaning(_ACTIVITY, _dicom("110124", "Attach")),
    Meaning(_ACTIVITY, _dicom("110125", "Detach")),
)
_DESTROY = Meaning(_lifecycle("destroy", "Destroy/Delete"))

MEANINGS: Mapping[str, Meaning] = {
    "record": REST,
    "record.resume": Meaning(_dicom("110134", "Audit Recording Started")),
    "person": REST,
    "person.invite": _ATTRIBUTES,
    "person.tie": _ATTRIBUTES,
    "person.disable": _ATTRIBUTES,
    "person.enable": _ATTRIBUTES,
    "person.role": Meaning(_ALERT, _dicom("110136", "Security Roles Changed")),
    "person.export": Meaning(_dicom("110106", "Export")),
    "person.erase": _DESTROY,
    "person.erase_again": _DESTROY,
    "hold.set": Meaning(_lifecycle("hold", "Add Legal Hold")),
    "hold.lift": Meaning(_lifecycle("unhold", "Remove Legal Hold")),
    "retention": _DESTROY,
    "profile": REST,
    "session": _LOGIN,
    "session.close": _LOGOUT,
    "session.close_all": _LOGOUT,
    "passkey": _ATTRIBUTES,
    "appointment": REST,
    "hours": REST,
    "waiting": REST,
    "calendar": REST,
    "feed": REST,
    "partner": REST,
    "room": Meaning(_ACTIVITY),
    "room.enter": _ATTACH,
    "room.admit": _ATTACH,
    "room.back": _DETACH,
    "room.remove": _DETACH,
    "room.differ": Meaning(_ALERT),
    "room.way": REST,
    "room.whereabouts": REST,
    "room.locate": REST,
    "room.end": _DETACH,
    "note": REST,
    "notice": REST,
    "preferences": REST,
    "emergency": _RESTRICTED,
    "emergency.confirm": Meaning(_ALERT, _dicom("110127", "Emergency Override Started")),
    "emergency.end": Meaning(_ALERT, _dicom("110138", "Emergency Override Stopped")),
    "service": REST,
    "policy": REST,
    "number": REST,
    "backup.make": Meaning(_dicom("110106", "Export")),
    "backup.restore": Meaning(_dicom("110107", "Import")),
    "keys": Meaning(_ALERT, _dicom("110129", "Security Configuration")),
}
OUTCOMES = {"success": "0", "refused": "4"}  # 4: not done, as an HTTP answer of the 400s says
PERSON, OBJECT = (
    _coding(f"{HL7}/audit-entity-type", "1", "Person"),
    _coding(f"{HL7}/audit-entity-type", "2", "System Object"),
)
PATIENT, RESOURCE, SECURITY = (
    _coding(f"{HL7}/object-role", "1", "Patient"),
    _coding(f"{HL7}/object-role", "4", "Domain Resource"),
    _coding(f"{HL7}/object-role", "13", "Security Resource"),
)
HUMAN = _coding(f"{HL7}/extra-security-role-type", "humanuser", "human user")
APPLICATION = _dicom("110150", "Application")
SERVER = _coding(f"{HL7}/security-source-type", "4", "Application Server")


def meaning_of(type_: str) -> Meaning:
    """What a type of ours is there. KeyError for a kind that has no line yet."""
    return MEANINGS.get(type_) or MEANINGS[type_.split(".", maxsplit=1)[0]]


def json_line(each: Chained, practice: str) -> str:
    """One AuditEvent on one line (application/fhir+ndjson). `practice` is the id of the deployment."""
    return json.dumps(audit_event(each.entry, practice), separators=(",", ":"))


def audit_event(entry: Entry, practice: str) -> dict[str, Any]:
    """The resource; its id is the entry's, by which it is found in the chain."""
    meaning = meaning_of(entry.type)
    subtypes = [_coding(f"{OURS}:entry", entry.type, entry.type), meaning.subtype]
    if meaning is REST:
        subtypes.append(INTERACTIONS[entry.action])
    return {
        "resourceType": "AuditEvent",
        "id": entry.id.hex(),
        "type": meaning.type,
        "subtype": [each for each in subtypes if each is not None],
        "action": entry.action,
        "recorded": entry.ts.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "outcome": OUTCOMES[entry.outcome],
        "purposeOfEvent": [{"coding": [{"system": f"{HL7}/v3-ActReason", "code": entry.purpose}]}],
        "agent": [_agent(entry)],
        "source": {"observer": _identified("practice", practice), "type": [SERVER]},
        "entity": _entities(entry),
    }


def _agent(entry: Entry) -> dict[str, Any]:
    """A person, or the service itself; who was refused without being signed in is no more than that."""
    if entry.agent is not None:
        return {
            "type": {"coding": [HUMAN]},
            "who": _identified("pseudonym", entry.agent.hex()),
            "requestor": True,
        }
    name = "nobody signed in" if entry.outcome == "refused" else "the service itself"
    return {"type": {"coding": [APPLICATION]}, "name": name, "requestor": True}


def _entities(entry: Entry) -> list[dict[str, Any]]:
    found = []
    if entry.patient is not None:
        found.append(_entity("pseudonym", entry.patient, PERSON, PATIENT))
    if entry.entity_type != "person":
        found.append(_entity(entry.entity_type, entry.entity_id, OBJECT, RESOURCE))
    elif entry.entity_id != entry.patient:
        found.append(_entity("pseudonym", entry.entity_id, PERSON, RESOURCE))
    if entry.session is not None:
        found.append(_entity("session", entry.session, OBJECT, SECURITY))
    return found


def _entity(system: str, value: bytes, type_: Coding, role: Coding) -> dict[str, Any]:
    return {"what": _identified(system, value.hex()), "type": type_, "role": role}


def _identified(system: str, value: str) -> dict[str, Any]:
    return {"identifier": {"system": f"{OURS}:{system}", "value": value}}
