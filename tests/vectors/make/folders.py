"""Which folder holds the vectors of what, and how a file is written."""

import json
from pathlib import Path

from tests.vectors.make import index, leaves, notes, sealed, words
from tests.vectors.make.form import Vector, Vectors

VECTORS = Path(__file__).parents[1]
FOLDERS = {
    "sealed": sealed.vectors,
    "index": index.vectors,
    "notes": notes.vectors,
    "audit": leaves.vectors,
    "words": words.vectors,
}


def files() -> dict[str, str]:
    """What every file holds, by its path under `tests/vectors`."""
    return {
        f"{folder}/{name}.json": text_of(vector)
        for folder, make in FOLDERS.items()
        for name, vector in make().items()
    }


def text_of(vector: Vector) -> str:
    """A vector as it stands in its file."""
    return json.dumps(vector, indent=2, ensure_ascii=False) + "\n"


def on_disk(folder: str) -> Vectors:
    """The vectors of one folder as they stand in their files, by path without .json."""
    root = VECTORS / folder
    return {
        str(file.relative_to(root).with_suffix("")): json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(root.rglob("*.json"))
    }


def write() -> None:
    """Write every file; those of vectors that are no more are taken away."""
    wanted = files()
    for folder in FOLDERS:
        for file in (VECTORS / folder).rglob("*.json"):
            if str(file.relative_to(VECTORS)) not in wanted:
                file.unlink()
    for path, text in wanted.items():
        (VECTORS / path).parent.mkdir(parents=True, exist_ok=True)
        (VECTORS / path).write_text(text, encoding="utf-8")
