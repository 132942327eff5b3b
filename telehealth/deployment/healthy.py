"""`python -m telehealth.deployment.healthy URL [HOST]`, or FILE: what a container's health check asks.

Exit code 0: it is well. An address has to answer with 200, by the name of HOST; a file has to have been written within
the last minute. Standard library only, since it runs every few seconds.
"""

import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 5.0  # /readyz answers within three
STILL_FRESH = 60.0


def answers(url: str, host: str) -> bool:
    """Whether GET of this plain http address is answered with 200; `host`: the name it is asked by."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=SECONDS)
    try:
        connection.request("GET", parts.path or "/", headers={"Host": host or parts.netloc})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def is_fresh(file: Path, now: float) -> bool:
    """Whether the file was written within the last minute; `now` in seconds since 1970."""
    try:
        return now - file.stat().st_mtime < STILL_FRESH
    except OSError:
        return False


def main(what: str, host: str = "") -> int:
    well = answers(what, host) if what.startswith("http://") else is_fresh(Path(what), time.time())
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
