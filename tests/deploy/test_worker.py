"""`telehealth worker` as a process of its own, with a real mail server: killed half-way, nothing is lost or doubled."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import func, select, update

from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.demo.folder import free_port
from telehealth.notices.models import outbox
from telehealth.office import build_office
from telehealth.settings import Settings
from tests import smtp
from tests.people import MIKA, ROSA, make_clinic
from tests.smtp import LOOPBACK, PASSWORD, USER, Mailbox
from tests.unit.mail.scene import give_addresses, tell

MAILS = 6
SECONDS = 60
PROVIDER = {
    "id": "practice",
    "name": "Practice account",
    "issuer": "http://127.0.0.1:9",
    "client_id": "telehealth",
    "client_secret": "secret-of-sixteen-letters",
}


def environment_of(database: Database, folder: Path, box: Mailbox) -> dict[str, str]:
    """Settings of a clinic with this database and this mail server."""
    keys = ("INDEX_ROOT", "AUDIT_KEY", "PSEUDONYM_KEY", "COOKIE_KEY")
    return {
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "KEK_DIR": str(folder / "keks"),
        "CHECKPOINT_FILE": str(folder / "checkpoints"),
        "CLINIC_ID": "test-clinic",
        "CLINIC_NAME": "Linden Practice",
        "CLINIC_ZONE": "Europe/Berlin",
        "LEAVE_URL": "https://weather.example/",
        "PROVIDERS": json.dumps([PROVIDER]),
        "SMTP_HOST": LOOPBACK,
        "SMTP_PORT": str(box.port),
        "SMTP_USER": USER,
        "SMTP_PASSWORD": PASSWORD,
        "SMTP_CA_FILE": str(box.ca_file),
        "MAIL_FROM": "Appointments <office@clinic.example>",
    } | {name: base64.b64encode(bytes(range(at, at + 32))).decode() for at, name in enumerate(keys)}


def worker(environment: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    """A worker as clinic IT starts it."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "telehealth", "worker"],
            env=os.environ | environment,
            stdout=out,
            stderr=out,
        )


async def filled(environment: dict[str, str], folder: Path) -> Office:
    """A clinic in which six people's worth of news waits."""
    (folder / "keks").mkdir()
    FileKeks(folder / "keks").create(datetime.now(UTC))
    office = build_office(Settings.from_environment(environment))
    await make_clinic(office)
    await give_addresses(office)
    for at in range(MAILS):
        await tell(office, (ROSA, MIKA)[at % 2])
    return office


async def test_killed_between_the_servers_yes_and_its_own_note_it_loses_and_doubles_nothing(
    database: Database, tmp_path: Path
) -> None:
    log, everything = tmp_path / "log", threading.Event()
    with smtp.running(tmp_path) as box:
        environment = environment_of(database, tmp_path, box)
        office = await filled(environment, tmp_path)
        killed = worker(environment, log)

        def kill(_mail: EmailMessage) -> None:
            if len(box.mails) == 3:
                killed.send_signal(signal.SIGKILL)

        box.before = kill
        assert killed.wait(SECONDS) == -signal.SIGKILL, log.read_text()
        assert await sent(office) == 2  # the third stands at the server, and nobody here knows

        def count(_mail: EmailMessage) -> None:
            if len({mail["Message-ID"] for mail in box.mails}) == MAILS and len(box.mails) > MAILS:
                everything.set()

        box.before = count
        async with office.database.transaction() as connection:  # the lease of the dead one is over
            await connection.execute(update(outbox).values(claimed_until=None))
        figures = [f"127.0.0.1:{free_port()}" for _ in range(2)]
        both = [worker(environment | {"METRICS_LISTEN": each}, log) for each in figures]
        try:
            assert everything.wait(SECONDS), log.read_text()
            wait_until_ready(
                log, 3
            )  # the quicker one may have done it all before the other listens to signals
            said = [read(f"http://{each}/metrics") for each in figures]
        finally:
            for each in both:
                each.terminate()
        assert [each.wait(SECONDS) for each in both] == [0, 0], log.read_text()
        assert await sent(office) == MAILS
        await office.database.close()
    assert all("telehealth_job_turns_total" in each for each in said)
    seen = Counter(mail["Message-ID"] for mail in box.mails)
    assert sorted(seen.values()) == [1] * (MAILS - 1) + [2]
    assert seen[box.mails[2]["Message-ID"]] == 2
    assert "@mail.example" not in log.read_text()


def read(url: str) -> str:
    """What Prometheus would read there."""
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:
        said: str = answer.read().decode()
    return said


def wait_until_ready(log: Path, workers: int) -> None:
    """So many workers have begun."""
    ends_by = time.monotonic() + SECONDS
    while log.read_text().count("ready") < workers:
        assert time.monotonic() < ends_by, log.read_text()
        threading.Event().wait(0.05)  # another process writes it


async def sent(office: Office) -> int:
    """How many mails our own note says have left."""
    query = select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_not(None))
    async with office.database.reading() as connection:
        return int((await connection.execute(query)).scalar_one())
