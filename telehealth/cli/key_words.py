"""What the key command answers, in words and as plain values."""

from collections.abc import Sequence
from datetime import datetime

from telehealth.crypto.framing import ID_BYTES
from telehealth.keys.overview import Epoch, Overview
from telehealth.keys.rotation.steps import Rotated
from telehealth.keys.verification import Report


def entity_of(kek_id: str) -> bytes:
    """The 16 bytes by which the record names a key that has no number yet: its name, as far as it goes."""
    return kek_id.encode().ljust(ID_BYTES, b"\x00")[:ID_BYTES]


def plain_overview(found: Overview, wrong: Sequence[str]) -> dict[str, object]:
    """The overview as JSON values; times in ISO 8601, UTC."""
    return {
        "epochs": [_plain_epoch(epoch) for epoch in found.epochs],
        "subject_keys": found.subject_keys,
        "records": found.records,
        "record_keys": found.record_keys,
        "indexes": [
            {
                "name": index.name,
                "version": index.version,
                "next_version": index.next_version,
                "bits": index.bits,
            }
            for index in found.indexes
        ],
        "under_way": list(found.under_way),
        "wrong": list(wrong),
    }


def _plain_epoch(epoch: Epoch) -> dict[str, object]:
    return {
        "kek_id": epoch.kek_id,
        "number": epoch.number,
        "state": epoch.state,
        "created_at": _iso(epoch.created_at),
        "wraps": epoch.wraps,
        "readable": epoch.readable,
        "destroyable_at": _iso(epoch.destroyable_at),
        "destroyed_at": _iso(epoch.destroyed_at),
    }


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def overview_in_words(found: Overview) -> list[str]:
    """One line for each epoch, then the counts."""
    lines = [_epoch_in_words(epoch) for epoch in found.epochs]
    lines.append(
        f"{found.subject_keys} keys of people, {found.records} records with {found.record_keys} wrapped keys."
    )
    lines += [
        f"Index {index.name}: key {index.version}, {index.bits} bits"
        + ("" if index.next_version is None else f", being replaced by {index.next_version}")
        for index in found.indexes
    ]
    lines += [
        f"Not finished: rotation of {what}. Run: telehealth keys rotate {what.partition(' ')[0]}"
        for what in found.under_way
    ]
    return lines


def _epoch_in_words(epoch: Epoch) -> str:
    state = {
        "unused": "not used yet",
        "active": "in use",
        "decrypt_only": "only opens",
        "destroyed": "destroyed",
    }[epoch.state]
    parts = [f"{epoch.kek_id}: {state}"]
    if epoch.state != "destroyed":
        parts.append(f"wraps {epoch.wraps} keys")
        parts.append("can be read" if epoch.readable else "CANNOT BE READ")
    if epoch.destroyed_at is not None:
        parts.append(f"since {epoch.destroyed_at:%Y-%m-%d %H:%M} UTC")
    if epoch.destroyable_at is not None:
        parts.append(f"may be destroyed from {epoch.destroyable_at:%Y-%m-%d %H:%M} UTC on")
    return ", ".join(parts)


def rotations_in_words(done: Sequence[Rotated]) -> list[str]:
    """What was done and, as the proof, how much is left."""
    lines = []
    for each in done:
        left = "none is left" if each.remaining == 0 else f"{each.remaining} are left, run it again"
        lines.append(f"{each.what}: {each.done} done, {left}. {each.note}".rstrip())
    return lines


def report_in_words(report: Report) -> list[str]:
    """The verdict first."""
    counted = (
        f"{report.subject_keys} keys of people, {report.record_keys} keys of records, {report.values} sealed fields "
        f"and {report.tags} index entries were looked at."
    )
    verdict = "Every key opens, and every field with it." if report.is_whole else "Something does not open."
    lines = [verdict, counted, *report.findings]
    if report.wrong > len(report.findings):
        lines.append(f"... and {report.wrong - len(report.findings)} more.")
    if report.repaired:
        lines.append(f"{report.repaired} index entries were written anew before.")
    if report.keyless:
        lines.append(f"{report.keyless} fields have no key any more; erased people: {report.erased}.")
    return lines
