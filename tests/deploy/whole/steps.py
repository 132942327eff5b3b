"""What happens to a running deployment while two people talk, each step with its figures."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from tests.browser.media import wait_for_frames, wait_for_media
from tests.deploy.whole.asking import Asker
from tests.deploy.whole.browsing import Somebody, beside, somebody
from tests.deploy.whole.figures import Figures
from tests.deploy.whole.stack import HERE, IMAGE, PROJECT, Events, Stack, run

LONGEST_GAP = 1.0
BACK_SECONDS = 10.0
DATABASE_BACK_SECONDS = 5.0
PATIENCE = 25.0  # longer than is good enough, so that what took longer is told as a figure
REPLICAS = ("app-a", "app-b")
ROLLED = "telehealth:tests-next"
BROKEN = "telehealth:tests-broken"
MIGRATION = """
from pathlib import Path
from alembic.script import ScriptDirectory
from telehealth.db import schema
head = ScriptDirectory(schema.MIGRATIONS).get_current_head()
file = Path(schema.MIGRATIONS) / "versions" / "9999_broken.py"
file.write_text(
    f"from alembic import op\\nrevision = '9999'\\ndown_revision = {head!r}\\n"
    "def upgrade():\\n op.execute('CREATE TABLE half (id integer)')\\n raise RuntimeError('broken on purpose')\\n"
)
"""
BREAKING = f"FROM {IMAGE}\nUSER root\nRUN {json.dumps(['python', '-c', MIGRATION])}\nUSER 10001:10001\n"


@dataclass
class Scene:
    """The deployment, the two in their session, and what is measured of them."""

    stack: Stack
    authority: Path
    figures: Figures
    client: Somebody
    therapist: Somebody
    appointment: str = ""
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def two(self) -> tuple[Somebody, Somebody]:
        return self.client, self.therapist

    async def begin(self) -> None:
        for each in self.two:
            await wait_for_frames(each.page)
            await each.begin_gap()

    async def end(self, what: str) -> None:
        """Pictures still come, and no pause between was too long."""
        for each in self.two:
            await wait_for_frames(each.page)
        gap = max([await each.gap_seconds() for each in self.two])
        self.figures.add(
            f"{what}: longest time without a packet", f"{gap:.2f} s", f"at most {LONGEST_GAP:.0f} s"
        )
        assert gap <= LONGEST_GAP, what


async def furnish(scene: Scene) -> None:
    """Accounts at the identity provider, and a practice that is open day and night."""
    for name in ("therapist", "client", "leaving", "office"):
        said = scene.stack.within(
            "identity", "telehealth", "identity", "account", name, f"{name}@clinic.test", "--json"
        )
        scene.accounts[name] = json.loads(said.splitlines()[-1])
    subjects = json.dumps({name: account["subject"] for name, account in scene.accounts.items()})
    said = scene.stack.within(
        "app-a", "python", "-", subjects, said=(HERE / "furnish.py").read_text(encoding="utf-8")
    )
    for name, person_id in json.loads(said).items():
        scene.accounts[name]["id"] = person_id


async def meet(scene: Scene) -> None:
    """Both sign in through Caddy and Canaille, the client books, and they meet by the relay alone."""
    await scene.client.sign_in(scene.accounts["client"])
    scene.appointment = await scene.client.book()
    await scene.therapist.sign_in(scene.accounts["therapist"])
    code = json.loads(
        scene.stack.within("app-a", "telehealth", "passkey-code", scene.accounts["therapist"]["id"], "--json")
    )["code"]
    await scene.therapist.make_passkey(code)
    began = time.monotonic()
    await scene.client.enter(scene.appointment, "Knock")
    await expect(scene.client.page.locator("#waiting")).to_contain_text("You are waiting")
    await scene.therapist.enter(scene.appointment, "Open the room")
    await expect(scene.therapist.page.locator("#knocks")).to_contain_text("The client")
    await scene.therapist.page.get_by_role("button", name="Let in").click()
    for each in scene.two:
        await wait_for_media(each.page)
    scene.figures.add("both doors to pictures and sound on both sides", f"{time.monotonic() - began:.1f} s")
    for each in scene.two:
        assert await each.ways() == ["relay", "relay"]
    scene.figures.add("candidates that carry the call", "relay on both sides", "relay on both sides")


async def kill_replicas(scene: Scene) -> None:
    """Each in turn, as if its computer had lost power."""
    for replica in REPLICAS:
        await scene.begin()
        async with Asker(scene.authority, "/times") as asking:
            await asyncio.to_thread(scene.stack.compose, "kill", "-s", "KILL", replica)
            await asyncio.sleep(BACK_SECONDS)
        await scene.end(f"{replica} killed")
        bad = [status for _, status, _ in asking.answers if status != 200]
        scene.figures.add(
            f"{replica} killed: pages asked for meanwhile", f"{len(asking.answers)}, {len(bad)} refused"
        )
        await all_back(scene, f"{replica} killed")
        await asyncio.to_thread(scene.stack.compose, "start", replica)
        await asyncio.to_thread(scene.stack.wait_healthy, replica)


async def restart_database(scene: Scene) -> None:
    """PostgreSQL goes and comes back: refusals say when to come again, what was booked is there."""
    async with beside(scene.client) as window:
        booked = await window.book(later=True)
    await scene.begin()
    async with Asker(scene.authority, "/times") as asking:
        await asyncio.sleep(1)
        await asyncio.to_thread(scene.stack.compose, "restart", "postgres")
        await asyncio.to_thread(scene.stack.wait_healthy, "postgres")
        ready = time.time()
        back = await asking.seen_back_after(ready, within=DATABASE_BACK_SECONDS + PATIENCE)
    refused = [answer for answer in asking.answers if answer[1] != 200]
    assert {status for _, status, _ in refused} <= {503}, asking.statuses
    assert all(says_when for _, _, says_when in refused)
    scene.figures.add(
        "PostgreSQL restarted: answers 503 with Retry-After", str(len(refused)), "no other refusal"
    )
    assert back is not None
    scene.figures.add(
        "PostgreSQL ready to pages served again", f"{back:.1f} s", f"at most {DATABASE_BACK_SECONDS:.0f} s"
    )
    assert back <= DATABASE_BACK_SECONDS
    await scene.end("PostgreSQL restarted")
    async with beside(scene.client) as window:
        answer = await window.page.goto(booked)
        assert answer is not None
        assert answer.status == 200


async def kill_valkey(scene: Scene) -> None:
    """Rooms and limits lose what they share; people sign in, book and talk."""
    await scene.begin()
    await asyncio.to_thread(scene.stack.compose, "kill", "-s", "KILL", "valkey")
    async with beside(scene.client) as window:
        await window.book(later=True)
    browser = scene.client.page.context.browser
    assert browser is not None
    async with somebody(browser) as other:
        await other.sign_in(scene.accounts["leaving"])
    scene.figures.add("Valkey killed", "sign-in and booking went on", "both go on")
    await scene.end("Valkey killed")
    await asyncio.to_thread(scene.stack.compose, "start", "valkey")


async def fail_to_upgrade(scene: Scene) -> None:
    """To an image whose migration ends half-way: it stops there, and nobody notices."""
    await asyncio.to_thread(run, "docker", "build", "-q", "-t", BROKEN, "-", said=BREAKING, timeout=300)
    scene.stack.set(TELEHEALTH_IMAGE=BROKEN, COMPOSE_PROJECT_NAME=PROJECT)
    before = scene.stack.compose("ps", "-q", *REPLICAS)
    await scene.begin()
    async with Asker(scene.authority, "/times") as asking:
        failed = asyncio.to_thread(run, "deploy/upgrade", folder=scene.stack.folder, timeout=300)
        said = await asyncio.gather(failed, return_exceptions=True)
    assert "broken on purpose" in str(said[0]), said
    assert scene.stack.compose("ps", "-q", *REPLICAS) == before
    await scene.end("a migration failed")
    assert asking.statuses == {200}, asking.statuses
    scene.figures.add("a migration failed", "the old version ran on", "the old version runs on")


async def roll(scene: Scene) -> None:
    """To another image, by the command of the guide, in the middle of the call."""
    following = f"FROM {IMAGE}\nLABEL next=1\n"
    await asyncio.to_thread(run, "docker", "build", "-q", "-t", ROLLED, "-", said=following, timeout=300)
    scene.stack.set(TELEHEALTH_IMAGE=ROLLED, COMPOSE_PROJECT_NAME=PROJECT)
    await scene.begin()
    began = time.time()
    with Events(scene.stack.folder / "events") as events:
        async with Asker(scene.authority, "/times") as asking:
            await asyncio.to_thread(run, "deploy/upgrade", folder=scene.stack.folder, timeout=900)
            took = time.time() - began
            await asyncio.sleep(BACK_SECONDS)
        _assert_order(events.seen())
    await scene.end("rolled to a new image")
    refused = [status for _, status, _ in asking.answers if status != 200]
    scene.figures.add("rolled: whole time", f"{took:.0f} s")
    scene.figures.add("rolled: pages asked for meanwhile", f"{len(asking.answers)}, {len(refused)} refused")
    for each in scene.two:
        closed = [one["code"] for one in await each.sockets() if one["what"] == "closed"]
        # The page gives a socket back (4000) when the server that it asked for a ticket goes meanwhile, and asks again.
        assert closed.count(1012) >= 1, closed
        assert set(closed) <= {1012, 4000}, closed
    await all_back(scene, "rolled")
    words = [f"{state[0]} {state[1]}".strip() for state in scene.stack.states().values()]
    assert not [word for word in words if "unhealthy" in word], words


def _assert_order(events: list[dict[str, Any]]) -> None:
    """migrate ends well; then a goes and is healthy; only then b goes."""

    def first(service: str, action: str) -> float:
        return min(
            float(e["at"]) for e in events if e["service"] == service and e["action"].startswith(action)
        )

    ended = [e for e in events if e["service"] == "migrate" and e["action"] == "die"]
    assert {e["code"] for e in ended} == {"0"}, ended
    order = [
        ended[0]["at"],
        first("app-a", "die"),
        first("app-a", "health_status: healthy"),
        first("app-b", "die"),
        first("app-b", "health_status: healthy"),
    ]
    assert order == sorted(order), events


async def all_back(scene: Scene, what: str) -> None:
    """Each socket that was closed is followed by one that joined, soon enough."""
    longest = 0.0
    for each in scene.two:
        away: float | None = None
        for event in await each.sockets():
            if event["what"] == "closed":
                away = event["at"] if away is None else away
            elif away is not None:
                longest, away = max(longest, (event["at"] - away) / 1000), None
    scene.figures.add(f"{what}: sockets back after", f"{longest:.1f} s", f"at most {BACK_SECONDS:.0f} s")
    assert longest <= BACK_SECONDS, what
