"""Person: the plain value that rules, stores and acts take to know who is asking."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["client", "therapist", "front_desk", "administrator"]
ROLES: tuple[Role, ...] = ("client", "therapist", "front_desk", "administrator")


@dataclass(frozen=True)
class Person:
    """Somebody signed in.

    `id` is 16 bytes; `session` is the id of the login session (16 bytes), b"" for work without a browser.
    """

    id: bytes
    role: Role
    session: bytes = b""
