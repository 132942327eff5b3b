"""What is counted, under which names, and that none of it could name anybody."""

import re

import httpx2
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from telehealth.watching.meters import Meters, Rooms
from telehealth.watching.port import port
from telehealth.watching.requests import Counted


def samples(text: str) -> dict[str, float]:
    """Every sample by its name and labels, as they are written."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def said(meters: Meters) -> dict[str, float]:
    return samples(generate_latest(meters.registry).decode())


async def page(request: Request) -> Response:
    return PlainTextResponse("here")


async def refused(request: Request) -> Response:
    request.state.refused_as = "time_taken"
    return PlainTextResponse("no", 409)


async def breaks(request: Request) -> Response:
    raise RuntimeError("Rosa's words")


async def asked(meters: Meters, method: str, path: str) -> None:
    routes = [
        Route("/appointments/{id}", page),
        Route("/appointments", refused, methods=["POST"]),
        Route("/broken", breaks),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Counted, meters=meters)])
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
        await client.request(method, path)


async def test_answers_are_counted_by_the_route_as_the_table_writes_it() -> None:
    meters = Meters()
    for id_ in ("ab" * 16, "cd" * 16):
        await asked(meters, "GET", f"/appointments/{id_}")
    found = said(meters)
    assert found["telehealth_requests_total{method=GET,route=/appointments/{id},status=200}"] == 2
    assert found["telehealth_request_seconds_count{route=/appointments/{id}}"] == 2
    assert not re.search(r"[0-9a-f]{32}", str(found))


async def test_what_a_stranger_makes_up_makes_no_new_figure() -> None:
    meters = Meters()
    for word in ("rosa", "mika"):
        await asked(meters, "GET", f"/nothing/{word}")
        await asked(meters, f"BREW-{word}", "/appointments")
    found = said(meters)
    assert found["telehealth_requests_total{method=GET,route=none,status=404}"] == 2
    assert found["telehealth_requests_total{method=other,route=/appointments,status=405}"] == 2
    assert "rosa" not in str(found).lower()


async def test_a_refused_time_is_an_outcome_and_a_refusal() -> None:
    meters = Meters()
    await asked(meters, "POST", "/appointments")
    found = said(meters)
    assert found["telehealth_refusals_total{code=time_taken,route=/appointments}"] == 1
    assert found["telehealth_bookings_total{outcome=refused}"] == 1


async def test_what_breaks_further_in_is_counted_as_well() -> None:
    meters = Meters()
    await asked(meters, "GET", "/broken")
    found = said(meters)
    assert found["telehealth_requests_total{method=GET,route=/broken,status=499}"] == 1


def test_bookings_are_counted_by_what_stands_on_record() -> None:
    meters = Meters()
    for type_ in ("appointment.book", "appointment.book", "appointment.cancel", "record.look"):
        meters.acted(type_)
    found = said(meters)
    assert found["telehealth_bookings_total{outcome=booked}"] == 2
    assert found["telehealth_bookings_total{outcome=cancelled}"] == 1
    assert (
        found["telehealth_bookings_total{outcome=moved}"] == 0
    )  # there from the start, so that a rate is told


def test_a_page_can_say_four_words_of_its_path_and_no_other() -> None:
    meters = Meters()
    for word in ("direct", "relay", "failed", "192.0.2.1"):
        meters.reached(word)
    paths = {name: value for name, value in said(meters).items() if "ice_results_total" in name}
    assert set(paths.values()) == {1}
    assert len(paths) == 4
    assert "192" not in str(paths)


def test_a_job_that_fails_has_a_turn_and_no_success() -> None:
    meters = Meters()
    meters.turned("mail", 1000.0, failed=False)
    meters.turned("mail", 2000.0, failed=True)
    found = said(meters)
    assert found["telehealth_job_turns_total{outcome=failed,task=mail}"] == 1
    assert found["telehealth_job_last_success_timestamp_seconds{task=mail}"] == 1000


async def test_the_port_has_the_figures_and_nothing_else() -> None:
    meters, refreshed = Meters(), 0
    meters.watch_rooms(lambda: Rooms(2, 5, 70))

    async def refresh() -> None:
        nonlocal refreshed
        refreshed += 1

    transport = httpx2.ASGITransport(port(meters, refresh))
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
        found = samples((await client.get("/metrics")).text)
        assert (await client.get("/")).status_code == 404
    assert refreshed == 1
    assert (found["telehealth_rooms_open{}"], found["telehealth_seats{}"]) == (2, 5)
    assert found["telehealth_relayed_messages_total{}"] == 70
    assert found["process_resident_memory_bytes{}"] > 0
