"""What a process counts by itself, under the names that Prometheus sees. No label names a person or holds an id."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
# What an entry of the record says became of a time; refusals are counted where they are answered.
BOOKINGS = {
    "appointment.hold": "held",
    "appointment.book": "booked",
    "appointment.confirm": "confirmed",
    "appointment.move": "moved",
    "appointment.cancel": "cancelled",
    "appointment.decline": "declined",
    "appointment.lapse": "lapsed",
}
PATHS = ("direct", "relay", "unknown", "failed")


@dataclass(frozen=True)
class Rooms:
    """The rooms this process serves: open ones, sockets in them, and messages passed on since the start."""

    open: int
    seats: int
    relayed: int


class Meters:
    """The counters of one process; each process has one of these."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter(
            "telehealth_requests", "Answers by route, method and status.", "route", "method", "status"
        )
        self.seconds = Histogram(
            "telehealth_request_seconds",
            "Seconds until an answer began, by route.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.refusals = self._counter("telehealth_refusals", "Refusals by route and code.", "route", "code")
        self.bookings = self._counter(
            "telehealth_bookings", "What became of times that somebody wanted or had, by outcome.", "outcome"
        )
        self.paths = self._counter(
            "telehealth_ice_results", "How browsers reached one another, as their pages say.", "path"
        )
        self.turns = self._counter(
            "telehealth_job_turns", "Turns of what happens by itself.", "task", "outcome"
        )
        self.turned_at = Gauge(
            "telehealth_job_last_success_timestamp_seconds",
            "When a job last had a turn that did not fail.",
            ("task",),  # `job` is Prometheus's own word for what it reads
            registry=self.registry,
        )
        for outcome in (
            *BOOKINGS.values(),
            "refused",
        ):  # what has not happened yet is 0, so that a rate can be told
            self.bookings.labels(outcome)
        for path in PATHS:
            self.paths.labels(path)
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self.registry)

    def acted(self, type_: str) -> None:
        """Something was done and is on record under this type."""
        outcome = BOOKINGS.get(type_)
        if outcome is not None:
            self.bookings.labels(outcome).inc()

    def reached(self, path: str) -> None:
        """A page says how it reached the other one, or that it could not. What it should not say is unknown."""
        self.paths.labels(path if path in PATHS else "unknown").inc()

    def turned(self, job: str, at: float, *, failed: bool) -> None:
        """A job had its turn; `at` is the time of day, in seconds."""
        self.turns.labels(job, "failed" if failed else "done").inc()
        if not failed:
            self.turned_at.labels(job).set(at)

    def watch_rooms(self, rooms: Callable[[], Rooms]) -> None:
        """From now on the rooms are told, too; asked whenever somebody reads the figures."""
        self.registry.register(_Rooms(rooms))


class _Rooms(Collector):
    def __init__(self, rooms: Callable[[], Rooms]) -> None:
        self._rooms = rooms

    def collect(self) -> Iterable[Metric]:
        found = self._rooms()
        yield GaugeMetricFamily("telehealth_rooms_open", "Rooms open in this process.", value=found.open)
        yield GaugeMetricFamily("telehealth_seats", "Sockets of people in rooms.", value=found.seats)
        yield CounterMetricFamily(
            "telehealth_relayed_messages", "Messages passed on between browsers.", value=found.relayed
        )

    def describe(self) -> Iterator[Metric]:
        return iter(())
