"""`python -m tests.deploy.whole [FORM]`: the whole deployment, from an empty folder to an upgrade during a call, and
each other form that it may have."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path

from tests.deploy.whole import firewall, full, image, minimal, second_host
from tests.deploy.whole.figures import Figures
from tests.deploy.whole.page import write

Run = Callable[[Path, Figures], Coroutine[None, None, None]]
FORMS: dict[str, Run] = {
    "full": full.run,
    "minimal": minimal.run,
    "second-host": second_host.run,
    "firewall": firewall.run,
    "image": image.run,
}


def show(form: str) -> None:
    """Run it in a folder of its own and write what it measured."""
    print(f"{form}:", flush=True)
    folder, figures = Path(tempfile.mkdtemp(prefix="telehealth-deploy-")), Figures()
    try:
        asyncio.run(FORMS[form](folder, figures))
    finally:
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    about = " ".join((FORMS[form].__doc__ or "").split())
    write(form, about, figures, list(FORMS))


def main(asked: list[str]) -> None:
    unknown = [form for form in asked if form not in FORMS]
    if unknown:
        sys.exit(f"There is no form {unknown[0]}. There are: {', '.join(FORMS)}")
    for form in asked or FORMS:
        show(form)


main(sys.argv[1:])
