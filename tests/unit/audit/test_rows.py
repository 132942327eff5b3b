"""Whatever somebody wrote into a row, it is told with its number, and the rest is still verified."""

from pathlib import Path

from telehealth.audit.office import Office
from tests.unit.audit.tampering import flaws, leaf_at, tampering, verified

UNREADABLE = {
    "sqlite": (
        "agent = 'x'",
        "ts = 'garbage'",
        "entity_id = 'text'",
        "action = x'41'",
        "detail_ct = 'text'",
        "type = CAST(x'ff' AS TEXT)",
        "id = 17",
    ),
    "postgresql": ("ts = '0044-03-15 BC'", "ts = 'infinity'"),  # its columns take nothing worse
}


async def test_every_entry_that_cannot_be_read_is_an_edited_one(office: Office, signed: Path) -> None:
    changes = UNREADABLE[office.database.dialect]
    async with tampering(office) as run:
        for seq, change in enumerate(changes, start=2):
            await run(f"UPDATE audit_leaves SET {change} WHERE leaf = {leaf_at(seq)}")
    report = await verified(office, signed)
    assert flaws(report) == [(seq, "edited") for seq in range(2, 2 + len(changes))]
    assert report.head.seq == 10


async def test_a_link_that_cannot_be_read_is_an_edited_one(office: Office, signed: Path) -> None:
    if office.database.dialect == "postgresql":
        return  # its columns take nothing else
    for change, first_bad in (("hash = 'text'", 6), ("leaf = 'text'", 4), ("seq = 'text'", 2)):
        async with tampering(office) as run:
            await run(f"UPDATE audit_chain SET {change} WHERE seq = {first_bad}")
        report = await verified(office, signed)
        assert report.first_bad == first_bad
        assert (first_bad, "edited") in flaws(report) or change.startswith("seq")
    async with tampering(office) as run:
        await run("UPDATE audit_checkpoints SET seq = 'text'")
    assert (None, "bad_checkpoint") in flaws(await verified(office, signed))
