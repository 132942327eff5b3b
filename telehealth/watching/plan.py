"""Where Prometheus may read the figures: a port of its own, or none."""

from collections.abc import Mapping

from telehealth.addresses import listening_from
from telehealth.settings import BadSetting, Reader


def metrics_listen(environment: Mapping[str, str]) -> tuple[str, int] | None:
    """Address and port of METRICS_LISTEN; None where nothing is said. BadSetting for what is none."""
    value = Reader(environment).text("METRICS_LISTEN", "")
    try:
        return listening_from(value) if value else None
    except ValueError as error:
        raise BadSetting("METRICS_LISTEN must be an address and a port, such as 127.0.0.1:9464.") from error
