"""What each finding means, decided without asking anything: a verdict, and the remedy where it is not well."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal["well", "look", "wrong", "without"]
CLOCK_SECONDS = 10.0  # tickets live for 30 s, a relay's credentials and ID tokens hang on the time
CERTIFICATE_DAYS = 14
KEK_MONTHS = 2


@dataclass(frozen=True)
class Verdict:
    """One part: "look" is not well but nobody is kept from anything yet, "without" is a part that is not set up."""

    part: str
    state: State
    finding: str
    remedy: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def unknown(part: str, error: str) -> Verdict:
    """A part whose look ended in a way that nobody foresaw."""
    return Verdict(
        part, "wrong", f"Looking at it failed: {error}.", "Run it again; if it stays, report this line."
    )


def settings(part: str, complaints: Sequence[str]) -> Verdict:
    """`complaints`: what stands against starting with them, a sentence each that says what to do."""
    if not complaints:
        return Verdict(part, "well", "The service may start with them.")
    return Verdict(part, "wrong", " ".join(complaints), "telehealth settings shows them: docs/settings.md")


def database(part: str, problem: str | None) -> Verdict:
    """`problem`: in the driver's words why it does not answer."""
    if problem is None:
        return Verdict(part, "well", "It answers.")
    return Verdict(
        part,
        "wrong",
        f"It does not answer: {problem}.",
        "See that it runs, and that DATABASE_URL names its host, role, password and name.",
    )


def migrations(part: str, standing: Literal["empty", "older", "current", "newer"]) -> Verdict:
    """How far the schema is."""
    if standing == "current":
        return Verdict(part, "well", "The schema is that of this version.")
    if standing == "newer":
        return Verdict(
            part,
            "wrong",
            "A newer version has changed the schema.",
            "Install that version, or restore a backup from before: docs/backup.md",
        )
    return Verdict(part, "wrong", f"The schema is {standing}.", "Run: telehealth migrate")


def clock(part: str, off: timedelta | None) -> Verdict:
    """`off`: how far this computer's clock is ahead of the other's; None where that one does not tell."""
    if off is None:
        return Verdict(part, "without", "It does not tell the time.")
    seconds = off.total_seconds()
    if abs(seconds) <= CLOCK_SECONDS:
        return Verdict(part, "well", "Both clocks agree.")
    way = "ahead of" if seconds > 0 else "behind"
    return Verdict(
        part,
        "wrong",
        f"This computer's clock is {abs(seconds):.0f} s {way} it.",
        "Set both by NTP (timedatectl set-ntp true): sign-in, tickets and the relay's credentials hang on the time.",
    )


def zone_data(part: str, version: str, now: datetime) -> Verdict:
    """`version`: of the IANA data, such as 2026b. There are several a year."""
    year = int(version[:4]) if version[:4].isdigit() else 0
    months = 12 * (now.year - year) + now.month
    remedy = "Upgrade the package tzdata, or the image: appointments stand on the clock of each zone."
    if months <= 18:
        return Verdict(part, "well", f"Version {version}.")
    return Verdict(part, "look" if months <= 30 else "wrong", f"Version {version} is old.", remedy)


def keys(part: str, complaints: Sequence[str], newest: str, now: datetime, *, writable: bool) -> Verdict:
    """`complaints`: what the keyring misses; `newest`: the epoch in use, such as kek-202611-1."""
    if complaints:
        return Verdict(part, "wrong", " ".join(complaints), "Put the files of KEK_DIR back: docs/keys.md")
    if writable:
        return Verdict(
            part,
            "look",
            "The service could write to the key folder.",
            "Mount KEK_DIR read only for the service; only telehealth keys writes there: docs/keys.md",
        )
    year, month = int(newest[4:8]), int(newest[8:10])
    if 12 * (now.year - year) + now.month - month >= KEK_MONTHS:
        return Verdict(
            part,
            "look",
            f"The newest key is {newest}.",
            "Once a month: telehealth keys new, rotate, and destroy what is due: docs/keys.md",
        )
    return Verdict(part, "well", f"Every key is there; {newest} is in use.")


def record(part: str, warnings: Sequence[str], problem: str | None) -> Verdict:
    """`problem`: why the checkpoint or tombstone file cannot be read."""
    if problem is not None:
        return Verdict(part, "wrong", problem, "See CHECKPOINT_FILE and TOMBSTONE_FILE: docs/record.md")
    if warnings:
        return Verdict(
            part, "look", warnings[0], "docs/record.md; the whole proof is telehealth audit verify"
        )
    return Verdict(part, "well", "Its files can be read, and its last signed entry is there.")


def valkey(part: str, problem: str | None) -> Verdict:
    """`problem`: why it does not answer."""
    if problem is None:
        return Verdict(part, "well", "It answers.")
    return Verdict(
        part,
        "wrong",
        f"It does not answer: {problem}.",
        "See that it runs and that VALKEY_URL names it. Until then each process limits by itself, and the two of a "
        "room may not find each other.",
    )


SMTP = {
    "tls": (
        "its certificate is not good, or not for this name",
        "Set SMTP_HOST to the name in its certificate, and SMTP_CA_FILE where a private authority signed it.",
    ),
    "timeout": ("it does not answer in time", "See SMTP_HOST, SMTP_PORT and the firewall on the way out."),
    "connection": ("it cannot be reached", "See SMTP_HOST, SMTP_PORT and the firewall on the way out."),
    "not_supported": (
        "it offers no STARTTLS, or no way to sign in",
        "Without TLS no mail leaves: use the port for submission (587), or SMTP_TLS=implicit with 465.",
    ),
    "smtp_535": ("it refuses the password", "See SMTP_USER and SMTP_PASSWORD."),
}


def smtp(part: str, code: str | None) -> Verdict:
    """`code`: as `mail.post` names failures; None when it let us in."""
    if code is None:
        return Verdict(part, "well", "It takes mail from us, under TLS.")
    finding, remedy = SMTP.get(code, (f"it answers with {code}", "See its log, and docs/mail.md"))
    return Verdict(part, "wrong", f"No mail leaves: {finding}.", remedy)


def certificate(
    part: str, problem: str | None, valid: tuple[datetime, datetime] | None, now: datetime
) -> Verdict:
    """The front door's. `problem`: in the words of OpenSSL or of the system; `valid`: from when until when.

    Who renews begins with a third of its time left (Caddy's own authority gives twelve hours), so less than a fifth is
    late.
    """
    if problem is not None or valid is None:
        return Verdict(
            part,
            "wrong",
            f"Nobody can come in: {problem}.",
            "See that it runs, that the name of PUBLIC_URL leads to it, and that its certificate is for that name, by "
            "an authority that browsers know, or one that is told by --ca or SSL_CERT_FILE: docs/doctor.md",
        )
    begins_at, ends_at = valid
    left = ends_at - now
    words = f"{left.days} days" if left.days > 1 else f"{left // timedelta(hours=1)} hours"
    if left < min(timedelta(days=CERTIFICATE_DAYS), (ends_at - begins_at) / 5):
        return Verdict(
            part,
            "look",
            f"Its certificate ends in {words}.",
            "See in the front door's log why it was not renewed.",
        )
    return Verdict(part, "well", f"Its certificate is good for {words}.")


PROVIDER = {
    "provider_unavailable": (
        "it does not answer, or not under a good certificate",
        "See that its issuer can be reached from here: name, firewall, certificate.",
    ),
    "provider_mismatch": (
        "it speaks for another issuer",
        "Write issuer in PROVIDERS letter by letter as its metadata say it: docs/providers.md",
    ),
    "provider_unusable": (
        "its metadata lack what is needed",
        "It must be an OpenID provider with a discovery document: docs/providers.md",
    ),
}


def provider(part: str, code: str | None, keys: int) -> Verdict:
    """`code`: as `people.provider_client` names failures; `keys`: how many it signs with."""
    if code is not None:
        finding, remedy = PROVIDER.get(code, (code, "docs/providers.md"))
        return Verdict(part, "wrong", f"Nobody can sign in with it: {finding}.", remedy)
    if not keys:
        return Verdict(
            part,
            "wrong",
            "It publishes no key that may sign.",
            "Give it a signing key (RS256, ES256 or EdDSA).",
        )
    return Verdict(part, "well", f"It answers for its issuer and signs with {keys} keys.")


RELAY = {
    "not_reached": (
        "it does not answer",
        "See that it runs, and that the firewall lets this port and protocol through.",
    ),
    "certificate": (
        "its certificate is not good, or not for this name",
        "Give it the certificate of the name in TURN_URLS, at each renewal. An own authority: SSL_CERT_FILE.",
    ),
    "refused": (
        "it refuses our credentials",
        "TURN_SECRET must be its static-auth-secret; see both clocks, too.",
    ),
    "full": ("it has no place left", "Raise its total-quota or user-quota, or add another host."),
    "no_call": (
        "it gives a place, but two who meet at it hear nothing",
        "Open its relay ports (UDP, min-port to max-port), set its external-ip, and allow its own public address as a "
        "peer.",
    ),
}


def relay(part: str, failure: str, set_up: float | None) -> Verdict:
    """`failure`: as `signaling.relays` names them; `set_up` in milliseconds."""
    if failure:
        finding, remedy = RELAY[failure]
        return Verdict(part, "wrong", f"Nobody is connected by it: {finding}.", remedy)
    return Verdict(part, "well", f"A call through it stood after {set_up or 0:.0f} ms.")


def ways(part: str, urls: Sequence[str]) -> Verdict:
    """Whether there is a way to the relay for everybody: by UDP, by TCP, and by TLS."""
    if not urls:
        return Verdict(
            part,
            "look",
            "There is no relay.",
            "Set TURN_URLS and TURN_SECRET: without one, whoever sits behind a strict network cannot connect.",
        )
    has = {
        "UDP": any(url.startswith("turn:") and not url.endswith("transport=tcp") for url in urls),
        "TCP": any(url.startswith("turn:") and url.endswith("transport=tcp") for url in urls),
        "TLS": any(url.startswith("turns:") for url in urls),
    }
    missing = [way for way, there in has.items() if not there]
    if not missing:
        return Verdict(part, "well", "By UDP, TCP and TLS.")
    return Verdict(
        part,
        "look",
        f"Not by {' and '.join(missing)}.",
        "Name it in TURN_URLS as well: turn:…?transport=udp, turn:…?transport=tcp and turns:…?transport=tcp",
    )


def guarded(part: str, reaches: Collection[str]) -> Verdict:
    """`reaches`: private addresses to which the relay would send."""
    if not reaches:
        return Verdict(part, "well", "It refuses this computer's own and private addresses.")
    return Verdict(
        part,
        "wrong",
        f"It would send to {', '.join(sorted(reaches))}: whoever is in a session could reach what is behind it.",
        "Give it denied-peer-ip for every private range, as deploy/ has it, and take allow-loopback-peers away.",
    )


def backup(part: str, problem: str | None, last: datetime | None, now: datetime, *, late: bool) -> Verdict:
    """`problem`: why the newest cannot be read; `late`: one should have been made since."""
    remedy = "See why the daily telehealth backup did not run: docs/backup.md"
    if problem is not None:
        return Verdict(part, "wrong", problem, remedy)
    if last is None:
        return Verdict(part, "wrong", "There is none.", "Run: telehealth backup (docs/backup.md)")
    hours = (now - last).total_seconds() / 3600
    if late:
        return Verdict(part, "wrong", f"The last one is {hours:.0f} hours old.", remedy)
    return Verdict(part, "well", f"The last one is {hours:.0f} hours old.")
