"""Forms: read once, within limits, every value a string; a bad one is refused with what to do."""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from telehealth.errors import Invalid, NotFound
from telehealth.web import csrf

MAX_FIELDS = 200  # a service names everybody who offers it
MAX_BODY = 64 * 1024
KEY_HEADER = "Idempotency-Key"  # draft-ietf-httpapi-idempotency-key-header

MALFORMED = "The form did not arrive whole. Go back, check it and send it again."


async def form_of(request: Request) -> dict[str, str]:
    """The posted fields, white space at the ends removed; refuses files, repeated names and a wrong token.

    A machine may send the field `key` as the header Idempotency-Key, bare or in quotes; two different ones are refused.
    """
    fields = await fields_of(request)
    csrf.check(request, fields.pop("csrf_token", ""))
    return fields | _key_of(request, fields)


async def fields_of(request: Request) -> dict[str, str]:
    """The same, whatever page it came from; a refusal may show it again (`telehealth/web/written.py`)."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Invalid("malformed_form", MALFORMED)
    try:
        async with request.form(max_files=0, max_fields=MAX_FIELDS, max_part_size=MAX_BODY) as data:
            pairs = data.multi_items()
    except (HTTPException, UnicodeDecodeError) as error:
        if isinstance(error, HTTPException) and error.status_code == 413:
            raise
        raise Invalid("malformed_form", MALFORMED) from error
    fields: dict[str, str] = {}
    for name, value in pairs:
        if isinstance(value, UploadFile) or name in fields or "\x00" in value or not _is_text(value):
            raise Invalid("malformed_form", MALFORMED)
        fields[name] = value.strip()
    request.state.posted = dict(fields)
    return fields


def _key_of(request: Request, fields: Mapping[str, str]) -> dict[str, str]:
    """The key that a header says, under the name the forms give it."""
    said = [each.strip().removeprefix('"').removesuffix('"') for each in request.headers.getlist(KEY_HEADER)]
    if len({*said, fields.get("key", "")} - {""}) > 1:
        raise Invalid("malformed_form", MALFORMED)
    return {"key": said[0]} if said and said[0] else {}


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate from a mangled body
        return False
    return True


def id_of(text: str) -> bytes:
    """The 16 bytes of an id in a path or field; anything else is simply not found."""
    if len(text) != 32 or any(character not in "0123456789abcdef" for character in text):
        raise NotFound("not_found", "There is nothing at this address.")
    return bytes.fromhex(text)


def instant_of(text: str) -> datetime:
    """An aware UTC datetime from ISO 8601 with an offset."""
    try:
        value = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Invalid("malformed_time", MALFORMED) from error
    if value.tzinfo is None:
        raise Invalid("malformed_time", MALFORMED)
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise Invalid("malformed_time", MALFORMED) from error


def choice_of(text: str) -> tuple[bytes, bytes, datetime, bytes | None]:
    """Service id, therapist id, start, and the second therapist's id if any, from the value of a time button."""
    parts = text.split(" ", 3)
    if len(parts) not in (3, 4):
        raise Invalid("malformed_choice", MALFORMED)
    return id_of(parts[0]), id_of(parts[1]), instant_of(parts[2]), id_of(parts[3]) if parts[3:] else None


def local_path_of(text: str) -> str:
    """A path on this very site to return to; anything that could lead elsewhere becomes /."""
    safe = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if safe and len(text) <= 300 else "/"
