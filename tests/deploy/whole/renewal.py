"""The relay's certificate is renewed while a call goes through the relay."""

import asyncio
import hashlib
import ssl
import time

from tests.deploy.whole.stack import RELAY, Stack, own_address, run
from tests.deploy.whole.steps import Scene

PORT = 5349
AT_MOST_SECONDS = 60.0  # `certificates` and the relay look every 15 s each


async def renew(scene: Scene, relay: Stack) -> None:
    """The front door beside the relay forgets its certificate and gets another; the running coturn gives that one."""
    before, container = await _shown(), (await asyncio.to_thread(relay.compose, "ps", "-q", "coturn")).strip()
    since = await asyncio.to_thread(_started, container)
    await scene.begin()
    find = ("find", "/data/caddy/certificates", "-name", RELAY)
    kept = (await asyncio.to_thread(relay.compose, "exec", "-T", "caddy", *find)).split()
    await asyncio.to_thread(relay.compose, "exec", "-T", "caddy", "rm", "-r", "--", *kept)
    await asyncio.to_thread(relay.compose, "restart", "caddy")
    began = time.monotonic()
    while await _shown() == before:
        assert time.monotonic() - began < AT_MOST_SECONDS, "the relay still gives its old certificate"
        await asyncio.sleep(0.5)
    took = time.monotonic() - began
    assert await asyncio.to_thread(_started, container) == since
    scene.figures.add("another certificate is given by the running relay after", f"{took:.0f} s", "a minute")
    await scene.end("the relay's certificate renewed")
    for each in scene.two:
        assert await each.ways() == ["relay", "relay"]


def _started(container: str) -> str:
    return run("docker", "inspect", "-f", "{{.State.StartedAt}} {{.State.Pid}}", container)


async def _shown() -> str:
    """The fingerprint of what the relay gives to whoever comes by TLS."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection(own_address(), PORT, ssl=anybody, server_hostname=RELAY)
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return hashlib.sha256(found).hexdigest()
