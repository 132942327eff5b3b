"""Forms as an administrator fills them in, all of them good; a test changes one field and sees what happens."""

from collections.abc import Mapping
from typing import Final

OFFER: Final[Mapping[str, str]] = {
    "name": "First conversation",
    "public_name": "Appointment",
    "summary": "Half an hour to begin.\n\nNothing to prepare.",
    "minutes": "30",
    "buffer_before": "0",
    "buffer_after": "10",
    "seats": "1",
    "grid_minutes": "30",
    "notice": "4",
    "notice_unit": "hours",
    "horizon_days": "56",
    "cancel_hours": "24",
    "price_text": "Free of charge",
    "therapists_needed": "1",
    "place": "1",
}
PROFILE: Final[Mapping[str, str]] = {
    "name": "Nadia Behrens",
    "title": "Psychologist",
    "pronouns": "she/her",
    "specialties": "Desire\n\n  Couples ",
    "languages": "English\nGerman",
    "about": "Works slowly.",
    "zone": "Europe/Berlin",
    "place": "1",
}
POLICIES: Final[Mapping[str, str]] = {
    "cancellation": "Up to a day before, without a reason.",
    "secrets": "limited",
    "ice_policy": "relay",
}
NUMBER: Final[Mapping[str, str]] = {
    "label": "Emergency services",
    "number": "112",
    "region": "European Union",
    "place": "1",
}
