"""Documents that would be wrong without anybody noticing."""

import json
import re
import tomllib

from tests.rules.tree import ROOT, named, tracked

DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROWS = re.compile(r"^\| ([a-z0-9.-]+)(?: \(npm\))? \|", re.MULTILINE)
ADDRESS = re.compile(r"https?://[\w.-]+")


def declared() -> set[str]:
    project = DECLARED["project"]
    lists = [project["dependencies"], DECLARED["build-system"]["requires"]]
    lists += project["optional-dependencies"].values()
    names = {re.split(r"[\[>=<~! ]", line)[0].lower() for lines in lists for line in lines}
    return names | from_npm()


def from_npm() -> set[str]:
    return set(json.loads((ROOT / "package.json").read_text())["devDependencies"])


def test_every_dependency_is_explained_and_none_that_is_not_there() -> None:
    explained = set(ROWS.findall((ROOT / "docs" / "dependencies.md").read_text())) - {"library"}
    assert explained == declared()


def test_every_dependency_is_locked_with_hashes() -> None:
    lock = (ROOT / "requirements-test.txt").read_text()
    pinned = set(re.findall(r"^([a-z0-9.-]+)(?:\[[^\]]*\])?==", lock, re.MULTILINE))
    assert declared() - from_npm() <= pinned
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert {f"node_modules/{name}" for name in from_npm()} <= set(locked)
    assert all(row["integrity"].startswith("sha512-") for path, row in locked.items() if path)
    for block in re.split(r"\n(?=\S)", lock.strip()):
        assert "--hash=sha256:" in block or block.startswith("#"), block


def test_lock_files_name_no_address() -> None:
    for name in ("requirements.txt", "requirements-test.txt", "package-lock.json"):
        assert not ADDRESS.search((ROOT / name).read_text()), name
        assert "file:" not in (ROOT / name).read_text(), name


def test_what_the_service_needs_is_locked_alike_for_tests() -> None:
    pins = [
        set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-test.txt")
    ]
    assert pins[0] <= pins[1]


def test_every_make_target_is_one_line_that_calls_a_script() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^(\w+):\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert {name for name, _ in targets} == {"demo", "test", "check", "bench", "dev"}
    for name, recipe in targets:
        script = re.fullmatch(r"\t@(scripts/\w+).*\n", recipe)
        assert script, name
        assert (ROOT / script[1]).stat().st_mode & 0o111, script[1]


def test_links_between_documents_lead_somewhere() -> None:
    for document in tracked(".md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / target).exists(), f"{named(document)}: {target}"


def test_the_readme_names_both_commands_and_what_they_do_is_there() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme
    for path in re.findall(r"`((?:tests|docs|signaling|telehealth)/[\w/.]+\.\w+)`", readme):
        assert (ROOT / path).exists(), path
