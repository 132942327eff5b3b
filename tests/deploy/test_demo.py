"""The demo as a process: ready, on which port, with which data, and gone when it should be."""

import os
import signal
import socket
import sys
import urllib.request
from pathlib import Path

from telehealth.demo.folder import open_folder, read_folder
from tests.deploy.running import READY_SECONDS, demo_running, gone

PORT = 23800 + os.getpid() % 5000  # others may test on this machine, too


def command(data: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "telehealth", "demo", "--data", str(data), "--port", str(PORT), *more]


def fetched(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def test_it_serves_tells_how_to_try_it_and_leaves_no_process_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with demo_running(command(data), tmp_path / "one") as demo:
        url = demo.wait_until_ready()
        children = demo.children()
        assert len(children) == 1
        assert fetched(url)[0] == 200
        assert fetched(f"{read_folder(data).issuer}/.well-known/openid-configuration")[0] == 200
        expect_sign_ins(demo.said, data)
        expect_three_lines(demo.said, url)
        with demo_running(command(data), tmp_path / "two") as second:
            assert second.process.wait(READY_SECONDS) == 1
            assert "Another demo runs on" in second.said
        assert demo.stop(signal.SIGINT) == 0
        assert [line for line in demo.answered if line] == [f"ready: {url}"]
        assert all(gone(pid) for pid in children)


def expect_sign_ins(said: str, data: Path) -> None:
    for account in read_folder(data).accounts:
        assert account.user_name in said
        assert account.password in said


def expect_three_lines(said: str, url: str) -> None:
    lines = [line for line in said.splitlines() if line[:3] in ("1. ", "2. ", "3. ")]
    assert len(lines) == 3
    assert url in lines[0]
    assert "private window" in lines[1]


def test_a_second_start_keeps_everything_and_fresh_starts_over(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with demo_running(command(data), tmp_path / "first") as demo:
        demo.wait_until_ready()
        first = read_folder(data)
        assert demo.stop(signal.SIGTERM) == 0
    with (
        socket.create_server(("127.0.0.1", PORT)),
        demo_running(command(data), tmp_path / "second") as demo,
    ):
        url = demo.wait_until_ready()
        assert read_folder(data) == first
        assert f"Port {PORT} is taken by another program" in demo.said
        assert int(url.rsplit(":", 1)[1]) > PORT
        demo.stop()
    with demo_running(command(data, "--fresh"), tmp_path / "third") as demo:
        demo.wait_until_ready()
        children, third = demo.children(), read_folder(data)
        assert third.provider_key != first.provider_key
        assert third.account("mara").subject != first.account("mara").subject
        demo.stop(signal.SIGKILL)  # even then the provider ends
        assert children
        assert all(gone(pid) for pid in children)


def test_a_taken_provider_port_is_refused_with_a_way_on(tmp_path: Path) -> None:
    port = open_folder(tmp_path / "data").provider_port
    with (
        socket.create_server(("127.0.0.1", port)),
        demo_running(command(tmp_path / "data"), tmp_path) as demo,
    ):
        assert demo.process.wait(READY_SECONDS) == 1
        assert f"Port {port} belongs to the sign-in" in demo.said
        assert "--fresh" in demo.said


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "photos"
    data.mkdir()
    (data / "holiday.jpg").write_bytes(b"sea")
    with demo_running(command(data, "--fresh"), tmp_path / "demo") as demo:
        assert demo.process.wait(READY_SECONDS) == 1
        assert "was left alone" in demo.said
    assert (data / "holiday.jpg").read_bytes() == b"sea"
