"""`python -m telehealth.deployment.parts SBOM`: adds to the list of Python's parts what the image is built upon.

Run while the image is built (Dockerfile), in its last stage: every Debian package that is in it, and Python itself, in
the form that scanners look up (CycloneDX 1.6; purl types `deb` and `generic`). Standard library only.
"""

import json
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

FIELDS = ("Package", "Version", "Architecture", "source:Package", "source:Version")
FORMAT = "\\t".join(f"${{{field}}}" for field in FIELDS) + "\\n"


def installed() -> list[str]:
    """A line for each Debian package: its fields, between tabs."""
    # S603, S607: a program of the image that is being built, with fixed words
    said = subprocess.run(["dpkg-query", "-W", "-f", FORMAT], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return said.stdout.splitlines()


def debian_part(line: str, release: str) -> dict[str, Any]:
    """A component of such a line. `release`: such as debian-13."""
    name, version, architecture, source, source_version = line.split("\t")
    upstream = source if source_version == version else f"{source}@{source_version}"
    asked = f"arch={architecture}&distro={release}&upstream={quote(upstream, safe='')}"
    return {
        "type": "library",
        "bom-ref": f"deb:{name}:{architecture}",
        "name": name,
        "version": version,
        "purl": f"pkg:deb/debian/{quote(name, safe='')}@{quote(version, safe='')}?{asked}",
    }


def python_part(version: str) -> dict[str, Any]:
    """Python itself, which the official image builds and Debian knows nothing of."""
    return {
        "type": "platform",
        "bom-ref": "python",
        "name": "python",
        "version": version,
        "cpe": f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*",
        "purl": f"pkg:generic/python@{version}",
    }


def added(sbom: dict[str, Any], parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The list with these parts in it as well, in order."""
    components = sorted([*sbom["components"], *parts], key=lambda part: str(part["bom-ref"]))
    return {**sbom, "components": components}


def main(file: Path) -> None:
    system = platform.freedesktop_os_release()
    release = f"{system['ID']}-{system['VERSION_ID']}"
    parts = [debian_part(line, release) for line in installed()]
    sbom = added(json.loads(file.read_text()), [*parts, python_part(platform.python_version())])
    file.write_text(json.dumps(sbom, indent=1))
    print(f"{len(parts)} Debian packages and Python are in {file.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
