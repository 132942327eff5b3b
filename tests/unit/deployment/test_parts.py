"""The list of the image's parts names each Debian package as scanners look it up."""

from telehealth.deployment.parts import added, debian_part, python_part

LINE = "bsdutils\t1:2.41.5-0+deb13u1\tamd64\tutil-linux\t2.41.5-0+deb13u1"


def test_a_package_is_named_with_the_source_that_faults_are_reported_of() -> None:
    part = debian_part(LINE, "debian-13")
    assert (part["name"], part["version"]) == ("bsdutils", "1:2.41.5-0+deb13u1")
    assert part["purl"] == (
        "pkg:deb/debian/bsdutils@1%3A2.41.5-0%2Bdeb13u1"
        "?arch=amd64&distro=debian-13&upstream=util-linux%402.41.5-0%2Bdeb13u1"
    )
    own = debian_part("apt\t3.0.4\tamd64\tapt\t3.0.4", "debian-13")
    assert own["purl"].endswith("&upstream=apt")


def test_what_was_listed_stays() -> None:
    was = {"bomFormat": "CycloneDX", "components": [{"bom-ref": "x", "name": "x"}]}
    sbom = added(was, [debian_part(LINE, "debian-13"), python_part("3.13.5")])
    assert [part["name"] for part in sbom["components"]] == ["bsdutils", "python", "x"]
    assert sbom["bomFormat"] == "CycloneDX"
    assert len(was["components"]) == 1
