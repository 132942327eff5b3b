"""Whatever people do one after another, everything stands as a small model says: no time twice, no booking lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test

from tests.people import COUPLE, MIKA, NADIA, OMAR, ROSA, SINGLE, STRANGER
from tests.unit.appointments.machine.bookings import Bookings
from tests.unit.appointments.machine.choices import DAYS, starts
from tests.unit.appointments.machine.company import Company
from tests.unit.appointments.machine.desk import Desk
from tests.unit.appointments.machine.practice import Open
from tests.unit.appointments.machine.times import ASKED_FIRST, BY_TWO, Time
from tests.unit.appointments.machine.waiting import Waiting

SIZES = {"sqlite": 18, "postgresql": 9}
STEPS = 40


class Days(Bookings, Company, Waiting, Desk):
    """What may happen, in any order."""

    @initialize(start=starts, first=starts, second=starts, along=st.booleans(), waits=st.booleans())
    def somebody_has_booked(self, start: Any, first: Any, second: Any, along: bool, waits: bool) -> None:
        """For two, who may come together already; and as far as there is room, with two therapists, and asked first.
        Two may wait for the same."""
        self._book(ROSA, Time(COUPLE, NADIA.id, start), None, again=False)
        if along:
            (entry,) = self.book_.entries.values()
            self._invite(entry, ROSA)
            self._join(entry, MIKA)
        self._book(STRANGER, Time(ASKED_FIRST, OMAR.id, first), None, again=False)
        self._book(MIKA, Time(BY_TWO, NADIA.id, second, OMAR.id), None, again=False)
        for client in (ROSA, STRANGER) if waits else ():
            self._wish(client, SINGLE, None, DAYS[0])
            self.clock.advance(minutes=1)


@pytest.fixture
def machine(fresh_database: Open, tmp_path: Path) -> Callable[[], Days]:
    def made() -> Days:
        folder = tmp_path / f"practice-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return Days(fresh_database, folder)

    return made


def test_the_book_stands_as_a_model_says(machine: Callable[[], Days], request: pytest.FixtureRequest) -> None:
    kind = request.node.callspec.params["fresh_database"]
    few = settings(
        max_examples=SIZES[kind],
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
    )
    run_state_machine_as_test(machine, settings=few)  # type: ignore[arg-type]  # it calls whatever makes one
