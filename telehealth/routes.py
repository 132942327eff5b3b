"""Every URL of the service, in one flat table."""

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from telehealth.appointments import behalf_pages as behalf
from telehealth.appointments import change_pages as change
from telehealth.appointments import client_pages as clients
from telehealth.appointments import day_pages as day
from telehealth.appointments import desk_pages as desk
from telehealth.appointments import holds
from telehealth.appointments import pages as appointments
from telehealth.availability import pages as availability
from telehealth.calendars import pages as calendars
from telehealth.clinic import pages as clinic
from telehealth.clinic import policy_pages as policy
from telehealth.clinic import role_pages
from telehealth.clinic import service_pages as offered
from telehealth.clinic import staff_pages as staff
from telehealth.couples import pages as couples
from telehealth.emergency import pages as emergency
from telehealth.hours import pages as hours
from telehealth.looks import pages as looks
from telehealth.mail import pages as mail
from telehealth.notes import pages as notes
from telehealth.notices import pages as notices
from telehealth.opening import pages as opening
from telehealth.opening import scripts
from telehealth.passkeys import exchanges as passkey
from telehealth.passkeys import pages as passkeys
from telehealth.passkeys import steps
from telehealth.people import invitation_pages as invitations
from telehealth.people import pages as people
from telehealth.people import roster_pages as roster
from telehealth.people import session_pages as own_sessions
from telehealth.people import signing_in, signing_out
from telehealth.privacy import pages as privacy
from telehealth.rooms import door_pages as doors
from telehealth.rooms import impression_pages as impressions
from telehealth.rooms import pages as rooms
from telehealth.rooms import relay_pages as relays
from telehealth.rooms import way_pages as ways
from telehealth.waiting import pages as waiting
from telehealth.watching import pages as watching
from telehealth.web.assets import Assets


def routes(static: Path, build: str, signaling: ASGIApp) -> list[BaseRoute]:
    """The table; `build` stands in the address of every asset, so that they are cached for ever."""
    return [
        Route("/", opening.index),
        Route("/what-to-expect", opening.expect),
        Route("/scripts", scripts.scripts),
        Route("/scripts.sha256", scripts.checksums),
        Route("/times", availability.times),
        Route("/holds", holds.hold, methods=["POST"]),
        Route("/holds/{id}", holds.held),
        Route("/holds/{id}/release", holds.release, methods=["POST"]),
        Route("/appointments", appointments.mine, methods=["GET"]),
        Route("/appointments", holds.book, methods=["POST"]),
        Route("/appointments/{id}", appointments.appointment),
        Route("/appointments/{id}/time", change.new_time, methods=["GET"]),
        Route("/appointments/{id}/time", change.move, methods=["POST"]),
        Route("/appointments/{id}/cancellation", change.cancelling, methods=["GET"]),
        Route("/appointments/{id}/cancellation", change.cancel, methods=["POST"]),
        Route("/appointments/{id}/answer", change.answering),
        Route("/appointments/{id}/confirmation", change.confirm, methods=["POST"]),
        Route("/appointments/{id}/refusal", change.decline, methods=["POST"]),
        Route("/appointments/{id}/proposals", change.proposing, methods=["GET"]),
        Route("/appointments/{id}/proposals", change.propose, methods=["POST"]),
        Route("/appointments/{id}/proposal", change.take, methods=["POST"]),
        Route("/appointments/{id}/calendar", mail.calendar),
        Route("/appointments/{id}/partner", couples.company),
        Route("/appointments/{id}/invitation", couples.invite, methods=["POST"]),
        Route("/appointments/{id}/invitation/withdrawal", couples.withdraw, methods=["POST"]),
        Route("/appointments/{id}/agreement", couples.agree, methods=["POST"]),
        Route("/appointments/{id}/departure", couples.leave, methods=["POST"]),
        Route("/appointments/{id}/joining", couples.joining, methods=["GET"]),
        Route("/appointments/{id}/joining", couples.join, methods=["POST"]),
        Route("/appointments/{id}/joining/refusal", couples.decline, methods=["POST"]),
        Route("/appointments/{id}/joining/suggestion", couples.suggest, methods=["POST"]),
        Route("/i/{token}", couples.link),
        Route("/invitation", couples.invitation),
        Route("/appointments/{id}/room", rooms.room),
        Route("/appointments/{id}/tickets", rooms.ticket, methods=["POST"]),
        Route("/appointments/{id}/connection", rooms.connection, methods=["POST"]),
        Route("/appointments/{id}/difference", rooms.difference, methods=["POST"]),
        Route("/appointments/{id}/whereabouts", rooms.whereabouts, methods=["POST"]),
        Route("/appointments/{id}/whereabouts/{client}", rooms.located),
        Route("/appointments/{id}/outcome", rooms.outcome, methods=["POST"]),
        Route("/appointments/{id}/impression", impressions.impression, methods=["GET"]),
        Route("/appointments/{id}/impression", impressions.say, methods=["POST"]),
        Route("/appointments/{id}/way", ways.way, methods=["GET"]),
        Route("/appointments/{id}/way", ways.choose, methods=["POST"]),
        Route("/appointments/{id}/notes", notes.notes, methods=["GET"]),
        Route("/appointments/{id}/notes", notes.save, methods=["POST"]),
        Route("/notes", notes.overview),
        Route("/check", rooms.check),
        Route("/check/tickets", rooms.check_ticket, methods=["POST"]),
        Route("/probe/tickets", rooms.probe_tickets, methods=["POST"]),
        WebSocketRoute("/signaling", signaling),
        Route("/today", day.today),
        Route("/today/week", day.week),
        Route("/today/waiting", doors.waiting),
        Route("/hours", hours.hours),
        Route("/hours/weekly", hours.weekly, methods=["POST"]),
        Route("/hours/weekly/{id}", hours.weekly, methods=["POST"]),
        Route("/hours/days", hours.days, methods=["POST"]),
        Route("/hours/days/{id}", hours.days, methods=["POST"]),
        Route("/hours/workload", hours.workload, methods=["POST"]),
        Route("/hours/{id}/removal", hours.remove, methods=["POST"]),
        Route("/desk", desk.today),
        Route("/desk/week", desk.week),
        Route("/clients", clients.overview, methods=["GET"]),
        Route("/clients", clients.find, methods=["POST"]),
        Route("/clients/{id}", clients.client),
        Route("/clients/{id}/booking", behalf.booking, methods=["GET"]),
        Route("/clients/{id}/booking", behalf.book, methods=["POST"]),
        Route("/waiting", waiting.waiting, methods=["GET"]),
        Route("/waiting", waiting.wish, methods=["POST"]),
        Route("/waiting/{id}/ending", waiting.leave, methods=["POST"]),
        Route("/offers/{id}/acceptance", waiting.accept, methods=["POST"]),
        Route("/offers/{id}/refusal", waiting.decline, methods=["POST"]),
        Route("/calendars", calendars.overview, methods=["GET"]),
        Route("/calendars", calendars.subscribe, methods=["POST"]),
        Route("/calendars/feed", calendars.renew, methods=["POST"]),
        Route("/calendars/feed/removal", calendars.revoke, methods=["POST"]),
        Route("/calendars/{id}/removal", calendars.unsubscribe, methods=["POST"]),
        Route("/feeds/{token}", calendars.feed),
        Route("/clinic", clinic.overview),
        Route("/clinic/relay", relays.relay, methods=["GET"]),
        Route("/clinic/relay", relays.try_relay, methods=["POST"]),
        Route("/clinic/services", offered.services, methods=["GET"]),
        Route("/clinic/services", offered.create, methods=["POST"]),
        Route("/clinic/services/new", offered.new),
        Route("/clinic/services/{id}", offered.service, methods=["GET"]),
        Route("/clinic/services/{id}", offered.change, methods=["POST"]),
        Route("/clinic/services/{id}/retirement", offered.retire, methods=["POST"]),
        Route("/clinic/services/{id}/return", offered.offer_again, methods=["POST"]),
        Route("/clinic/therapists/{id}", staff.profile, methods=["GET"]),
        Route("/clinic/therapists/{id}", staff.change, methods=["POST"]),
        Route("/clinic/therapists/{id}/retirement", staff.retirement, methods=["GET"]),
        Route("/clinic/therapists/{id}/retirement", staff.retire, methods=["POST"]),
        Route("/clinic/therapists/{id}/return", staff.take_back, methods=["POST"]),
        Route("/clinic/policies", policy.policies, methods=["GET"]),
        Route("/clinic/policies", policy.write_policies, methods=["POST"]),
        Route("/clinic/emergency-numbers", policy.numbers, methods=["GET"]),
        Route("/clinic/emergency-numbers", policy.add, methods=["POST"]),
        Route("/clinic/emergency-numbers/{id}", policy.number, methods=["GET"]),
        Route("/clinic/emergency-numbers/{id}", policy.change, methods=["POST"]),
        Route("/clinic/emergency-numbers/{id}/removal", policy.remove, methods=["POST"]),
        Route("/emergency", emergency.overview, methods=["GET"]),
        Route("/emergency", emergency.ask, methods=["POST"]),
        Route("/emergency/{id}", emergency.request),
        Route("/emergency/{id}/record", appointments.record),
        Route("/emergency/{id}/withdrawal", emergency.withdraw, methods=["POST"]),
        Route("/emergency/{id}/confirmation", emergency.confirm, methods=["POST"]),
        Route("/emergency/{id}/refusal", emergency.decline, methods=["POST"]),
        Route("/emergency/{id}/end", emergency.end, methods=["POST"]),
        Route("/notices", notices.notices),
        Route("/notices/preferences", mail.preferences, methods=["GET"]),
        Route("/notices/preferences", mail.choose, methods=["POST"]),
        Route("/notices/{id}/receipt", notices.receipt, methods=["POST"]),
        Route("/profile", people.profile, methods=["GET", "POST"]),
        Route("/auth/sign-in", signing_in.choice, methods=["GET"]),
        Route("/auth/sign-in", signing_in.sign_in, methods=["POST"]),
        Route("/auth/invitation", invitations.invitation, methods=["GET"]),
        Route("/auth/invitation", invitations.accept, methods=["POST"]),
        Route("/auth/invitation/{code}", invitations.invitation),
        Route("/auth/callback/{provider}", signing_in.callback),
        Route("/auth/second-step", steps.second_step),
        Route("/auth/step-up", steps.step_up, methods=["GET"]),
        Route("/auth/step-up", signing_in.step_up, methods=["POST"]),
        Route("/auth/passkey/sign-in/options", passkey.sign_in_options, methods=["POST"]),
        Route("/auth/passkey/sign-in", passkey.sign_in, methods=["POST"]),
        Route("/auth/passkey/confirmation/options", passkey.confirmation_options, methods=["POST"]),
        Route("/auth/passkey/confirmation", passkey.confirmation, methods=["POST"]),
        Route("/auth/passkey/new/options", passkey.new_options, methods=["POST"]),
        Route("/auth/passkey/new", passkey.new, methods=["POST"]),
        Route("/auth/sign-out", signing_out.sign_out, methods=["POST"]),
        Route("/auth/back-channel/{provider}", signing_out.back_channel, methods=["POST"]),
        Route("/passkeys", passkeys.passkeys),
        Route("/passkeys/{id}/name", passkeys.rename, methods=["POST"]),
        Route("/passkeys/{id}/removal", passkeys.remove, methods=["POST"]),
        Route("/clinic/passkey-codes", passkeys.codes, methods=["GET", "POST"]),
        Route("/session", own_sessions.left),
        Route("/session/stay", own_sessions.stay, methods=["POST"]),
        Route("/session/ended", own_sessions.ended),
        Route("/sessions", own_sessions.own),
        Route("/sessions/ending", own_sessions.end_others, methods=["POST"]),
        Route("/sessions/{id}/ending", own_sessions.end_one, methods=["POST"]),
        Route("/clinic/people", roster.people, methods=["GET"]),
        Route("/clinic/people", staff.create, methods=["POST"]),
        Route("/clinic/people/new", staff.new),
        Route("/clinic/people/{id}", roster.member),
        Route("/clinic/people/{id}/invitations", roster.invite, methods=["POST"]),
        Route("/clinic/people/{id}/role", role_pages.change_role, methods=["POST"]),
        Route("/clinic/people/{id}/sessions/ending", roster.end_sessions, methods=["POST"]),
        Route("/clinic/people/{id}/closing", roster.close_account, methods=["POST"]),
        Route("/clinic/people/{id}/opening", roster.open_account, methods=["POST"]),
        Route("/clinic/sessions/ending", roster.end_everybodys, methods=["POST"]),
        Route("/clinic/outbox", mail.outbox),
        Route("/clinic/outbox/{id}/retry", mail.retry, methods=["POST"]),
        Route("/clinic/outbox/{id}/removal", mail.drop, methods=["POST"]),
        Route("/demo/outbox", mail.demo),
        Route("/privacy", privacy.overview),
        Route("/privacy/export", privacy.copy, methods=["POST"]),
        Route("/privacy/erasure", privacy.erasure, methods=["GET"]),
        Route("/privacy/erasure", privacy.erase, methods=["POST"]),
        Route("/signed-out", signing_out.signed_out),
        Route("/zone", people.choose_zone, methods=["POST"]),
        Route("/leave", people.leave, methods=["POST"]),
        Route("/return", people.come_back, methods=["POST"]),
        Route("/looks", looks.looks),
        Route("/audit", looks.audit),
        Route("/healthz", watching.healthz),
        Route("/readyz", watching.readyz),
        Route("/.well-known/security.txt", opening.security_txt),
        Mount(f"/static/{build}", Assets(static)),
    ]
