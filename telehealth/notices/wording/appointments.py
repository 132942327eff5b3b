"""What is said of appointments: to clients and, in fewer words, to their therapists."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording.words import Kind, Words, capital
from telehealth.web.templating import clock, day

Body = Mapping[str, str]
ASKED = (
    "Nothing of your time is taken until you say that you can come then. If you cannot, leave this one for your own "
    "part; nobody asks you why."
)


def _when(body: Body, zone: ZoneInfo, name: str = "starts_at") -> str:
    """Tuesday 24 November, 10:00"""
    moment = datetime.fromisoformat(body[name]).astimezone(zone)
    return f"{day(moment)}, {clock(moment)}"


def _made(heading: str, client: Callable[[str, Body], tuple[str, ...]], therapist: str) -> Kind:
    """A kind whose clients read the paragraphs of `client` (when, body), and whose therapists `therapist`."""

    def words(body: Body, zone: ZoneInfo, now: datetime) -> Words:
        when = _when(body, zone)
        if body.get("to") == "therapist":
            before = _when(body, zone, "before") if "before" in body else ""
            said = (
                therapist.format(when=when, before=before, what=body["what"]),
                *_late(body, "It counts as late."),
            )
            return Words(heading, said, way=_way(body), about=when)
        return Words(
            heading,
            client(when, body),
            said_by="They write:" if body.get("message") else "",
            said=body.get("message", ""),
            way=_way(body),
            about=when,
        )

    return words


def _moved(body: Body, zone: ZoneInfo, now: datetime) -> Words:
    def client(when: str, _: Body) -> tuple[str, ...]:
        by = {"you": "You moved", "client": "Your partner moved"}.get(body["by"], "The practice moved")
        said = [f"{by} the appointment with {body['who']} from {_when(body, zone, 'before')} to {when}."]
        if body.get("also") == "busy":
            said.append(
                "You have something else at the new time, so nothing of your time is taken for it. Nobody else sees "
                "that. Please move or cancel one of the two, or leave this one for your own part."
            )
        elif body.get("asked"):
            said.append(ASKED)
        return tuple(said)

    therapist = "The appointment on {before} is on {when} now."
    return _made("An appointment has another time", client, therapist)(body, zone, now)


def _booked(when: str, body: Body) -> tuple[str, ...]:
    return (f"{capital(body['what'])} with {body['who']} on {when}.",)


def _asked(when: str, body: Body) -> tuple[str, ...]:
    if body.get("asked"):
        said = f"Your partner asked for {when} with {body['who']} instead. It is booked once they say yes."
        return said, ASKED
    return (
        f"You asked for {when} with {body['who']}. The time is kept for you, and it is booked once they say yes.",
        "We tell you here as soon as they answer.",
    )


def _confirmed(when: str, body: Body) -> tuple[str, ...]:
    return (f"{body['who']} said yes. You meet on {when}.",)


def _declined(when: str, body: Body) -> tuple[str, ...]:
    said = f"{body['who']} cannot see you on {when}. The time is free again, and nothing is booked."
    if body.get("proposed"):
        return said, "They propose other times. If one of them suits you, take it with one click."
    return said, "You can choose another time whenever you like."


def _lapsed(when: str, body: Body) -> tuple[str, ...]:
    return (
        f"Nobody answered in time whether {body['who']} can see you on {when}. We are sorry. Nothing is booked, and "
        f"you can choose another time.",
    )


def _proposed(when: str, body: Body) -> tuple[str, ...]:
    return (
        f"{body['who']} would like to see you at another time than {when}, and proposes some. Take one of them with "
        f"one click. Until then, the appointment stays as it is.",
    )


def _cancelled(when: str, body: Body) -> tuple[str, ...]:
    thing = "request for" if body.get("was") == "asked" else "appointment on"
    by = {
        "you": "You cancelled your",
        "client": "Your partner cancelled the",
        "nobody": "There is no longer the",
    }
    return (
        f"{by.get(body['by'], 'The practice cancelled your')} {thing} {when} with {body['who']}.",
        *_late(body, "It counts as late, because it was so close to the start."),
    )


def _late(body: Body, sentence: str) -> tuple[str, ...]:
    return (sentence,) if body.get("late") else ()


def _way(body: Body) -> tuple[str, str]:
    return "See the appointment", f"/appointments/{body['appointment']}"


KINDS: Mapping[str, Kind] = {
    "appointment_booked": _made("It is booked", _booked, "{what} was booked on {when}."),
    "appointment_asked": _made(
        "Asked, not booked yet", _asked, "Somebody asks for {what} on {when}. Please say yes or no."
    ),
    "appointment_confirmed": _made("It is booked", _confirmed, "{what} on {when} is confirmed."),
    "appointment_declined": _made("Not at that time", _declined, "The request for {when} was declined."),
    "appointment_lapsed": _made(
        "No answer came", _lapsed, "The request for {when} was not answered in time. The time is free again."
    ),
    "appointment_proposed": _made("Another time?", _proposed, "Other times than {when} were proposed."),
    "appointment_moved": _moved,
    "appointment_cancelled": _made(
        "An appointment is cancelled",
        _cancelled,
        "The appointment on {when} was cancelled. The time is free again.",
    ),
}
