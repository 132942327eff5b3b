"""The vector files are exactly what the second implementation makes from the written formats."""

from tests.vectors.make.folders import FOLDERS, VECTORS, files


def test_every_vector_file_is_what_the_written_format_gives() -> None:
    found = {
        str(file.relative_to(VECTORS)): file.read_text(encoding="utf-8")
        for folder in FOLDERS
        for file in (VECTORS / folder).rglob("*.json")
    }
    assert found == files()
    assert len(found) > 200


def test_the_second_implementation_knows_nothing_of_the_first() -> None:
    for file in (VECTORS / "make").glob("*.py"):
        assert "telehealth" not in file.read_text(encoding="utf-8"), file.name
