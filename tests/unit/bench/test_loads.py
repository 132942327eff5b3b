"""A practice under load: its front door is open to this computer alone, and a part is all that belongs to it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.loads.files import linked, named
from bench.loads.front_door import on_this_computer
from bench.loads.measured import Measured
from bench.loads.parts import MAKER, Part, Used


def test_the_front_door_is_as_deployed_but_for_where_it_listens() -> None:
    route = {"match": [{"path": ["/signaling"]}]}
    servers = {
        "srv0": {"listen": [":443"], "routes": [route]},
        "srv1": {"listen": [":80"], "routes": []},
        "srv2": {"listen": [":8080"]},
    }
    config: dict[str, Any] = {"admin": {"disabled": True}, "apps": {"http": {"servers": servers}}}
    there = on_this_computer(config, 4443)["apps"]
    listening = [server["listen"] for server in there["http"]["servers"].values()]
    assert listening[0] == ["127.0.0.1:4443"]
    assert listening[1] == [f"127.0.0.1:{there['http']['http_port']}"]
    assert listening[2][0].startswith("127.0.0.1:")
    assert there["http"]["https_port"] == 4443
    assert there["http"]["servers"]["srv0"]["routes"] == [route]
    assert there["pki"]["certificate_authorities"]["local"]["install_trust"] is False


@contextmanager
def child() -> Iterator[None]:
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            yield
        finally:
            process.terminate()


def test_the_children_of_a_family_count() -> None:
    alone, family = Part("one", os.getpid()), Part("all", os.getpid(), is_family=True)
    with child():
        one, everybody = alone.used(), family.used()
    assert one.mebibytes < everybody.mebibytes < 2 * one.mebibytes
    assert 0 < one.seconds <= everybody.seconds


def test_a_load_says_what_each_part_took_for_whoever_came() -> None:
    found = Measured(people=200)
    found.parts["Caddy"] = Used(seconds=1.5, mebibytes=40)
    found.parts["PostgreSQL"] = Used(seconds=2, mebibytes=60)
    found.parts[MAKER] = Used(seconds=9, mebibytes=90)
    assert "| Caddy | 1.50 | 7.50 ms | 40.0 MiB |" in found.parts_table()
    assert found.parts_table()[-1] == "| all that serve, together | 3.50 | 17.5 ms | 100 MiB |"
    with found.step("look"):
        pass
    assert found.table()[-1].startswith("| look | 1 | ")
    assert found.said().endswith("Went wrong: nothing.")
    for error in (TimeoutError(), TimeoutError("late"), AssertionError("an answer 503")):
        found.went_wrong(error)
    assert found.said().endswith("Went wrong: TimeoutError 2, an answer 503 1.")


def test_a_page_brings_its_files_along_and_those_that_they_name() -> None:
    page = '<link href="/static/b/css/main.css"><use href="/static/b/icons.svg#bell"><a href="/times">'
    assert linked(page) == {"/static/b/css/main.css", "/static/b/icons.svg"}
    style = '@import url("parts/a.css") layer(parts);'
    assert named("/static/b/css/main.css", style) == {"/static/b/css/parts/a.css"}
    module = "import './one.js';\nimport { a } from '../two.js';\nconst text = 'from here';"
    assert named("/static/b/js/page.js", module) == {"/static/b/js/one.js", "/static/b/two.js"}
