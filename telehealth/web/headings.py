"""Headings of refusals: what happened in a few words, by the stable code, where the family's own words do not fit."""

from collections.abc import Mapping

FROM_ELSEWHERE = "This was not sent from here"
NOT_IN = "Nobody was signed in"
NOT_CONFIRMED = "It was not confirmed"
NO_PASSKEY = "The passkey was not accepted"
NO_CODE = "The code was not accepted"

HEADINGS: Mapping[str, str] = {
    # Forbidden: each has words of its own, since no heading is true of them all.
    "csrf_origin": FROM_ELSEWHERE,
    "csrf_token": "Please load the page again",
    "account_disabled": "This account is closed",
    "account_not_theirs": "This account stays closed for now",
    "invitation_account_known": NOT_IN,
    "invitation_over": NOT_IN,
    "login_cancelled": NOT_IN,
    "login_issuer": NOT_IN,
    "login_not_asked": NOT_IN,
    "login_not_fresh": NOT_IN,
    "login_other_subject": NOT_IN,
    "login_refused": NOT_IN,
    "login_state": NOT_IN,
    "login_without_groups": NOT_IN,
    "login_without_identity": NOT_IN,
    "step_up_not_asked": NOT_CONFIRMED,
    "step_up_one_factor": NOT_CONFIRMED,
    "step_up_other_account": NOT_CONFIRMED,
    "step_up_session": NOT_CONFIRMED,
    "passkey_code": NO_CODE,
    "passkey_copied": NO_PASSKEY,
    "passkey_not_alone": NO_PASSKEY,
    "passkey_not_vouched": NO_PASSKEY,
    "passkey_refused": NO_PASSKEY,
    "passkey_unknown": NO_PASSKEY,
    "not_a_client": "This is for clients",
    "offer_over": "This time is not kept any more",
    "enough_wishes": "You wait for enough",
    "enough_calendars": "You have as many as we read",
    "own_request": "It takes a second person",
    "staff_erased_by_administrator": "An administrator does this",
    # Conflict: where nothing has changed meanwhile, and it simply cannot be.
    "enough_requests": "There are open requests",
    "hours_twice": "That is there already",
    "too_many_hours": "There are enough entries",
    "not_yours_alone": "This is for you both",
    "joined_already": "You come along already",
    "nobody_missing": "Nobody is missing",
    "own_account": "Not your own account",
    "own_role": "Not your own role",
    "still_seen": "Clients still find them",
    "passkey_known": "There is a passkey already",
    "passkey_none": "There is no passkey for this",
    "passkeys_enough": "There are enough passkeys",
    "person_erased": "This account stays closed",
    "service_name_taken": "There is one of this name",
    "numbers_enough": "There are enough numbers",
    "clients_booked": "Somebody has a time with them",
    "step_up_no_provider": NOT_CONFIRMED,
    "too_late_to_cancel": "It is too late for that here",
    "too_late_to_answer": "It is too late for that here",
    "not_in_hours": "Not in your hours any more",
    "none_free": "None of these times is free",
    "not_staff": "This is for staff",
    "not_the_therapist": "Only the therapist answers this",
    "client_came": "Somebody was at the door",
    "not_now": "This cannot be said now",
    "not_its_therapist": "Only the therapist says this",
    "too_late_to_move": "It is too late for that here",
    "client_busy": "Somebody is not free then",
    "you_are_booked_then": "You have a time then",
}
