"""Time for tests: it stands still until somebody moves it."""

from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class FakeClock:
    """Called like a clock; `now` is aware UTC."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta | None = None, *, minutes: float = 0, seconds: float = 0) -> None:
        """Move on by a timedelta, or by minutes and seconds."""
        self.now += (by or timedelta()) + timedelta(minutes=minutes, seconds=seconds)
