"""The doctor among real parts: a database, a provider, mail, Valkey, TLS and a relay, as they should be and not."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from signaling.relays import tried
from telehealth.audit.office import Office
from telehealth.backups.making import make
from telehealth.backups.plan import Plan
from telehealth.backups.sealing import new_identity
from telehealth.backups.shelf import Shelf
from telehealth.cli.main import app
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.demo.folder import open_folder
from telehealth.doctor import asking
from telehealth.doctor.asking import Tried
from telehealth.doctor.checking import checks, examine, within_database
from telehealth.doctor.rules import Verdict
from telehealth.mail_server import MailServer
from telehealth.privacy.tombstones import Tombstones
from telehealth.settings import Settings
from tests import smtp, tls
from tests.coturn import SECRET, Coturn, running_coturn
from tests.people import Clinic
from tests.valkey import running_valkey
from tests.web import hostile_provider
from tests.web.conftest import settings_for

LOOPBACK = "127.0.0.1"
PRIVATE = ("10.0.0.1", "192.168.0.1")
ON_SQLITE = pytest.mark.parametrize("fresh_database", ["sqlite"], indirect=True)


async def try_relay(url: str) -> Tried:
    return Tried(**asdict(await tried(url, SECRET, datetime.now(UTC))))


@asynccontextmanager
async def front(folder: Path, name: str = LOOPBACK) -> AsyncIterator[int]:
    """Something behind TLS, whose certificate is for `name`; its port."""
    server = await asyncio.start_server(
        lambda _, w: w.close(), LOOPBACK, 0, ssl=tls.certificate(folder, name)
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


def states(found: Sequence[Verdict]) -> dict[str, str]:
    return {verdict.part: verdict.state for verdict in found}


@dataclass
class Deployment:
    """Settings that name real parts."""

    office: Office
    settings: Settings
    plan: Plan
    folder: Path

    async def examined(self, ca: Path) -> dict[str, str]:
        tombstones = Tombstones(self.settings.tombstone_file, "test-clinic", self.settings.audit_key)
        parts = checks(self.settings, self.plan, self.office, tombstones, try_relay, ca)
        return states(await examine(parts, lambda *_: None))


@ON_SQLITE
async def test_every_part_is_looked_at_where_it_is(
    office: Office, clinic: Clinic, relay: Coturn, tmp_path: Path
) -> None:
    office.clock = lambda: datetime.now(UTC)
    for name in ("mail", "tls", "backups"):
        (tmp_path / name).mkdir()
    keks = FileKeks(tmp_path / "keks")
    keks.create(office.clock())
    plan = Plan(tmp_path / "backups", (), 90, None, 28)
    settings = settings_for(tmp_path / "keks")
    shelf = Shelf(tmp_path / "backups", settings.clinic_id, settings.audit_key)
    await make(office.database, shelf, [new_identity().to_public()], office.clock(), lambda *_: None)
    with (
        smtp.running(tmp_path / "mail") as box,
        running_valkey() as valkey,
        hostile_provider.running(office.clock) as provider,
    ):
        async with front(tmp_path / "tls") as port:
            mail = MailServer(LOOPBACK, box.port, smtp.USER, smtp.PASSWORD, ca_file=box.ca_file)
            made = replace(
                settings,
                database_url=office.database.engine.url.render_as_string(),
                public_url=f"https://{LOOPBACK}:{port}",
                checkpoint_file=tmp_path / "checkpoints",
                valkey_url=valkey.url,
                providers=(provider.settings(),),
                mail=mail,
                turn_urls=relay.urls,
                demo=False,
            )
            there = Deployment(office, made, plan, tmp_path)
            found = await there.examined(tmp_path / "tls" / "ca.pem")
            assert found.pop("zone data") in ("well", "look", "wrong")  # as old as this computer's are
            assert found == {
                "settings": "wrong",  # the provider of the tests is on this computer
                "database": "well",
                "migrations": "well",
                "keys": "look",  # the test could write there
                "record": "look",  # on the same volume
                "front door": "well",
                "provider practice": "well",
                "clock of provider practice": "well",
                "mail": "well",
                "valkey": "well",
                "ways to the relay": "look",  # without TLS
                f"relay {relay.urls[0]}": "well",
                f"relay {relay.urls[1]}": "well",
                "relay and private addresses": "wrong",  # only tests may
                "backup": "well",
            }
            assert box.mails == []
            valkey.stop()
            provider.metadata["issuer"] = "https://another.example"
            there.settings = replace(made, mail=replace(mail, password="wrong"), turn_urls=())
            there.plan = Plan(tmp_path / "nowhere", (), 90, None, 28)
            for kek_id in keks.ids():
                (keks.folder / kek_id).unlink()
            found = await there.examined(tmp_path / "mail" / "ca.pem")
    assert {part for part, state in found.items() if state == "wrong"} - {"zone data", "settings"} == {
        "keys",
        "front door",
        "provider practice",
        "mail",
        "valkey",
        "backup",
    }


async def test_a_database_is_looked_at_and_one_that_is_away_is_said(office: Office, clinic: Clinic) -> None:
    kind = office.database.dialect
    office.clock = lambda: datetime.now(UTC)
    parts = ["database"] + (["clock of the database"] if kind == "postgresql" else [])
    assert states(await asking.database(office)) == dict.fromkeys(parts, "well")
    assert states(await asking.migrations(office)) == {"migrations": "well"}
    url = office.database.engine.url
    nowhere = (
        url.set(query={"host": "/nowhere"}) if kind == "postgresql" else url.set(database="/nowhere/x.db")
    )
    away = Database(nowhere.render_as_string(hide_password=False))
    office.database, there = away, office.database
    (found,) = await asking.database(office)
    (unseen,) = await within_database("keys", asking.keys, office, Path("/nowhere"))()
    office.database = there
    await away.close()
    assert (found.state, "DATABASE_URL" in found.remedy) == ("wrong", True)
    assert (unseen.state, unseen.remedy) == ("without", "")


def test_the_command_answers_with_a_line_for_each_part_and_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_folder(tmp_path / "data")
    answer = CliRunner().invoke(app, ["doctor", "--data", str(folder.path)])
    assert answer.exit_code == 1
    assert "WRONG  migrations: The schema is empty.\n       Run: telehealth migrate" in answer.stdout
    answer = CliRunner().invoke(app, ["doctor", "--data", str(folder.path), "--json"])
    said = json.loads(answer.stdout)
    assert (said["well"], said["parts"][0]["part"]) == (False, "settings")


async def test_a_relay_that_guards_what_is_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.relays.CALL_SECONDS", 0.5)
    denied = [f"--denied-peer-ip={address}" for address in PRIVATE]
    with running_coturn(tmp_path, *denied) as guarded:
        found = await tried(guarded.urls[1], SECRET, datetime.now(UTC), (LOOPBACK, *PRIVATE, "172.16.0.1"))
    assert found.reaches == ("172.16.0.1",)
    assert found.failure == "no_call"  # its own address is this computer's


async def test_a_relay_is_tried_by_tls_and_by_wrong_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    with running_coturn(tmp_path) as there:
        assert (await tried(there.tls_url, SECRET, now)).failure == "certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        found = await tried(there.tls_url, SECRET, now, (LOOPBACK,))
        assert (found.failure, found.reaches) == ("", (LOOPBACK,))
        assert found.set_up is not None
        assert (await tried(there.urls[0], "another secret of 32 characters", now)).failure == "refused"
    assert (await tried(there.urls[1], SECRET, now)).failure == "not_reached"
