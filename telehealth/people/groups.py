"""What follows for somebody's role from what a provider says of them."""

from collections.abc import Mapping
from typing import Any

from telehealth.errors import Forbidden
from telehealth.providers import FirstAdministrator, Provider

NO_GROUPS = (
    "The sign-in service did not say to which groups this account belongs, so nobody was signed in. Please start "
    "again; if it happens again, write to the practice."
)


def check(provider: Provider, claims: Mapping[str, Any], token: Mapping[str, Any]) -> None:
    """Refuse an answer that does not speak of groups where they confer roles: that is not the same as "no groups".

    Whoever sits at the browser can take the scope out of the question. A provider that leaves an empty claim out must
    therefore say that the scope was granted (RFC 6749, section 5.1).
    """
    if not provider.roles:
        return
    scope = token.get("scope")
    granted = scope.split() if isinstance(scope, str) else None
    asked = provider.groups_scope
    if asked and granted is not None and asked not in granted:
        raise Forbidden("login_without_groups", NO_GROUPS)
    if not isinstance(claims.get("groups"), list) and not (asked and granted is not None):
        raise Forbidden("login_without_groups", NO_GROUPS)


def is_first(named: FirstAdministrator | None, issuer: str, subject: str, email: str | None) -> bool:
    """Whether the settings name this account as the first administrator's. `email`: None unless it is verified.

    Addresses are compared letter by letter but for case, in ASCII alone: what only looks alike is another mailbox.
    """
    if named is None or named.issuer != issuer:
        return False
    if named.subject:
        return named.subject == subject
    return email is not None and email.isascii() and email.lower() == named.email.lower()
