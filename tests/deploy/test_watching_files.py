"""Dashboard, alert rules and the page about them ask for figures that are exported, by labels that these have."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from prometheus_client.core import Metric

from telehealth.watching import figures
from telehealth.watching.figures import Figures, Standing
from telehealth.watching.meters import Meters, Rooms
from tests.deploy.composed import FILES, services
from tests.rules.tree import ROOT

FOLDER = ROOT / "deploy" / "watching"
NAME = re.compile(r"\b(?:telehealth|process)_[a-z_]+\b")
RECORDED = re.compile(r"\btelehealth:[a-z_]+:\w+")
MATCHER = re.compile(r"(\w+)\s*(?:=~?|!~|!=)\s*\"")
GROUPED = re.compile(r"\bby \(([a-z_, ]+)\)")
ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
OF_PROMETHEUS = {"job", "instance", "le"}


def families() -> Iterator[Metric]:
    """Everything that a service and a worker export."""
    meters = Meters()
    meters.watch_rooms(lambda: Rooms(0, 0, 0))
    yield from meters.registry.collect()
    standing = Standing.__new__(Standing)
    standing._figures, standing._backups = Figures(dict.fromkeys(figures.NAMES, 0.0)), None
    yield from standing.collect()


def exported() -> set[str]:
    names = {family.name + ending for family in families() for ending in ENDINGS.get(family.type, ("",))}
    return names | {figure[0] for figure in (figures.BACKUP, figures.WAL, figures.BASE)}


def labels() -> set[str]:
    meters = Meters()
    own = (meters.requests, meters.seconds, meters.refusals, meters.bookings, meters.paths, meters.turns)
    return {label for each in own for label in each._labelnames}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def questions() -> list[str]:
    """Every expression of both files."""
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    return asked + [str(rule["expr"]) for rule in rules()]


def test_every_question_is_about_figures_that_are_exported() -> None:
    names = exported()
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for asked in questions():
        assert set(NAME.findall(asked)) <= names, asked
        assert set(RECORDED.findall(asked)) <= recorded, asked
        grouped = {each.strip() for found in GROUPED.findall(asked) for each in found.split(",")}
        assert grouped | set(MATCHER.findall(asked)) <= labels() | OF_PROMETHEUS, asked


def test_the_page_tells_of_every_figure_of_ours_and_of_none_that_is_not_there() -> None:
    told = set(NAME.findall((ROOT / "docs" / "watching.md").read_text()))
    ours = {re.sub(r"_(bucket|count|sum)$", "", name) for name in exported() if name.startswith("telehealth")}
    assert ours <= told
    assert {name for name in told if name.startswith("telehealth_")} == ours
    assert {name for name in told if name.startswith("process_")} <= exported()


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len(alerts) > 10
    for alert in alerts:
        assert set(alert["annotations"]) == {"summary", "action"}, alert
        assert alert["labels"] in ({"severity": "page"}, {"severity": "ticket"}), alert


def test_what_prometheus_reads_is_what_the_compose_file_starts() -> None:
    (job,) = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    targets = {target.split(":")[0]: target.split(":")[1] for target in job["static_configs"][0]["targets"]}
    for name, port in targets.items():
        environment = services(FILES[0])[name]["environment"]
        assert environment["METRICS_LISTEN"] == f"0.0.0.0:{port}"
