"""Whatever goes wrong further in becomes an answer, or nothing where nobody is left to be answered."""

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from telehealth.web.middleware import Shelter

HTTP = {"type": "http", "path": "/", "method": "POST", "headers": []}


async def test_who_has_gone_is_not_answered_and_no_fault_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    async def gone(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientDisconnect

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await Shelter(gone)(dict(HTTP), receive, send)
    assert sent == []
    assert "crash" not in capsys.readouterr().out
