"""What Docker Compose itself reads from `.env`, beside the settings of what runs in the containers."""

from telehealth.settings.kinds import text
from telehealth.settings.reading import Setting

GROUP = "compose"


def _variable(name: str, says: str, unless: str = "", otherwise: str = "") -> Setting[str]:
    return Setting(name, GROUP, text, says, unless=unless, otherwise=otherwise)


VARIABLES = (
    _variable(
        "COMPOSE_PROFILES",
        "which services run: `minimal` or `full`, then `identity`, `relay` and `wal`, with commas",
    ),
    _variable(
        "COMPOSE_FILE",
        "`docker-compose.yml:deploy/ports.yml` where the relay may not use the host's own network",
    ),
    _variable(
        "ARCHIVE_MODE",
        "`on` keeps PostgreSQL's log, with `wal` among the profiles ([backup.md](backup.md))",
        "off",
    ),
    _variable("CLINIC_HOST", "the name people type: `clinic.example`"),
    _variable(
        "IDENTITY_HOST",
        "the name of the sign-in that comes along: `login.clinic.example`; none with your own",
    ),
    _variable("RELAY_HOST", "the relay's name: `relay.clinic.example`; none without a relay"),
    _variable(
        "RELAY_LISTENS", "the address that the relay listens on, which its health check asks", "127.0.0.1"
    ),
    _variable(
        "TLS",
        "the e-mail address that the certificate authority writes to, or `internal`: one of the practice's own",
        "internal",
    ),
    _variable(
        "REPLICAS",
        "who answers behind the front door; `app-a:8000` with the profile `minimal`",
        "app-a:8000 app-b:8000",
    ),
    _variable(
        "BACKUPS",
        "the folder for backups on the host: another disk. It belongs to user 10001",
        "backups",
        "the volume `backups`",
    ),
    _variable("FRONT_SUBNET", "the network between the front door and the service", "172.30.77.0/24"),
    _variable(
        "FRONT_RANGE", "the part of it that other containers get their addresses from", "172.30.77.128/25"
    ),
    _variable("FRONT_DOOR_ADDRESS", "the front door's own in it, outside that part", "172.30.77.2"),
    _variable("TELEHEALTH_IMAGE", "the image of the service", "telehealth:0.1.0"),
    _variable("CADDY_IMAGE", "the front door's", "caddy:2"),
    _variable("POSTGRES_IMAGE", "the database's", "postgres:17"),
    _variable("VALKEY_IMAGE", "Valkey's", "valkey/valkey:8"),
    _variable("COTURN_IMAGE", "the relay's; change it outside sessions only", "coturn/coturn:4.6"),
)
