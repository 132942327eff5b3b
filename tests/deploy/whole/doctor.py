"""The doctor of a running deployment, asked inside its container as the guide says."""

import json

from tests.deploy.whole.figures import Figures
from tests.deploy.whole.stack import AUTHORITY, Stack

TIMES = 3
BAD = ("look", "wrong")
ASK = "import subprocess, sys; print(subprocess.run(sys.argv[1:], capture_output=True, text=True).stdout)"


def verdicts(stack: Stack, *, relay_authority: str = AUTHORITY) -> dict[str, tuple[str, str]]:
    """State and finding of each part. `relay_authority`: who signed the relay's certificate, in the container."""
    command = ("telehealth", "doctor", "--json", "--ca", AUTHORITY)
    said = stack.within("app-a", "env", f"SSL_CERT_FILE={relay_authority}", "python", "-c", ASK, *command)
    found = json.loads(said)["parts"]
    return {part["part"]: (part["state"], part["finding"]) for part in found}


def must_be_well(stack: Stack, figures: Figures, *, relay_authority: str = AUTHORITY) -> None:
    """Everything but the backup, which nobody made yet; each way to the relay, by a call through it. Where the
    computer has much else to do, some part answers late: it is asked again."""
    for _ in range(TIMES):
        found = verdicts(stack, relay_authority=relay_authority)
        unwell = {part: said for part, said in found.items() if said[0] in BAD and part != "backup"}
        if not unwell:
            break
    assert not unwell, unwell
    ways = [part for part in found if part.startswith("relay turn")]
    assert len(ways) == 3, found
    assert found["relay and private addresses"][0] == "well"
    figures.add("telehealth doctor", f"{len(found)} parts, nothing wrong", "nothing wrong")
    figures.add("calls through the relay by UDP, TCP and TLS (the doctor's)", "each stood", "each stands")
