"""What can be done with the waiting list: every verb that pages and the worker call."""

from telehealth.waiting.answering import accept, decline
from telehealth.waiting.offering import turn
from telehealth.waiting.wishing import Waiting, leave, may_be_waited_for, mine, wish

__all__ = ["Waiting", "accept", "decline", "leave", "may_be_waited_for", "mine", "turn", "wish"]
