"""Running the service: uvicorn with the fastest loop, parser and WebSocket implementation measured (design.md, 12)."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telehealth.cli.failure import sentence_of
from telehealth.web.events import Streams

WS_FRAME_BYTES = 65536  # signaling/PROTOCOL.md; uvicorn's own default is 16 MiB
GOODBYE_SECONDS = 3


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. OSError when the port is taken."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError:
        listening.close()
        raise
    return listening


def listen_near(port: int, tries: int = 50) -> socket.socket:
    """A listening loopback socket on `port`, or on the next one that is free. OSError when there is none.

    Browsers look for `localhost` at ::1 first, so a port that another program holds there is taken, too.
    """
    for candidate in range(port, min(port + tries, 65536)):
        if not _answers_on_ipv6(candidate):
            with contextlib.suppress(OSError):
                return listen("127.0.0.1", candidate)
    raise OSError(f"no port from {port} on is free")


def _answers_on_ipv6(port: int) -> bool:
    try:
        with socket.create_connection(("::1", port), timeout=1):
            return True
    except OSError:
        return False


class Service(uvicorn.Server):
    """The service on one socket. It says when it is ready and leaves the signals to `run`."""

    def __init__(
        self, app: Starlette, *, on_ready: Callable[[], None], front_door: Sequence[str] = ()
    ) -> None:
        super().__init__(
            uvicorn.Config(
                self._starting(app),
                loop="none",
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=WS_FRAME_BYTES,
                ws_per_message_deflate=False,
                lifespan="on",
                access_log=False,  # addresses and paths of people
                log_config=None,
                server_header=False,
                proxy_headers=bool(front_door),
                forwarded_allow_ips=list(front_door),
                timeout_graceful_shutdown=GOODBYE_SECONDS,
            )
        )
        self._on_ready = on_ready
        self._streams: Streams | None = getattr(app.state, "streams", None)
        self.failure = "The service did not start. Why stands in the log."

    def _starting(self, app: Starlette) -> ASGIApp:
        """The application; when it cannot start for a reason that somebody foresaw, that is kept in a sentence."""

        async def starting(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "lifespan":
                await app(scope, receive, send)
                return
            held: list[Message] = []

            async def hold(message: Message) -> None:
                if message["type"] == "lifespan.startup.failed":
                    held.append(message)  # it carries a traceback
                else:
                    await send(message)

            try:
                await app(scope, receive, hold)
            except Exception as error:
                self.failure = sentence_of(error) or self.failure
                for message in held:
                    told = self.failure if sentence_of(error) else message["message"]
                    await send({**message, "message": told})

        return starting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:  # the application did not start; why stands in the log
            self.should_exit = True
            return
        gc.collect()
        gc.freeze()  # what is loaded by now stays: collections walk through what requests leave, and nothing else
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._streams is not None:
            self._streams.end()  # they would never end by themselves, and are waited for
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def run_until_stopped(self, listening: socket.socket) -> bool:
        """Serve until cancelled, then say goodbye to those connected. False when the application did not start."""
        serving = asyncio.create_task(self.serve(sockets=[listening]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self.should_exit = True
            await serving
        return bool(self.started)


def run(main: Coroutine[Any, Any, int]) -> int:
    """Run `main`; the first Ctrl-C or SIGTERM cancels it, so that every `finally` is reached. Returns its exit code."""

    async def guarded() -> int:
        task = asyncio.ensure_future(main)
        loop = asyncio.get_running_loop()
        for number in _stop_signals():
            loop.add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return 0

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(guarded())


def _stop_signals() -> list[signal.Signals]:
    kept_alive = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # started by nohup
    return [signal.SIGINT, signal.SIGTERM] if kept_alive else [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
