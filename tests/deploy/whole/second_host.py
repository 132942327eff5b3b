"""A second host that runs nothing but the relay: deploy/relay, as a deployment of its own."""

import shutil
from pathlib import Path

from tests.deploy.whole.doctor import must_be_well
from tests.deploy.whole.figures import Figures
from tests.deploy.whole.meeting import meeting, put_away
from tests.deploy.whole.renewal import renew
from tests.deploy.whole.stack import IMAGE, RELAY, Stack, build, made, own_address, stand_ins
from tests.rules.tree import ROOT

PROJECT = "telehealth-tests-relay"
PORT_80 = "services: { caddy: { ports: !override ['127.0.0.1:8079:80'] } }\n"
THEIRS = "/var/lib/telehealth/authority/relay-authority.pem"


async def run(folder: Path, figures: Figures) -> None:
    """deploy/relay: the relay alone on its host, under a certificate that its own Caddy got. Here both hosts are one
    computer, so that this Caddy has another port than 80; its authority is its own. The certificate is renewed in the
    middle of a call."""
    build()
    stack = made(folder / "stack", own_address(), flags={"--minimal": None})
    stack.set(COMPOSE_PROFILES="minimal,identity")
    relay = _relay(folder / "second", stack)
    try:
        relay.compose("up", "-d", "--wait", timeout=300)
        figures.add("the second host's own containers", ", ".join(sorted(relay.states())), "no other")
        authority = folder / "relay-authority.pem"
        relay.compose("cp", "certificates:/var/lib/telehealth/authority/authority.pem", str(authority))
        authority.chmod(0o644)  # the service reads it as a user of its own

        def look() -> None:
            stack.compose("cp", str(authority), f"certificates:{THEIRS}")
            must_be_well(stack, figures, relay_authority=THEIRS)

        async with meeting(stack, figures, folder, authority, first=look) as scene:
            assert "coturn" not in stack.states()
            await renew(scene, relay)
    finally:
        put_away(relay)


def _relay(folder: Path, clinic: Stack) -> Stack:
    """What the guide says to copy there, and no more."""
    shutil.copytree(ROOT / "deploy" / "relay", folder / "relay")
    shutil.copytree(ROOT / "deploy" / "coturn", folder / "coturn")
    relay = Stack(folder / "relay", PROJECT)
    secrets = folder / "relay" / "secrets"
    secrets.mkdir()
    shutil.copy2(clinic.folder / "secrets" / "turnserver.conf", secrets)
    shutil.chown(secrets / "turnserver.conf", 10001, 10001)
    (folder / "relay" / "ports.yml").write_text(PORT_80)
    relay.set(RELAY_HOST=RELAY, TLS="internal", RELAY_LISTENS=own_address(), TELEHEALTH_IMAGE=IMAGE)
    relay.set(COMPOSE_FILE="docker-compose.yml:ports.yml", **stand_ins())
    return relay
