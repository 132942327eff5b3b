"""Rows put into a table, as either database takes them."""

import pytest

from telehealth.backups.note import BadBackup
from telehealth.backups.tables import put
from telehealth.clinic.models import emergency_numbers
from telehealth.db.engine import Database


async def test_rows_that_the_database_does_not_take_are_a_sentence_without_their_values(
    database: Database,
) -> None:
    columns = ["id", "label", "number", "region", "position"]
    row = [bytes(16), "a line to call", "1", "DE", 1]
    with pytest.raises(BadBackup, match="did not take the rows of emergency_numbers") as refused:
        async with database.transaction() as c:
            await put(c, emergency_numbers, columns, [row, row])
    assert "a line to call" not in str(refused.value)
    assert "\n" not in str(refused.value)
