"""The relay's configuration, as coturn reads it: security.md names each line."""

LOWEST_PORT, HIGHEST_PORT = 49160, 49359  # 200 of them: 33 rooms, since a browser opens one for each address
QUOTA = 1200  # allocations at once
BYTES_PER_SECOND = 500_000  # for one allocation

# Everything that is no public address of somebody else (RFC 6890, RFC 8190), and two ranges that releases before 4.9
# let through in another form (CVE-2026-27624).
DENIED = (
    "0.0.0.0-0.255.255.255",
    "10.0.0.0-10.255.255.255",
    "100.64.0.0-100.127.255.255",
    "127.0.0.0-127.255.255.255",
    "169.254.0.0-169.254.255.255",
    "172.16.0.0-172.31.255.255",
    "192.0.0.0-192.0.0.255",
    "192.0.2.0-192.0.2.255",
    "192.31.196.0-192.31.196.255",
    "192.52.193.0-192.52.193.255",
    "192.88.99.0-192.88.99.255",
    "192.168.0.0-192.168.255.255",
    "192.175.48.0-192.175.48.255",
    "198.18.0.0-198.19.255.255",
    "198.51.100.0-198.51.100.255",
    "203.0.113.0-203.0.113.255",
    "224.0.0.0-255.255.255.255",
    "::0",
    "::1",
    "::ffff:0.0.0.0-::ffff:255.255.255.255",
    "64:ff9b::-64:ff9b::ffff:ffff",
    "64:ff9b:1::-64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    "100::-100::ffff:ffff:ffff:ffff",
    "2001::-2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2002::-2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff::-3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
    "5f00::-5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "ff00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)


def turnserver_conf(realm: str, public: str, own: str, secret: str) -> str:
    """`public`: the address that others know; `own`: the host's, the same where nothing translates it.

    Two people who are both behind the relay meet at its own address, so exactly that is allowed.
    """
    lines = [
        f"realm={realm}",
        f"listening-ip={own}",
        f"relay-ip={own}",
        *([f"external-ip={public}/{own}"] if public != own else []),
        "listening-port=3478",
        "tls-listening-port=5349",
        f"min-port={LOWEST_PORT}",
        f"max-port={HIGHEST_PORT}",
        "cert=/certificates/relay.crt",
        "pkey=/certificates/relay.key",
        "no-tlsv1",
        "no-tlsv1_1",
        "fingerprint",
        "use-auth-secret",
        f"static-auth-secret={secret}",
        "stale-nonce=600",
        "user-quota=32",
        f"total-quota={QUOTA}",
        f"max-bps={BYTES_PER_SECOND}",
        "no-cli",
        "no-tcp-relay",
        "no-multicast-peers",
        "no-software-attribute",
        "log-file=stdout",
        "simple-log",
        "pidfile=/tmp/turnserver.pid",
        "userdb=/tmp/turndb",
        *(f"denied-peer-ip={each}" for each in DENIED),
        *(f"allowed-peer-ip={each}" for each in dict.fromkeys((public, own))),
    ]
    return "\n".join([*lines, ""])
