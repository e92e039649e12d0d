import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.embedded.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    for folder in (tmp_path, *tmp_path.parents):  # as root the server runs as another user, who must reach its folder
        if folder.stat().st_uid == os.getuid() and "pytest" in str(folder):
            folder.chmod(0o755)
    one = Program(tmp_path / "clinic")
    yield one
    for process in one.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
