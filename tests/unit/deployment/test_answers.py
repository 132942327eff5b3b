"""What cannot be a deployment is said before anything is written."""

import pytest

from telehealth.deployment.answers import BadAnswer, check
from tests.unit.deployment.answered import EVERY_KIND, OWN_PROVIDER, changed


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_what_fits_together_is_taken(kind: str) -> None:
    check(EVERY_KIND[kind])


def test_whatever_cannot_be_used_is_said_at_once() -> None:
    with pytest.raises(BadAnswer) as refused:
        check(
            changed(clinic_host="Clinic", clinic_zone="Berlin", tls="no", relay_address="", smtp_tls="none")
        )
    assert len(str(refused.value).splitlines()) == 5


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"clinic_host": ""}, "Nothing is no host name"),
        ({"clinic_host": "clinic"}, "clinic is no host name"),
        ({"clinic_host": "https://clinic.example"}, "is no host name"),
        ({"clinic_host": "clinic.example\nTLS=x"}, "is no host name"),
        ({"relay_host": "clinic.example"}, "a host name each"),
        ({"clinic_name": "  "}, "a name in one line"),
        ({"clinic_name": "Linden\nDEMO=1"}, "a name in one line"),
        ({"clinic_zone": "Berlin"}, "no IANA time zone"),
        ({"leave_url": "javascript:alert(1)"}, "a harmless page"),
        ({"tls": "clinic.example"}, "an e-mail address for the certificate authority"),
        ({"tls": "a@b.example\n}"}, "an e-mail address for the certificate authority"),
        ({"administrator": "somebody"}, "needs an e-mail address"),
        ({"identity_host": ""}, "one of them"),
        ({"providers": OWN_PROVIDER}, "one of them"),
        ({"identity_host": "", "providers": "[]"}, "names no provider"),
        ({"relay_address": ""}, "a host name and an address"),
        ({"relay_address": "relay.clinic.example"}, "is no address"),
        ({"relay_address": "198.51.100.7/10.0.0.7/10.0.0.8"}, "is no address"),
        ({"smtp_tls": "none"}, "SMTP_TLS"),
        ({"smtp_password": ""}, "go together"),
        ({"mail_from": "office@clinic.example"}, "MAIL_FROM"),
    ],
    ids=str,
)
def test_what_does_not_is_named(changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadAnswer, match=sentence):
        check(changed(**changes))
