"""What a provider says of somebody's groups: nothing at all is not the same as "none"."""

from collections.abc import Mapping
from typing import Any

from telehealth.errors import Forbidden
from telehealth.providers import Provider

NO_GROUPS = (
    "The sign-in service did not say to which groups this account belongs, so nobody was signed in. Please start "
    "again; if it happens again, write to the practice."
)


def check(provider: Provider, claims: Mapping[str, Any], token: Mapping[str, Any]) -> None:
    """Refuse an answer that does not speak of groups where they confer roles.

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
