"""The policy of a page: sockets over TLS, and only where there is a room."""

from telehealth.web.csp import content_security_policy


def test_over_tls_the_room_opens_its_socket_over_tls_and_no_other_page_opens_one() -> None:
    policies = [
        content_security_policy(public_url="https://clinic.example", form_targets=(), room=room)
        for room in (True, False)
    ]
    assert "connect-src 'self' wss://clinic.example;" in policies[0]
    assert "connect-src 'self';" in policies[1]
    assert not any(" ws:" in policy or " http:" in policy for policy in policies)
