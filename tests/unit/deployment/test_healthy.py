"""What a container's health check calls well."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from telehealth.deployment.healthy import main


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Host"] == "login.example" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        serving.join()


def test_an_address_is_well_when_it_answers_by_its_name(url: str) -> None:
    assert main(url, "login.example") == 0
    assert main(url) == 1


def test_an_address_where_nobody_listens_is_not() -> None:
    assert main("http://127.0.0.1:1/") == 1


def test_a_file_is_well_for_a_minute(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    assert main(str(file)) == 1
    file.touch()
    assert main(str(file)) == 0
    os.utime(file, (1, 1))
    assert main(str(file)) == 1
