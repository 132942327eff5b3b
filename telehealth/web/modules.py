"""Which ES modules a page's script needs, so that its browser can ask for all of them at once and not for one rank
after the other, each a way to the server and back."""

import re
from functools import cache
from pathlib import Path

IMPORTED = re.compile(r"""^(?:import|export)\b(?:[^;"']*\bfrom)?\s*["'](\.[^"']+)["'];""", re.MULTILINE)


@cache
def needed_by(script: Path) -> tuple[Path, ...]:
    """What a script imports, and what that imports: the nearest first, each once, without the script itself."""
    found = [script.resolve()]
    for module in found:  # it grows meanwhile
        named = (module.parent / name for name in IMPORTED.findall(module.read_text(encoding="utf-8")))
        found += [path for each in named if (path := each.resolve()) not in found]
    return tuple(found[1:])
