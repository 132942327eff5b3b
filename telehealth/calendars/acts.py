"""What can be done with other calendars: every verb that pages and the worker call."""

from telehealth.calendars.feeding import feed, renew, revoke
from telehealth.calendars.refreshing import turn
from telehealth.calendars.subscribing import Overview, Subscribed, overview, subscribe, unsubscribe

__all__ = [
    "Overview",
    "Subscribed",
    "feed",
    "overview",
    "renew",
    "revoke",
    "subscribe",
    "turn",
    "unsubscribe",
]
