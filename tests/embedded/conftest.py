import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.embedded.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    one = Program(tmp_path / "clinic")
    yield one
    for process in one.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
