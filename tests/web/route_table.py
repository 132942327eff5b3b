# ruff: noqa: E501 - lines of a table are read as lines
"""Every route, and what each person of `tests/people.py` gets there: whoever adds a route writes its line here.

The cells of a line stand in the order of WHO. A cell is the status of the answer, and behind it
    +  the answer leaves entries about the owner, whose types `leaves` names (several with a space between them; one
       with a question mark may be missing);
    !  it leaves a refusal about the owner, whose type `refused` names;
       nothing: it leaves no entry at all.
The owner is whom the scene says, else who asks. Everybody has signed in just now; `stale` is what those get whose proof
of who they are is older than the step-up allows, where it needs one. Where the good answer needs more than a request (a
provider), `shown` names the test that sees its entry, as path::name.
"""

from dataclasses import dataclass
from typing import Final

from tests.people import EVERYBODY
from tests.web import calendars, desks, devices, emergencies, hours, mails, partners, scenes, setups, wishes
from tests.web.scenes import Scene

WHO: Final = (
    None,
    *EVERYBODY,
)  # a visitor, Rosa, Mika, the stranger, Nadia, Omar, the desk, the administrator


@dataclass(frozen=True)
class Row:
    """One route: "METHOD /path", a cell for each of WHO, the types of its entries, and how a request to it is made."""

    route: str
    cells: str
    leaves: str = ""
    scene: Scene = scenes.nothing
    refused: str = "appointment.refused"
    shown: str = ""
    stale: str = ""

    @property
    def method(self) -> str:
        return self.route.split(" ")[0]

    @property
    def path(self) -> str:
        return self.route.split(" ")[1]


# fmt: off
ROWS: Final = (
    #    route                                          visitor rosa mika stranger nadia omar desk admin
    Row("GET /",                                       "200  200  200  200  200  200  200  200"),
    Row("GET /what-to-expect",                         "200  200  200  200  200  200  200  200"),
    Row("GET /scripts",                                "200  200  200  200  200  200  200  200"),
    Row("GET /scripts.sha256",                         "200  200  200  200  200  200  200  200"),
    Row("GET /times",                                  "200  200  200  200  200  200  200  200"),
    Row("GET /healthz",                                "200  200  200  200  200  200  200  200"),
    Row("GET /readyz",                                 "200  200  200  200  200  200  200  200"),
    Row("GET /.well-known/security.txt",               "404  404  404  404  404  404  404  404"),
    Row("POST /zone",                                  "303  303  303  303  303  303  303  303",  scene=scenes.zone),
    Row("POST /return",                                "303  303  303  303  303  303  303  303"),
    Row("POST /leave",                                 "303  303+ 303+ 303+ 303+ 303+ 303+ 303+", "session.close"),

    Row("POST /holds",                                 "303+ 303+ 303+ 303+ 303+ 303+ 303+ 303+", "appointment.hold", scenes.free_time),
    Row("GET /holds/{id}",                             "200  200  200  200  200  200  200  200",  scene=scenes.own_hold),
    Row("POST /holds/{id}/release",                    "303+ 303+ 303+ 303+ 303+ 303+ 303+ 303+", "appointment.release", scenes.own_hold),
    Row("GET /appointments",                           "303  200+ 200  200  303  303  303  303",  "record.look", scenes.rosas_list),
    Row("POST /appointments",                          "401  303+ 303+ 303+ 403  403  403  403",  "appointment.book notice.announce profile.change", scenes.booking),
    Row("GET /appointments/{id}",                      "303  200+ 404! 404! 200+ 404! 200+ 404!", "record.look", scenes.rosas_appointment),
    Row("GET /appointments/{id}/time",                 "303  200+ 404! 404! 200+ 404! 200+ 404!", "record.look", scenes.rosas_appointment),
    Row("POST /appointments/{id}/time",                "401  303+ 404! 404! 303+ 404! 303+ 404!", "appointment.move notice.announce", scenes.moving),
    Row("GET /appointments/{id}/cancellation",         "303  200+ 404! 404! 200+ 404! 200+ 404!", "record.look", scenes.rosas_appointment),
    Row("GET /appointments/{id}/answer",               "303  404! 404! 404! 200+ 404! 404! 404!", "record.look", scenes.rosas_request),
    Row("POST /appointments/{id}/confirmation",        "401  403! 404! 404! 303+ 404! 403! 404!", "appointment.confirm notice.announce", scenes.rosas_request),
    Row("POST /appointments/{id}/refusal",             "401  403! 404! 404! 303+ 404! 403! 404!", "appointment.decline notice.announce", scenes.rosas_request),
    Row("GET /appointments/{id}/proposals",            "303  404! 404! 404! 200+ 404! 200+ 404!", "record.look", scenes.rosas_appointment),
    Row("POST /appointments/{id}/proposals",           "401  403! 404! 404! 303+ 404! 303+ 404!", "appointment.propose notice.announce", scenes.proposing),
    Row("POST /appointments/{id}/proposal",            "401  303+ 404! 404! 409! 404! 409! 404!", "appointment.take notice.announce", scenes.proposed),
    Row("POST /appointments/{id}/cancellation",        "401  303+ 404! 404! 303+ 404! 303+ 404!", "appointment.cancel notice.announce", scenes.cancelling),
    Row("GET /appointments/{id}/calendar",             "303  200+ 404! 404! 200+ 404! 404! 404!", "record.look", scenes.rosas_appointment),
    Row("GET /appointments/{id}/room",                 "303  200+ 404! 404! 200+ 404! 404! 404!", "record.look", scenes.rosas_appointment),
    Row("POST /appointments/{id}/tickets",             "401  201+ 404! 404! 201+ 404! 404! 404!", "record.look room.ticket", scenes.open_room),
    Row("GET /appointments/{id}/impression",           "303  200+ 404! 404! 200+ 404! 404! 404!", "record.look", scenes.rosas_appointment),
    Row("POST /appointments/{id}/impression",          "401  303+ 404! 404! 303+ 404! 404! 404!", "room.fail", scenes.it_failed),
    Row("GET /appointments/{id}/way",                  "303  404! 404! 404! 200  404! 404! 404!", scene=scenes.rosas_appointment),
    Row("POST /appointments/{id}/way",                 "401  404! 404! 404! 303+ 404! 404! 404!", "room.way", scenes.directly),
    Row("GET /appointments/{id}/notes",                "303  404! 404! 404! 200+ 404! 404! 404!", "record.look", scenes.rosas_appointment),
    Row("POST /appointments/{id}/notes",               "401  404! 404! 404! 303+ 404! 404! 404!", "note.write", scenes.noted),
    Row("GET /notes",                                  "303  404  404  404  200+ 200  404  404",  "record.look", scenes.nadias_notes),
    Row("GET /check",                                  "303  200  200  200  200  200  200  200"),
    Row("POST /probe/tickets",                         "404  404  404  404  404  404  404  404",  scene=scenes.script),
    Row("POST /check/tickets",                         "401  201  201  201  201  201  201  201",  scene=scenes.script),
    Row("GET /appointments/{id}/partner",              "303  200+ 404! 404! 404! 404! 404! 404!", "record.look", partners.alone),
    Row("POST /appointments/{id}/invitation",          "401  200+ 404! 404! 404! 404! 404! 404!", "partner.invite record.look?", partners.alone),
    Row("POST /appointments/{id}/invitation/withdrawal", "401  303+ 404! 404! 404! 404! 404! 404!", "partner.withdraw", partners.with_link),
    Row("POST /appointments/{id}/agreement",           "401  303  303+ 404! 404! 404! 404! 404!", "partner.agree notice.announce?", partners.moved),
    Row("POST /appointments/{id}/departure",           "401  303+ 303+ 404! 404! 404! 404! 404!", "appointment.leave notice.announce?", partners.together),
    Row("GET /appointments/{id}/joining",              "303  303  200+ 404! 404! 404! 404! 404!", "record.look", partners.of_before),
    Row("POST /appointments/{id}/joining",             "401  409  303+ 404! 404! 404! 404! 404!", "partner.join profile.change? notice.announce?", partners.joining),
    Row("POST /appointments/{id}/joining/refusal",     "401  409  303+ 404! 404! 404! 404! 404!", "partner.decline notice.announce?", partners.refusing),
    Row("POST /appointments/{id}/joining/suggestion",  "401  409  200+ 404! 404! 404! 404! 404!", "partner.suggest record.look? notice.announce?", partners.suggesting),
    Row("GET /i/{token}",                              "303  303  303  303  303  303  303  303",  scene=partners.token),
    Row("GET /invitation",                             "200  200+ 200+ 200+ 404  404  404  404",  "record.look", partners.by_link),
    Row("POST /appointments/{id}/connection",          "401  204+ 404! 404! 204+ 404! 204  404!", "room.connect", scenes.at_the_door),
    Row("POST /appointments/{id}/difference",          "401  204+ 404! 404! 204+ 404! 404! 404!", "room.differ", scenes.at_the_door),
    Row("POST /appointments/{id}/whereabouts",         "401  204+ 404! 404! 404! 404! 404! 404!", "room.whereabouts", scenes.somewhere),
    Row("GET /appointments/{id}/whereabouts/{client}", "303  404! 404! 404! 200+ 404! 404! 404!", "room.locate", scenes.located),
    Row("POST /appointments/{id}/outcome",             "401  403! 404! 404! 303+ 404! 403! 404!", "appointment.judge", scenes.begun),
    Row("GET /today",                                  "303  404  404  404  200+ 200  404  404",  "record.look", scenes.rosas_day),
    Row("GET /hours",                                  "303  404  404  404  200+ 200  404  404",  "record.look", hours.rosas_week),
    Row("POST /hours/weekly",                          "401  404  404  404  303+ 303+ 404  404",  "hours.change", hours.weekly),
    Row("POST /hours/weekly/{id}",                     "401  404  404  404  303+ 404! 404  404",  "hours.change", hours.nadias_weekly, refused="hours.refused"),
    Row("POST /hours/days",                            "401  404  404  404  303+ 303+ 404  404",  "hours.change", hours.vacation),
    Row("POST /hours/days/{id}",                       "401  404  404  404  303+ 404! 404  404",  "hours.change", hours.nadias_day_off, refused="hours.refused"),
    Row("POST /hours/workload",                        "401  404  404  404  303+ 303+ 404  404",  "hours.change", hours.workload),
    Row("GET /waiting",                                "303  200+ 200+ 200+ 404  404  404  404",  "record.look", wishes.own),
    Row("POST /waiting",                               "401  303+ 303+ 303+ 404  404  404  404",  "waiting.join profile.change", wishes.new),
    Row("POST /waiting/{id}/ending",                   "401  303+ 404! 404! 404  404  404  404",  "waiting.leave", wishes.rosas, refused="waiting.refused"),
    Row("POST /offers/{id}/acceptance",                "401  303+ 404  404  404  404  404  404",  "appointment.book notice.announce?", wishes.rosas_offer),
    Row("POST /offers/{id}/refusal",                   "401  303+ 404  404  404  404  404  404",  "waiting.decline", wishes.rosas_offer),
    Row("GET /calendars",                              "303  404  404  404  200+ 200+ 404  404",  "record.look", calendars.own),
    Row("POST /calendars",                             "401  404  404  404  303+ 303+ 404  404",  "calendar.subscribe", calendars.new),
    Row("POST /calendars/{id}/removal",                "401  404  404  404  303+ 404! 404  404",  "calendar.unsubscribe", calendars.nadias, refused="calendar.refused"),
    Row("POST /calendars/feed",                        "401  404  404  404  200+ 200+ 404  404",  "feed.make", calendars.feed),
    Row("POST /calendars/feed/removal",                "401  404  404  404  303+ 303+ 404  404",  "feed.revoke", calendars.made_feed),
    Row("GET /feeds/{token}",                          "200  200  200  200  200  200  200  200",  scene=calendars.nadias_feed),
    Row("POST /hours/{id}/removal",                    "401  404  404  404  303+ 404! 404  404",  "hours.change", hours.nadias_weekly, refused="hours.refused"),
    Row("GET /desk",                                   "303  404  404  404  404  404  200+ 404",  "record.look", scenes.rosas_day),
    Row("GET /today/week",                             "303  404  404  404  200+ 200  404  404",  "record.look", scenes.rosas_day),
    Row("GET /today/waiting",                          "303  404  404  404  200  200  404  404",  scene=desks.goodbye),
    Row("GET /desk/week",                              "303  404  404  404  404  404  200+ 404",  "record.look", scenes.rosas_day),
    Row("GET /clients",                                "303  404  404  404  200+ 200  200  404",  "record.look", desks.rosa_is_known),
    Row("POST /clients",                               "401  404  404  404  200+ 200  200+ 404",  "record.look", desks.rosas_name),
    Row("GET /clients/{id}",                           "303  404! 404! 404! 200+ 404! 200+ 404!", "record.look", desks.rosa_is_known, refused="person.refused"),
    Row("GET /clients/{id}/booking",                   "303  404! 404! 404! 200+ 404! 200+ 404!", "record.look", desks.rosa_is_known, refused="person.refused"),
    Row("POST /clients/{id}/booking",                  "401  404! 404! 404! 303+ 404! 303+ 404!", "appointment.book notice.announce", desks.for_rosa, refused="person.refused"),
    Row("GET /clinic",                                 "303  404  404  404  404  404  404  200"),

    Row("GET /clinic/relay",                           "303  404  404  404  404  404  404  200"),
    Row("POST /clinic/relay",                          "401  404  404  404  404  404  404  409"),
    Row("GET /clinic/services",                        "303  404  404  404  404  404  404  200"),
    Row("POST /clinic/services",                       "401  404  404  404  404  404  404  303+", "service.create", setups.new_service),
    Row("GET /clinic/services/new",                    "303  404  404  404  404  404  404  200"),
    Row("GET /clinic/services/{id}",                   "303  404  404  404  404  404  404  200",  scene=setups.known_service),
    Row("POST /clinic/services/{id}",                  "401  404  404  404  404  404  404  303+", "service.change", setups.known_service),
    Row("POST /clinic/services/{id}/retirement",       "401  404  404  404  404  404  404  303+", "service.retire", setups.known_service),
    Row("POST /clinic/services/{id}/return",           "401  404  404  404  404  404  404  303+", "service.offer", setups.retired_service),
    Row("GET /clinic/therapists/{id}",                 "303  404! 404! 404! 404! 404! 404! 200",  scene=setups.omars_profile, refused="person.refused"),
    Row("POST /clinic/therapists/{id}",                "401  404! 404! 404! 404! 404! 404! 303+", "profile.public", setups.omars_profile, refused="person.refused"),
    Row("GET /clinic/therapists/{id}/retirement",      "303  404! 404! 404! 404! 404! 404! 200",  scene=setups.omars_profile, refused="person.refused", stale="303"),
    Row("POST /clinic/therapists/{id}/retirement",     "401  404! 404! 404! 404! 404! 404! 303+", "person.retire", setups.omars_profile, refused="person.refused", stale="303"),
    Row("POST /clinic/therapists/{id}/return",         "401  404! 404! 404! 404! 404! 404! 303+", "person.return", setups.omar_is_gone, refused="person.refused", stale="303"),
    Row("GET /clinic/policies",                        "303  404  404  404  404  404  404  200"),
    Row("POST /clinic/policies",                       "401  404  404  404  404  404  404  303+", "policy.change", setups.policies),
    Row("GET /clinic/emergency-numbers",               "303  404  404  404  404  404  404  200"),
    Row("POST /clinic/emergency-numbers",              "401  404  404  404  404  404  404  303+", "number.add", setups.new_number),
    Row("GET /clinic/emergency-numbers/{id}",          "303  404  404  404  404  404  404  200",  scene=setups.known_number),
    Row("POST /clinic/emergency-numbers/{id}",         "401  404  404  404  404  404  404  303+", "number.change", setups.known_number),
    Row("POST /clinic/emergency-numbers/{id}/removal", "401  404  404  404  404  404  404  303+", "number.remove", setups.known_number),

    Row("GET /looks",                                  "303  200+ 200+ 200+ 200+ 200+ 200+ 200+", "record.look"),
    Row("GET /audit",                                  "303  404  404  404  404  404  404  200+", "record.look", scenes.staffs_names),
    Row("GET /profile",                                "303  200+ 200+ 200  200+ 200+ 200+ 200+", "record.look"),
    Row("POST /profile",                               "401  200+ 200+ 200+ 200+ 200+ 200+ 200+", "profile.change", scenes.new_name),
    Row("GET /auth/sign-in",                           "200  303  303  303  303  303  303  303"),
    Row("POST /auth/sign-in",                          "503  503  503  503  503  503  503  503"),
    Row("GET /auth/invitation",                        "200  200  200  200  200  200  200  200"),
    Row("GET /auth/invitation/{code}",                 "200  200  200  200  200  200  200  200",  scene=scenes.invitation),
    Row("POST /auth/invitation",                       "422  422  422  422  422  422  422  422",  "person.tie session.begin", shown="tests/web/test_invitation.py::test_an_invited_account_is_who_the_code_is_for"),
    Row("GET /auth/callback/{provider}",               "403  403  403  403  403  403  403  403",  "session.open", scenes.provider, shown="tests/unit/people/test_acts.py::test_a_first_sign_in_makes_a_person_and_the_next_finds_them"),
    Row("POST /auth/sign-out",                         "303  303+ 303+ 303+ 303+ 303+ 303+ 303+", "session.close"),
    Row("GET /privacy",                                "303  200  200  200  200  200  200  200"),
    Row("POST /privacy/export",                        "401  200+ 200+ 200+ 200+ 200+ 200+ 200+", "person.export", scenes.nothing, stale="303"),
    Row("GET /privacy/erasure",                        "303  200  200  200  200  200  200  200", stale="303"),
    Row("POST /privacy/erasure",                       "401  200+ 200+ 200+ 403! 403! 403! 403!", "person.erase", scenes.typed_word, refused="person.refused", stale="303"),
    Row("POST /auth/back-channel/{provider}",          "400  400  400  400  400  400  400  400", "session.close", scenes.provider, shown="tests/web/test_back_channel.py::test_a_good_logout_token_ends_the_session_it_names"),
    Row("GET /signed-out",                             "200  303  303  303  303  303  303  303"),
    Row("GET /auth/second-step",                       "303  303  303  303  303  303  303  303"),
    Row("GET /auth/step-up",                           "303  200  200  200  200  200  200  200"),
    Row("POST /auth/step-up",                          "401  503  503  503  503  503  503  503"),
    Row("GET /session",                                "303  200  200  200  200  200  200  200"),
    Row("POST /session/stay",                          "401  303  303  303  303  303  303  303"),
    Row("GET /session/ended",                          "200  303  303  303  303  303  303  303"),
    Row("GET /sessions",                               "303  200+ 200+ 200+ 200+ 200+ 200+ 200+", "record.look"),
    Row("POST /sessions/ending",                       "401  303+ 303+ 303+ 303+ 303+ 303+ 303+", "session.close", scenes.other_session, stale="303"),
    Row("POST /sessions/{id}/ending",                  "401  303+ 404! 404! 404! 404! 404! 404!", "session.close", scenes.rosas_session, refused="person.refused", stale="303"),
    Row("GET /clinic/people",                          "303  404  404  404  404  404  404  200+", "record.look", stale="303"),
    Row("POST /clinic/people",                         "401  404  404  404  404  404  404  303+", "person.create", setups.newcomer, stale="403"),
    Row("GET /clinic/people/new",                      "303  404  404  404  404  404  404  200", stale="303"),
    Row("GET /clinic/people/{id}",                     "303  404! 404! 404! 404! 404! 404! 200+", "record.look", scenes.rosas_account, refused="person.refused", stale="303"),
    Row("POST /clinic/people/{id}/invitations",        "401  404! 404! 404! 404! 404! 404! 200+", "person.invite record.look?", setups.omars_account, refused="person.refused", stale="303"),
    Row("POST /clinic/people/{id}/role",               "401  404! 404! 404! 404! 404! 404! 303+", "person.role notice.announce", setups.desks_role, refused="person.refused", stale="303"),
    Row("POST /clinic/people/{id}/sessions/ending",    "401  404! 404! 404! 404! 404! 404! 303+", "session.close", scenes.rosas_account, refused="person.refused", stale="303"),
    Row("POST /clinic/people/{id}/closing",            "401  404! 404! 404! 404! 404! 404! 303+", "person.disable session.close", scenes.rosas_account, refused="person.refused", stale="303"),
    Row("POST /clinic/people/{id}/opening",            "401  404! 404! 404! 404! 404! 404! 303+", "person.enable", scenes.rosas_account, refused="person.refused", stale="303"),
    Row("POST /clinic/sessions/ending",                "401  404  404  404  404  404  404  303+", "session.close_all", scenes.everybody, stale="303"),

    Row("POST /auth/passkey/sign-in/options",          "200  200  200  200  200  200  200  200",  scene=scenes.script),
    Row("POST /auth/passkey/sign-in",                  "200+ 200+ 200+ 200+ 403! 403! 403! 403!", "session.open session.close?", devices.coming_in, refused="person.refused"),
    Row("POST /auth/passkey/confirmation/options",     "401  409  409  409  409  409  409  409",  scene=scenes.script),
    Row("POST /auth/passkey/confirmation",             "401  200+ 200+ 200+ 200+ 200+ 200+ 200+", "session.confirm", devices.confirming),
    Row("POST /auth/passkey/new/options",              "401  200  200  200  200  200  200  200",  scene=scenes.script, stale="403"),
    Row("POST /auth/passkey/new",                      "401  201+ 201+ 201+ 201+ 201+ 201+ 201+", "passkey.add notice.announce?", devices.adding, stale="403"),
    Row("GET /passkeys",                               "303  200+ 200+ 200+ 200+ 200+ 200+ 200+", "record.look", devices.own_passkey, stale="303"),
    Row("POST /passkeys/{id}/name",                    "401  303+ 404! 404! 404! 404! 404! 404!", "passkey.change", devices.rosas_passkey, refused="passkey.refused", stale="403"),
    Row("POST /passkeys/{id}/removal",                 "401  303+ 404! 404! 404! 404! 404! 404!", "passkey.remove notice.announce?", devices.rosas_passkey, refused="passkey.refused", stale="403"),
    Row("GET /clinic/passkey-codes",                   "303  404  404  404  404  404  404  200+", "record.look", stale="303"),
    Row("POST /clinic/passkey-codes",                  "401  404  404  404  404  404  404  200+", "passkey.code record.look", scenes.colleague, refused="person.refused", stale="403"),

    Row("GET /emergency",                              "303  404  404  404  200  200+ 200+ 200+", "record.look", emergencies.named),
    Row("POST /emergency",                             "401  404  404  404  303+ 303+ 404  404",  "emergency.ask", emergencies.asking),
    Row("GET /emergency/{id}",                         "303  404! 404! 404! 404! 200+ 200+ 200+", "record.look", emergencies.open_and_named, refused="emergency.refused"),
    Row("GET /emergency/{id}/record",                  "303  404! 404! 404! 404! 200+ 404! 404!", "record.look", emergencies.open_record, refused="emergency.refused"),
    Row("POST /emergency/{id}/withdrawal",             "401  404! 404! 404! 404! 303+ 404! 404!", "emergency.withdraw", emergencies.waiting, refused="emergency.refused"),
    Row("POST /emergency/{id}/confirmation",           "401  404! 404! 404! 404! 404! 303+ 303+", "emergency.confirm notice.announce", emergencies.choosing, refused="emergency.refused", stale="403"),
    Row("POST /emergency/{id}/refusal",                "401  404! 404! 404! 404! 404! 303+ 303+", "emergency.decline", emergencies.waiting, refused="emergency.refused", stale="403"),
    Row("POST /emergency/{id}/end",                    "401  404! 404! 404! 404! 303+ 303+ 303+", "emergency.end notice.announce", emergencies.open_record, refused="emergency.refused"),
    Row("GET /notices",                                "303  200+ 200+ 200+ 200+ 200+ 200+ 200+", "record.look", emergencies.own_notice),
    Row("POST /notices/{id}/receipt",                  "401  303+ 404! 404! 404! 404! 404! 404!", "notice.read", emergencies.rosas_notice, refused="notice.refused"),
    Row("GET /notices/preferences",                    "303  200+ 200+ 200+ 200+ 200+ 200+ 200+", "record.look"),
    Row("POST /notices/preferences",                   "401  303+ 303+ 303+ 303+ 303+ 303+ 303+", "preferences.change", mails.choices),
    Row("GET /clinic/outbox",                          "303  404  404  404  404  404  404  200"),
    Row("POST /clinic/outbox/{id}/retry",              "401  404! 404! 404! 404! 404! 404! 303+", "notice.retry", mails.dead_letter, refused="notice.refused"),
    Row("POST /clinic/outbox/{id}/removal",            "401  404! 404! 404! 404! 404! 404! 303+", "notice.drop", mails.dead_letter, refused="notice.refused"),
    Row("GET /demo/outbox",                            "200  200  200  200  200  200  200  200"),
)
# fmt: on
