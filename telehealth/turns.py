"""Composition of the worker: what happens by itself, and the way by which mail leaves."""

from datetime import timedelta
from functools import partial

from telehealth.appointments import lapsing, zones
from telehealth.audit.office import Office
from telehealth.calendars import acts as calendars
from telehealth.calendars.reaching import Reader
from telehealth.jobs import Job
from telehealth.mail import acts as mail
from telehealth.mail import reminding
from telehealth.mail.folder import FolderPost
from telehealth.mail.letters import Sender
from telehealth.mail.post import Post, SmtpPost
from telehealth.rooms import outcomes, whereabouts
from telehealth.settings import Settings
from telehealth.waiting import acts as waiting


def build_jobs(settings: Settings, office: Office) -> tuple[Job, ...]:
    """What happens by itself, in the worker; in the demo, in the service. Each line is a turn of some noun's."""
    post, sender = build_post(settings, office), build_sender(settings)
    return (
        Job("mail", timedelta(seconds=5), partial(mail.turn, office, post, sender, settings.clinic_zone)),
        Job("reminders", timedelta(minutes=1), partial(reminding.turn, office)),
        Job("requests", timedelta(minutes=1), partial(lapsing.turn, office)),
        Job("outcomes", timedelta(minutes=5), partial(outcomes.turn, office)),
        Job("whereabouts", timedelta(seconds=30), partial(whereabouts.turn, office)),
        Job("waiting list", timedelta(seconds=30), partial(waiting.turn, office)),
        Job("other calendars", timedelta(minutes=1), partial(calendars.turn, office, Reader())),
        Job("clock rules", timedelta(hours=1), partial(zones.turn, office)),
    )


def build_post(settings: Settings, office: Office) -> Post | None:
    """The way mail leaves: the clinic's server, the demo's folder, or none."""
    server = settings.mail
    if server.folder is not None:
        return FolderPost(office, server.folder)
    if not server.host:
        return None
    domain = build_sender(settings).domain
    return SmtpPost(
        server.host, server.port, server.tls, domain, server.user, server.password, server.ca_file
    )


def build_sender(settings: Settings) -> Sender:
    """Who writes the mails."""
    return Sender(settings.mail.sender_name, settings.mail.sender_address, settings.public_url)
