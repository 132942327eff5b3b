"""The image by itself: what is in it, what is not, and what it does without."""

import json
from pathlib import Path

from tests.deploy.whole.figures import Figures
from tests.deploy.whole.stack import IMAGE, build, size_of
from tests.deploy.whole.stack import run as command
from tests.rules.tree import ROOT

BARE = f"{IMAGE}-bare"
BASE = "python:3.13-slim"
SHELLS = """
import pathlib
for folder in ("/bin", "/usr/bin"):
    for name in ("sh", "bash", "dash", "rbash"):
        pathlib.Path(folder, name).unlink(missing_ok=True)
"""
COMPILERS = ("cc", "gcc", "g++", "c++", "clang", "ld", "as", "make", "cargo", "rustc")
LOOK = f"""
import json, os, shutil, stat
found = []
for folder, names, files in os.walk("/"):
    names[:] = [n for n in names if os.path.join(folder, n) not in ("/proc", "/sys", "/dev")]
    for name in files:
        path = os.path.join(folder, name)
        mode = os.lstat(path).st_mode
        if stat.S_ISREG(mode) and mode & 0o6000:
            found.append(path)
compilers = [name for name in {COMPILERS!r} if shutil.which(name)]
writable = [f for f, _, _ in os.walk("/opt/telehealth") if os.access(f, os.W_OK)]
print(json.dumps({{"setuid": found, "compilers": compilers, "writable": writable, "user": os.getuid(),
                  "shell": bool(shutil.which("sh"))}}))
"""
VALID = """
import sys
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
said = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(str(said) if said else 0)
"""


def without_shell() -> str:
    """The image with every shell taken away, by its name."""
    taking = json.dumps(["python", "-c", SHELLS])
    said = f"FROM {build()}\nUSER root\nRUN {taking}\nUSER 10001:10001\n"
    command("docker", "build", "-q", "-t", BARE, "-", said=said, timeout=300)
    return BARE


async def run(folder: Path, figures: Figures) -> None:
    """What stands in the image. That its containers do their work without a shell is seen in the form minimal."""
    image = build()
    ours, base = size_of(image), size_of(BASE)
    figures.add("size of the image, its base included", f"{ours / 1e6:.0f} MB")
    figures.add("of this above its base", f"{(ours - base) / 1e6:.0f} MB")
    found = json.loads(_within(image, "python", "-c", LOOK))
    assert found["user"] == 10001
    for nothing in ("setuid", "compilers", "writable"):
        assert found[nothing] == [], found[nothing]
    figures.add("programs that run as another user (setuid, setgid)", "none", "none")
    figures.add("compilers, and folders of its own that it can write to", "none", "none")
    assert json.loads(_within(without_shell(), "python", "-c", LOOK))["shell"] is False
    _listed(image, figures)


def _listed(image: str, figures: Figures) -> None:
    """Each Debian package is in the list of parts, which is what its schema asks for."""
    sbom = _within(image, "cat", "/opt/telehealth/sbom.cdx.json")
    parts = [part["purl"] for part in json.loads(sbom)["components"] if "purl" in part]
    debian = {
        purl.partition("?")[0].rpartition("/")[2].partition("@")[0] for purl in parts if ":deb/" in purl
    }
    there = _within(image, "dpkg-query", "-W", "-f", "${Package}\\n").split()
    assert debian == {name.replace("+", "%2B") for name in there}
    assert any(purl.startswith("pkg:generic/python@3") for purl in parts)
    command("docker", "build", "-q", "-t", f"{IMAGE}-build", "--target", "build", str(ROOT), timeout=1200)
    validate = ("docker", "run", "--rm", "-i", "--network", "none", f"{IMAGE}-build", "/opt/sbom/bin/python")
    command(*validate, "-c", VALID, said=sbom)
    figures.add("parts that the image lists (CycloneDX 1.6, valid)", str(len(parts)), "every one")
    figures.add("of them Debian packages", f"{len(debian)} of {len(there)}", "every one")


def _within(image: str, *words: str) -> str:
    """What a command in it answers, as its own user."""
    return command(
        "docker", "run", "--rm", "--read-only", "--network", "none", "--cap-drop", "ALL", "--entrypoint",
        words[0], image, *words[1:], timeout=120,
    )  # fmt: skip
