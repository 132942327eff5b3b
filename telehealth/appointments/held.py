"""Statements about held times, built once since every booking sends them."""

from sqlalchemy import and_, bindparam, or_, select

from telehealth.appointments.models import appointments
from telehealth.availability.models import holds, occupancies
from telehealth.db.among import Among
from telehealth.db.direct import built_once

# A hold hangs on a browser, and on the person who was signed in when it was made.
THEIR_HOLDS = built_once(
    select(
        appointments.c.id,
        appointments.c.service_id,
        appointments.c.therapist_id,
        appointments.c.co_therapist_id,
        appointments.c.starts_at,
        appointments.c.ends_at,
        holds.c.held_until,
        holds.c.extended,
    )
    .join_from(appointments, holds, holds.c.appointment_id == appointments.c.id)
    .where(or_(holds.c.holder == bindparam("holder"), holds.c.person_id == bindparam("person_id")))
)
THAT_HOLD = built_once(THEIR_HOLDS.where(appointments.c.id == bindparam("hold_id")))
EXPIRED_HOLDS = built_once(
    select(holds.c.appointment_id)
    .join(occupancies, occupancies.c.appointment_id == holds.c.appointment_id)
    .where(
        Among(occupancies.c.party, "ids"),
        holds.c.held_until <= bindparam("now"),
        or_(
            holds.c.held_until <= bindparam("before"),
            and_(occupancies.c.starts_at < bindparam("end"), occupancies.c.ends_at > bindparam("start")),
        ),
    )
    .distinct()
)
