"""What two people who come together can do: every verb that pages call."""

from telehealth.couples.agreeing import agree
from telehealth.couples.asking import Asked
from telehealth.couples.inviting import Company, Link, company, invite, withdraw
from telehealth.couples.joining import Said, Way, decline, join, look, other_times, suggest
from telehealth.couples.leaving import leave

__all__ = [
    "Asked",
    "Company",
    "Link",
    "Said",
    "Way",
    "agree",
    "company",
    "decline",
    "invite",
    "join",
    "leave",
    "look",
    "other_times",
    "suggest",
    "withdraw",
]
