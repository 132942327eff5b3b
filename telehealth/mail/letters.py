"""The words of a mail: neutral where anybody may see them, and with one link, which carries nothing (design.md, 9)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from telehealth.mail.calendar_file import NAME
from telehealth.web.templating import city, clock, day, short_day, weekday

NEAR = timedelta(days=6)  # until then the day of the week says which day it is
MESSAGE = "A message for you"
SIGN_IN = "/auth/sign-in"
WHY = "You get this because mail to you is turned on. You can change that, and what it says, once you have signed in."


@dataclass(frozen=True)
class Sender:
    """Who writes: a neutral name, an address, and where its people sign in."""

    name: str
    address: str
    public_url: str

    @property
    def domain(self) -> str:
        """What Message-IDs end in."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True)
class Appointed:
    """What a mail says of an appointment. Times are in the reader's zone.

    `change` is a word such as "cancelled", or empty. `what` and `with_whom` are empty where the reader wants no detail.
    """

    starts_at: datetime
    ends_at: datetime
    change: str = ""
    what: str = ""
    with_whom: str = ""


def subject_of(about: Appointed | None, now: datetime) -> str:
    """What stands in a list of mails: Your appointment on Tuesday."""
    if about is None:
        return MESSAGE
    near = now <= about.starts_at <= now + NEAR
    return f"Your appointment on {weekday(about.starts_at) if near else day(about.starts_at)}"


def text_of(about: Appointed | None, sender: Sender, now: datetime) -> str:
    """The body: when, as much more as the reader wishes, and where to sign in."""
    said = ["There is a message for you."] if about is None else _said(about, now)
    link = f"{sender.public_url}{SIGN_IN}"
    return "\n".join([*said, "", "For everything else please sign in:", link, "", WHY, ""])


def _said(about: Appointed, now: datetime) -> list[str]:
    zone = f"Times are in {city(_zone(about.starts_at))} time."
    change = f" ({about.change})" if about.change else ""
    if not about.what:
        near = now <= about.starts_at <= now + NEAR
        on = weekday(about.starts_at)[:3] if near else short_day(about.starts_at)
        return [f"Appointment, {on} {clock(about.starts_at)}{change}", zone]
    whom = f" with {about.with_whom}" if about.with_whom else ""
    span = f"{clock(about.starts_at)} to {clock(about.ends_at)}"
    return [f"{about.what}{whom}", f"{day(about.starts_at)}, {span}{change}", zone]


def _zone(moment: datetime) -> str:
    return moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else "UTC"


def letter(
    sender: Sender, to: str, *, message_id: str, about: Appointed | None, now: datetime
) -> EmailMessage:
    """The mail without its calendar file. ValueError for an address that cannot stand in a header."""
    mail = EmailMessage()
    mail["From"] = f'"{sender.name}" <{sender.address}>'
    mail["To"] = to
    mail["Subject"] = subject_of(about, now)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = (
        f"<{message_id}@{sender.domain}>"  # the same each time: a mail sent twice is one to its reader
    )
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers
    mail.set_content(text_of(about, sender, now))
    return mail


def attach(mail: EmailMessage, calendar: bytes, method: str) -> None:
    """Put a calendar file into a mail, as calendars expect it (RFC 6047)."""
    mail.add_attachment(
        calendar.decode(), subtype="calendar", filename=NAME, params={"method": method}, cte="base64"
    )
