"""What the machine chooses from."""

from datetime import timedelta

from hypothesis import strategies as st

from tests.people import COUPLE, MIKA, NADIA, OMAR, ROSA, SINGLE, STRANGER
from tests.unit.appointments.machine.times import ASKED_FIRST, BY_TWO, STARTS, Time
from tests.unit.appointments.scene import TEN, Browser

CLIENTS = (ROSA, MIKA, STRANGER)
BROWSERS = {each.id: Browser(each.id.decode(), each.id.decode()) for each in CLIENTS}
JUMPS = (1, 6, 61, 300, 700, 1500)  # minutes
DAYS = tuple((TEN + timedelta(days=each)).date().isoformat() for each in (0, 2))

clients, starts, places = st.sampled_from(CLIENTS), st.sampled_from(STARTS), st.integers(0, 63)
times = st.builds(Time, st.sampled_from((SINGLE, ASKED_FIRST)), st.sampled_from((NADIA.id, OMAR.id)), starts)
times |= st.builds(Time, st.just(COUPLE), st.just(NADIA.id), starts)
times |= st.builds(Time, st.just(BY_TWO), st.just(NADIA.id), starts, st.just(OMAR.id))
others = st.frozensets(starts, min_size=1, max_size=3)
