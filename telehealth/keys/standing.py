"""Whether the keys stand where the service can read them and nothing more: asked at the start, said in the log."""

import logging
from pathlib import Path

from telehealth.crypto.kek import FileKeks

WRITABLE = (
    "The service could write to the key folder %s, so whoever takes it over could destroy or exchange every key. Mount "
    "the folder read only for the service; only telehealth keys writes there: docs/keys.md."
)
_log = logging.getLogger(__name__)


def warn(folder: Path) -> None:
    """Say in the log what should be otherwise."""
    if FileKeks(folder).could_write():
        _log.warning(WRITABLE, folder)
