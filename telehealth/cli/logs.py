"""Logs of the running service: one JSON object a line, to a file or to standard output, without personal data."""

import logging
import sys
from pathlib import Path

import structlog

# Their DEBUG prints secrets (authlib: the PKCE verifier) or the values of statements; uvicorn's INFO names addresses.
QUIET = (
    "uvicorn.error",
    "alembic",
    "canaille",
    "hypercorn.access",
    "hypercorn.error",
    "authlib",
    "httpx2",
    "httpcore2",
    "aiosqlite",
    "sqlalchemy.engine",
    "aioice",
    "aiortc",
    "asyncio",
)


# What a line says beside its words: never a value that somebody typed.
BESIDE = ("request_id", "route", "method", "status", "milliseconds")
_BEFORE = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def log_to(file: Path | None) -> None:
    """Send every log of this process to `file`, or to standard output when there is none."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_BEFORE,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler: logging.Handler = (
        logging.StreamHandler(sys.stdout) if file is None else logging.FileHandler(file)
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_BEFORE, structlog.stdlib.ExtraAdder(allow=BESIDE)],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
