"""What is shipped is known, licensed, newer than the known holes, and never called clean unasked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from docs.supply_chain import SHIPPED, bill_of_materials, licence, pinned

# Below these a published advisory applies; the floor holds where no advisory database can be reached.
FLOORS = {
    "gunicorn": ("22.0.0", "CVE-2024-1135, request smuggling"),
    "werkzeug": ("3.0.6", "CVE-2024-49767, memory of a multipart body"),
    "jinja2": ("3.1.6", "CVE-2025-27516, sandbox"),
    "flask": ("3.1.1", "CVE-2025-47278, order of fallback keys"),
    "h11": ("0.16.0", "CVE-2025-43859, chunked bodies"),
    "cryptography": ("44.0.1", "CVE-2024-12797, bundled OpenSSL"),
}
MAY_BE_SHIPPED = ("Apache", "BSD", "MIT", "ISC", "PSF", "MPL", "LGPL", "Lesser General Public", "Python Software")


def test_the_bill_of_materials_names_every_shipped_part_and_keeps_to_cyclonedx() -> None:
    bill = bill_of_materials()

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    assert all(f'"pkg:pypi/{name}@' in bill for name in pinned())
    assert len(pinned()) > 30


@pytest.mark.parametrize("package", sorted(pinned()))
def test_a_part_is_shipped_under_a_licence_that_allows_it(package: str) -> None:
    said = licence(package)

    assert any(word in said for word in MAY_BE_SHIPPED), said


@pytest.mark.parametrize("lock", sorted(SHIPPED.parent.glob("*.txt")), ids=lambda path: path.name)
def test_no_lock_falls_below_a_known_hole(lock: Path) -> None:
    have = pinned(lock)

    below = [f"{name} {have[name]}: {why}" for name, (least, why) in FLOORS.items() if _older(have.get(name), least)]

    assert below == []


def test_an_audit_that_could_ask_nobody_is_no_good_news() -> None:
    nowhere = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}

    asked = subprocess.run(
        [sys.executable, "-m", "docs.supply_chain"],
        env=nowhere,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert asked.returncode == 2, asked.stdout + asked.stderr
    assert "so this says nothing" in asked.stderr


def _older(version: str | None, least: str) -> bool:
    return version is not None and _numbers(version) < _numbers(least)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
