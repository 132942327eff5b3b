"""Adding, signing in and confirming, on both databases, a refusal beside every success."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from telehealth.errors import Conflict, Forbidden, Refusal
from telehealth.passkeys import acts, keeping, rules, vouching
from telehealth.passkeys.models import passkeys as table
from telehealth.people import models as people
from telehealth.people import sessions
from tests.authenticator import Authenticator, text
from tests.clock import FakeClock
from tests.people import ADMIN, MIKA, NADIA, ROSA
from tests.unit.passkeys.scene import SITE, VISIT, Scene


async def refusal_of(step: object) -> str:
    with pytest.raises(Refusal) as refused:
        await step  # type: ignore[misc]
    return refused.value.code


async def test_a_client_adds_a_passkey_and_comes_in_with_it_alone(scene: Scene) -> None:
    device = Authenticator()
    kept = await scene.add(await scene.session(ROSA), device)
    assert kept.name == "My phone"
    assert not kept.vouched
    person = await scene.sign_in(device)
    assert person.id == ROSA.id
    back = await sessions.come_back(scene.office, b"s" * 32)
    assert back is not None
    assert (back.person, back.provider, back.strong, back.pending) == (person, acts.PROVIDER, True, False)
    assert {("passkey.add", "success"), ("session.open", "success")} <= set(await scene.recorded())


async def test_what_is_kept_says_nothing_without_its_key(scene: Scene) -> None:
    device = Authenticator()
    await scene.add(await scene.session(ROSA), device, name="Canary ring")
    async with scene.office.database.reading() as connection:
        row = (await connection.execute(select(table))).one()
    for secret in (b"Canary", device.credential_id, text(device.credential_id).encode()):
        assert secret not in bytes(row.credential) + row.credential_hash


async def test_an_authenticator_that_never_counts_is_taken_again_and_again(scene: Scene) -> None:
    device = Authenticator(counts=False)
    await scene.add(await scene.session(ROSA), device)
    for new in (b"s", b"t", b"u"):
        assert (await scene.sign_in(device, new=new)).id == ROSA.id


async def test_an_unknown_passkey_opens_nothing(scene: Scene) -> None:
    stranger = Authenticator(credential_id=b"never added", user=ROSA.id)
    assert await refusal_of(scene.sign_in(stranger)) == "passkey_unknown"


async def test_a_removed_passkey_opens_nothing(scene: Scene) -> None:
    device = Authenticator()
    kept = await scene.add(await scene.session(ROSA), device)
    await keeping.remove(scene.office, ROSA, kept.id)
    assert await refusal_of(scene.sign_in(device)) == "passkey_unknown"


@pytest.mark.parametrize("handle", [MIKA.id, b"x"])
async def test_a_passkey_that_names_another_person_is_refused_and_on_record(
    scene: Scene, handle: bytes
) -> None:
    device = Authenticator()
    await scene.add(await scene.session(ROSA), device)
    assert await refusal_of(scene.sign_in(device.cheating(user_handle=handle))) == "passkey_refused"
    assert ("person.refused", "refused") in await scene.recorded()
    assert await sessions.come_back(scene.office, b"s" * 32) is None


async def test_a_counter_that_goes_back_is_refused_and_on_record(scene: Scene) -> None:
    device = Authenticator()
    session = await scene.session(ROSA)
    await scene.add(session, device)
    await scene.sign_in(device)
    device.counter = 0
    assert await refusal_of(scene.sign_in(device, new=b"t")) == "passkey_copied"
    device.counter = 0
    assert await refusal_of(scene.confirm(session, device)) == "passkey_copied"
    assert (await scene.recorded()).count(("person.refused", "refused")) == 2
    device.counter = 9
    assert (await scene.sign_in(device, new=b"u")).id == ROSA.id


async def test_staff_never_come_in_with_a_passkey_alone(scene: Scene) -> None:
    device = Authenticator()
    await scene.add(await scene.session(NADIA, strong=True), device)
    assert await refusal_of(scene.sign_in(device)) == "passkey_not_alone"


async def test_a_disabled_account_stays_out(scene: Scene) -> None:
    device = Authenticator()
    await scene.add(await scene.session(ROSA), device)
    async with scene.office.database.transaction() as connection:
        of_rosa = people.people.c.id == ROSA.id
        await connection.execute(
            update(people.people).where(of_rosa).values(disabled_at=scene.office.clock())
        )
    assert await refusal_of(scene.sign_in(device)) == "account_disabled"


async def test_a_challenge_is_answered_once(scene: Scene) -> None:
    device = Authenticator()
    await scene.add(await scene.session(ROSA), device)
    options = await acts.start_sign_in(scene.office, SITE, VISIT)
    answer = device.prove(options)
    await acts.sign_in(scene.office, SITE, answer, visit=VISIT, session_hash=b"s" * 32)
    again = acts.sign_in(scene.office, SITE, answer, visit=VISIT, session_hash=b"t" * 32)
    assert await refusal_of(again) == "passkey_challenge"


async def test_a_refused_answer_uses_its_challenge_up(scene: Scene) -> None:
    device = Authenticator()
    await scene.add(await scene.session(ROSA), device)
    options = await acts.start_sign_in(scene.office, SITE, VISIT)
    for device_, code in (
        (device.cheating(origin="https://x.example"), "passkey_refused"),
        (device, "passkey_challenge"),
    ):
        step = acts.sign_in(scene.office, SITE, device_.prove(options), visit=VISIT, session_hash=b"s" * 32)
        assert await refusal_of(step) == code


async def test_a_challenge_lives_five_minutes(scene: Scene, clock: FakeClock) -> None:
    device = Authenticator()
    await scene.add(await scene.session(ROSA), device)
    options = await acts.start_sign_in(scene.office, SITE, VISIT)
    clock.advance(rules.CHALLENGE_LIVES - timedelta(seconds=1))
    early = device.prove(options)
    late_options = await acts.start_sign_in(scene.office, SITE, VISIT)
    assert await acts.sign_in(scene.office, SITE, early, visit=VISIT, session_hash=b"s" * 32)
    clock.advance(rules.CHALLENGE_LIVES)
    late = acts.sign_in(scene.office, SITE, device.prove(late_options), visit=VISIT, session_hash=b"t" * 32)
    assert await refusal_of(late) == "passkey_challenge"


async def test_a_challenge_belongs_to_one_browser_session_and_purpose(scene: Scene) -> None:
    device = Authenticator()
    first, second = await scene.session(ROSA), await scene.session(ROSA)
    await scene.add(first, device)
    options = await acts.start_sign_in(scene.office, SITE, VISIT)
    elsewhere = acts.sign_in(
        scene.office, SITE, device.prove(options), visit=b"w" * 32, session_hash=b"s" * 32
    )
    assert await refusal_of(elsewhere) == "passkey_challenge"
    options = await acts.start_confirming(scene.office, SITE, first, staff_factor=True)
    for session in (second, first):
        step = acts.confirm(
            scene.office, SITE, device.prove(options), session, session_hash=b"n" * 32, staff_factor=True
        )
        if session is second:
            assert await refusal_of(step) == "passkey_challenge"
        else:
            await step
    options = await acts.start_confirming(scene.office, SITE, first, staff_factor=True)
    other_purpose = acts.sign_in(
        scene.office, SITE, device.prove(options), visit=VISIT, session_hash=b"t" * 32
    )
    assert await refusal_of(other_purpose) == "passkey_challenge"


async def test_the_second_step_makes_a_pending_session_a_whole_one_under_a_new_cookie(scene: Scene) -> None:
    device = Authenticator()
    await scene.add(await scene.session(NADIA, strong=True), device)
    pending = await scene.session(NADIA, pending=True)
    await scene.confirm(pending, device)
    back = await sessions.come_back(scene.office, b"n" * 32)
    assert back is not None
    assert (back.id, back.pending, back.strong) == (pending.id, False, True)
    assert back.stepped_up_at == scene.office.clock()
    assert await sessions.come_back(scene.office, bytes([2]) * 32) is None
    assert ("session.confirm", "success") in await scene.recorded()


async def test_the_second_step_takes_nobody_elses_passkey(scene: Scene) -> None:
    mine, theirs = Authenticator(), Authenticator()
    await scene.add(await scene.session(NADIA, strong=True), mine)
    await scene.add(await scene.session(ADMIN, strong=True), theirs)
    pending = await scene.session(NADIA, pending=True)
    assert await refusal_of(scene.confirm(pending, theirs)) == "passkey_unknown"
    back = await sessions.come_back(scene.office, b"\x03" * 32)
    assert back is not None
    assert back.pending


async def test_a_passkey_from_a_time_as_a_client_is_no_second_step(scene: Scene) -> None:
    device = Authenticator()
    await scene.add(await scene.session(ROSA, strong=True), device)
    async with scene.office.database.transaction() as connection:
        of_rosa = people.people.c.id == ROSA.id
        await connection.execute(update(people.people).where(of_rosa).values(role="therapist"))
    pending = await scene.session(ROSA, pending=True)
    assert await refusal_of(scene.confirm(pending, device)) == "passkey_none"
    options = await acts.start_confirming(scene.office, SITE, pending, staff_factor=False)
    step = acts.confirm(
        scene.office, SITE, device.prove(options), pending, session_hash=b"n" * 32, staff_factor=True
    )
    assert await refusal_of(step) == "passkey_not_vouched"


async def test_one_factor_adds_no_passkey_for_staff_without_a_code(scene: Scene) -> None:
    pending = await scene.session(NADIA, pending=True)
    assert await refusal_of(scene.add(pending, Authenticator())) == "passkey_code"
    code, _ = await vouching.make_code(scene.office, ADMIN, NADIA.id)
    options = await acts.start_adding(scene.office, SITE, pending, code=code)
    answer = Authenticator().make(options)
    step = acts.add(scene.office, SITE, answer, pending, name="", code="", session_hash=b"n" * 32)
    assert await refusal_of(step) == "passkey_code"
    assert await keeping.own(scene.office, NADIA) == []


async def test_a_code_adds_one_vouched_passkey_and_ends_the_waiting(scene: Scene) -> None:
    code, _ = await vouching.make_code(scene.office, ADMIN, NADIA.id)
    pending, device = await scene.session(NADIA, pending=True), Authenticator()
    kept = await scene.add(pending, device, code=code.lower())
    assert kept.vouched
    back = await sessions.come_back(scene.office, b"n" * 32)
    assert back is not None
    assert (back.pending, back.strong) == (False, True)
    again = await scene.session(NADIA, pending=True)
    assert await refusal_of(scene.add(again, Authenticator(), code=code)) == "passkey_code"
    await scene.confirm(again, device, new=b"o")


async def test_nobody_adds_the_same_passkey_twice_or_too_many(scene: Scene) -> None:
    session, device = await scene.session(ROSA), Authenticator()
    await scene.add(session, device)
    with pytest.raises(Conflict) as refused:
        await scene.add(await scene.session(MIKA), Authenticator(credential_id=device.credential_id))
    assert refused.value.code == "passkey_known"
    for _ in range(rules.MAX_PASSKEYS - 1):
        await scene.add(session, Authenticator())
    assert await refusal_of(scene.add(session, Authenticator())) == "passkeys_enough"


async def test_a_lie_in_a_new_passkey_is_on_record(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        await scene.add(await scene.session(ROSA), Authenticator().cheating(flags=1))
    assert ("person.refused", "refused") in await scene.recorded()
    assert await keeping.own(scene.office, ROSA) == []
