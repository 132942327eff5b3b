"""The types of entries in plain words: what stands behind "You" or behind somebody's name."""

import re

ANYTHING = "did something with your record"
WORDS = {
    "record.look": "looked at your record",
    "person.create": "set up your account",
    "person.invite": "made a code for tying an account to who you are here",
    "person.tie": "tied an account at the sign-in service to who you are here",
    "person.role": "has another role here than before",
    "person.disable": "paused your account",
    "person.enable": "opened your account again",
    "person.retire": "noted that you do not see clients here any more",
    "person.return": "noted that you see clients here again",
    "person.export": "took a copy of everything kept about you",
    "person.erase": "erased what was kept about you",
    "person.erase_again": "erased again what came back from an older copy",
    "hold.set": "set a legal hold on something of yours",
    "hold.lift": "lifted a legal hold on something of yours",
    "retention.booking": "removed an appointment of yours that was kept long enough",
    "retention.clinical": "removed records of your care that were kept long enough",
    "retention.correspondence": "removed messages to you that were kept long enough",
    "profile.change": "changed your profile",
    "profile.public": "changed how you are shown to clients",
    "session.open": "signed in",
    "session.begin": "signed in, with the second step still to come",
    "session.step_up": "confirmed at the sign-in service that it was you",
    "session.confirm": "confirmed with a passkey that it was you",
    "session.close": "ended a session of yours",
    "session.close_all": "ended every session here, and yours with them",
    "passkey.add": "added a passkey of yours",
    "passkey.change": "renamed a passkey of yours",
    "passkey.remove": "removed a passkey of yours",
    "passkey.code": "made a code for a new passkey of yours",
    "waiting.join": "put you on the waiting list",
    "waiting.leave": "took you off the waiting list",
    "waiting.offer": "kept a time that became free for you",
    "waiting.decline": "gave back a time that was kept for you",
    "waiting.lapse": "gave back a time that was kept for you and not answered",
    "calendar.subscribe": "had busy times of yours read from another calendar",
    "calendar.unsubscribe": "had another calendar of yours read no more",
    "feed.make": "made a secret address for your calendar",
    "feed.revoke": "revoked the secret address of your calendar",
    "appointment.hold": "kept a time",
    "appointment.extend": "kept a time for longer",
    "appointment.release": "gave a time back",
    "appointment.book": "booked an appointment of yours",
    "appointment.cancel": "cancelled an appointment of yours",
    "appointment.follow_clock": "kept an appointment of yours at its time though the rules of clocks changed",
    "appointment.clash": "noted that an appointment of yours needs another time by new rules of clocks",
    "appointment.confirm": "confirmed an appointment you asked for",
    "appointment.decline": "declined an appointment you asked for",
    "appointment.lapse": "let a request of yours lapse, because nobody answered it",
    "appointment.propose": "proposed other times for an appointment of yours",
    "appointment.take": "took a proposed time for an appointment of yours",
    "appointment.judge": "noted how an appointment of yours went",
    "appointment.conclude": "noted from who came how an appointment of yours went",
    "appointment.move": "moved an appointment of yours",
    "appointment.leave": "ended somebody's part in a shared appointment of yours",
    "hours.change": "changed your hours",
    "partner.invite": "made a link to invite somebody",
    "partner.withdraw": "withdrew a link to invite somebody",
    "partner.join": "joined a shared appointment of yours",
    "partner.decline": "said no to a shared appointment of yours",
    "partner.agree": "said that they come at the new time of a shared appointment of yours",
    "partner.suggest": "suggested another time for a shared appointment of yours",
    "room.ticket": "came to the door of your session",
    "room.connect": "was connected in your session",
    "room.enter": "entered your session",
    "room.admit": "let somebody into your session",
    "room.back": "sent somebody back to the door of your session",
    "room.part": "spoke with those in your session apart from each other",
    "room.gather": "brought everybody in your session together again",
    "room.remove": "removed somebody from your session",
    "room.lock": "locked your session",
    "room.unlock": "unlocked your session",
    "room.differ": "found that the words compared in your session differed: somebody may have been in between",
    "room.whereabouts": "said, for your session, where to send help and whom to call",
    "room.locate": "looked up where to send help for you and whom to call",
    "note.write": "kept private notes about a session of yours",
    "note.remove": "removed private notes about a session of yours",
    "room.end": "ended your session",
    "notice.announce": "sent a message to you",
    "notice.read": "read a message to you",
    "notice.mail": "told you by e-mail that there is a message for you",
    "notice.retry": "had an e-mail to you sent again that could not be sent",
    "notice.drop": "let go of an e-mail to you that could not be sent",
    "preferences.change": "changed how you wish to be told of things",
    "emergency.ask": "asked for your record in an emergency",
    "emergency.confirm": "agreed that your record is opened in an emergency",
    "emergency.decline": "said no to opening your record in an emergency",
    "emergency.withdraw": "took back a request for your record",
    "emergency.end": "closed your record after an emergency",
    "service.create": "offered something new",
    "service.change": "changed a service",
    "service.retire": "stopped offering a service",
    "service.offer": "offered a service again",
    "policy.change": "changed the policies of the practice",
    "number.add": "added an emergency number",
    "number.change": "changed an emergency number",
    "number.remove": "removed an emergency number",
    "retention.run": "cleared away what was kept long enough",
    "record.resume": "went on with the record after a restore",
    "backup.make": "made a backup",
    "backup.restore": "put back a backup",
    "keys.new": "made a new key",
    "keys.destroy": "destroyed an old key",
    "keys.rotate.kek.begin": "began to change the outermost key",
    "keys.rotate.kek.end": "finished changing the outermost key",
    "keys.rotate.subjects.begin": "began to change people's keys",
    "keys.rotate.subjects.end": "finished changing people's keys",
    "keys.rotate.records.begin": "began to change the keys of records",
    "keys.rotate.records.end": "finished changing the keys of records",
}
LOOK = "record.look"
LOOKED_AT = {"appointment": "opened an appointment of yours"}  # the page of one, which says more than a list
REFUSED = {
    "appointment": "tried to open an appointment of yours, and was refused",
    "person": "tried something with your account, and was refused",
    "hours": "tried to change your hours, and was refused",
    "notice": "tried to open a message to you, and was refused",
    "passkey": "tried to change a passkey of yours, and was refused",
    "waiting": "tried to change what you wait for, and was refused",
    "calendar": "tried to change another calendar of yours, and was refused",
    "emergency": "tried something with a request for your record, and was refused",
}
REFUSED_ANYTHING = "tried to open something of yours, and was refused"
_THEM = {"you": "them", "your": "their", "yours": "theirs"}
_YOU = re.compile(r"\b(?:you|your|yours)\b")


def words_of(type_: str, outcome: str, entity: str = "") -> str:
    """What an entry of this type says was done, as the person concerned reads it. `entity`: with what kind of thing."""
    if outcome == "refused":
        return REFUSED.get(type_.split(".", maxsplit=1)[0], REFUSED_ANYTHING)
    if type_ == LOOK:
        return LOOKED_AT.get(entity, WORDS[LOOK])
    return WORDS.get(type_, ANYTHING)


def words_about(type_: str, outcome: str, entity: str = "") -> str:
    """The same as the administrator reads it: about them."""
    return _YOU.sub(lambda found: _THEM[found[0]], words_of(type_, outcome, entity))
