"""
What Rapport is made of: the parts it ships as CycloneDX, their licences, and whether an advisory names one of them.

    python -m docs.supply_chain    ask the advisory database about every pinned part

Ends with 0 when every part was asked about and none is named, 1 when one is, 2 when not every part could be asked
about: an audit that audited nothing is no good news.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path

import click
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "locks" / "embedded.txt"
_PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)
_SAID_IN_ITS_FILES = {"pyrage": "MIT"}  # not in its metadata; read in the LICENSE file and README that it ships
_NONE_FOUND, _FOUND, _NOT_ASKED = 0, 1, 2


def pinned(lock: Path = SHIPPED) -> dict[str, str]:
    """The packages of a lock and their versions; the widest lock that is shipped holds those of every other."""
    return dict(_PINNED.findall(lock.read_text()))


def licence(package: str) -> str:
    """
    What an installed package says of its licence: its SPDX expression, else its field, else its classifiers.

    Raises LookupError where it says nothing: a part without a licence may not be shipped.
    """
    about = metadata(package).json
    fields = (about.get("license_expression", ""), about.get("license", ""))
    classifiers = (c.rpartition(" :: ")[2] for c in about.get("classifier", ()) if c.startswith("License ::"))
    for said in (*fields, *classifiers):
        if said and "\n" not in said:  # some put the whole text there
            return str(said)
    if package in _SAID_IN_ITS_FILES:
        return _SAID_IN_ITS_FILES[package]
    raise LookupError(f"{package} does not say what its licence is")


def bill_of_materials() -> str:
    """Every shipped part with version and licence, as CycloneDX 1.6 JSON; the same parts give the same bytes."""
    made = json.loads(JsonV1Dot6(Bom(components=_components())).output_as_string())
    del made["metadata"], made["serialNumber"]
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def _components() -> Iterator[Component]:
    licences = LicenseFactory()
    for name, version in pinned().items():
        yield Component(
            name=name,
            version=version,
            type=ComponentType.LIBRARY,
            purl=PackageURL("pypi", name=name, version=version),
            bom_ref=f"{name}@{version}",
            licenses=[licences.make_from_string(licence(name))],
        )


@click.command()
def main() -> None:
    """Ask the advisory database about every pinned part, those for development too."""
    lock = ROOT / "locks" / "dev.txt"
    strictly = ("--strict", "--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json")
    command = [sys.executable, "-m", "pip_audit", *strictly, f"--requirement={lock}"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        answers = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (asked.stderr.strip().splitlines() or ["no answer"])[-1]
        click.echo(f"audit: could not ask about every part, so this says nothing: {reason}", err=True)
        sys.exit(_NOT_ASKED)
    named = [(one["name"], found["id"]) for one in answers for found in one["vulns"]]
    for name, advisory in named:
        click.echo(f"{name}: {advisory}", err=True)
    silent = sorted(set(pinned(lock)) - {one["name"] for one in answers if "skip_reason" not in one})
    click.echo(f"{len(answers) - len(silent)} of {len(pinned(lock))} parts asked about, {len(named)} advisories.")
    sys.exit(_FOUND if named else _NOT_ASKED if silent else _NONE_FOUND)


if __name__ == "__main__":
    main()
