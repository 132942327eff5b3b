"""The form of a practice that upgrades during sessions: two replicas, and everything that goes wrong meanwhile."""

from pathlib import Path

from tests.deploy.whole import restoring, steps
from tests.deploy.whole.figures import Figures
from tests.deploy.whole.meeting import meeting
from tests.deploy.whole.stack import build, made, own_address

STEPS = (
    steps.kill_replicas,
    steps.restart_database,
    steps.kill_valkey,
    steps.fail_to_upgrade,
    steps.roll,
    restoring.back_up_and_restore,
)


async def run(folder: Path, figures: Figures) -> None:
    """Two replicas with Valkey; the relay on the host's own network."""
    build()
    stack = made(folder / "stack", own_address())
    async with meeting(stack, figures, folder) as scene:
        for step in STEPS:
            print(f"{step.__name__.replace('_', ' ').capitalize()} ...", flush=True)
            await step(scene)
