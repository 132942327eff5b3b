"""`telehealth probe`: a short session through a running deployment, for whoever watches it."""

import asyncio
import json
import ssl
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer

from telehealth.addresses import origin_from
from telehealth.cli.configured import part_of
from telehealth.cli.progress import Steps
from telehealth.settings.declared import PROBE_SECRET
from telehealth.settings.reading import needed

app = typer.Typer(add_completion=False)
WAYS = ("direct", "relayed")
FAILURES = {
    "not_reached": "the service does not answer there",
    "refused": "the service let the probe in and sent it away again",
    "no_secret": "the service does not take this secret, or has none",
    "no_relay": "the service has no relay",
    "not_allowed": "the practice allows relayed sessions only",
    "no_connection": "the two found no way to each other",
}
MEANT = frozenset({"not_allowed"})  # a failure that is a choice of the practice


@dataclass(frozen=True)
class Probing:
    """`secret`: the one that the service has; here it has to be there."""

    secret: str = needed(PROBE_SECRET)


@app.command()
def probe(
    url: Annotated[str, typer.Argument(help="Where the service is, such as https://clinic.example.")],
    seconds: Annotated[float, typer.Option(min=1, max=60, help="How long each session lasts.")] = 10,
    ca: Annotated[
        Path | None, typer.Option(exists=True, help="Certificates to trust beside the system's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")] = False,
) -> None:
    """Two machines hold a session, directly and by the relay, and say how it went; 1 when one did not come about.

    PROBE_SECRET, or PROBE_SECRET_FILE, is the one that the service has.
    """
    try:
        url = origin_from(url)
    except ValueError as error:
        raise typer.BadParameter("it is an address such as https://clinic.example") from error
    secret = part_of(Probing).secret
    tls = ssl.create_default_context()
    if ca is not None:
        tls.load_verify_locations(ca)
    steps, reports = Steps(), []
    for way in WAYS:
        with steps.step(f"{way.capitalize()} session"):
            reports.append(asyncio.run(_session(url, secret, way, seconds, tls)))
    if as_json:
        typer.echo(json.dumps({"url": url, "sessions": reports}))
    else:
        for each in reports:
            typer.echo(said(each))
    if any(each["failure"] and each["failure"] not in MEANT for each in reports):
        raise typer.Exit(1)


def said(session: dict[str, Any]) -> str:
    """One line about one session."""
    if session["failure"]:
        return f"{session['way']}: {FAILURES[session['failure']]}"
    return (
        f"{session['way']}: set up in {session['set_up']:.0f} ms, {session['round_trip']:.0f} ms there and back, "
        f"jitter {session['jitter']:.0f} ms, {100 * session['loss']:.1f} % lost, {session['path']}"
    )


async def _session(url: str, secret: str, way: str, seconds: float, tls: ssl.SSLContext) -> dict[str, Any]:
    """What `signaling.probe.Report` says. aiortc takes a third of a second: no other command waits for it."""
    probing = import_module("signaling.probe")
    try:
        tickets = await _tickets(url, secret, tls)
    except httpx2.HTTPError:
        return asdict(probing.Report(way, "not_reached"))
    if tickets is None:
        return asdict(probing.Report(way, "no_secret"))
    socket = url.replace("http", "ws", 1) + "/signaling"
    return asdict(await probing.probe(socket, url, tickets, way, seconds=seconds, tls=tls))


async def _tickets(url: str, secret: str, tls: ssl.SSLContext) -> tuple[str, str] | None:
    """Two tickets to a room of the probe's own; None where the service does not know the secret."""
    async with httpx2.AsyncClient(verify=tls, timeout=10) as client:
        answer = await client.post(f"{url}/probe/tickets", headers={"Authorization": f"Bearer {secret}"})
    if answer.status_code == 404:
        return None
    answer.raise_for_status()
    host, guest = answer.json()["tickets"]
    return host, guest
