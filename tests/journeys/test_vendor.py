"""What was copied from elsewhere is what its manifest says."""

import hashlib
import json
from base64 import b64encode
from pathlib import Path

import pytest

FOLDERS = sorted(path.parent for path in (Path(__file__).parent / "vendor").glob("*/manifest.json"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_vendored_files_are_unchanged_and_come_with_their_licence(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    found = {
        path.name: "sha384-" + b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
        for path in folder.iterdir()
        if path.name != "manifest.json"
    }

    assert found == manifest["files"]
    assert "LICENSE" in found
    assert folder.name == f"{manifest['name']}-{manifest['version']}"
