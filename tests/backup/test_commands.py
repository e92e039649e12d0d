"""What an operator types, beside a clinic in one process that was lost and comes back."""

import shutil
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from embedded.backups import BackupLoop, run_drill
from embedded.keys import load_keys
from embedded.settings import EmbeddedConfig
from shared.backup.standing import backups_in, read_standing
from shared.cli import main
from shared.clock import utc_now
from tests.backup.conftest import BackedUp
from tests.embedded.conftest import program as program  # noqa: PLC0414 - a fixture
from tests.embedded.program import Program
from tests.faults.ground import until

WORDS = "five words or more are good"


def rapport(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def words(tmp_path: Path) -> Path:
    file = tmp_path / "words"
    file.write_text(WORDS)
    return file


def test_a_clinic_that_was_lost_comes_back_by_four_commands(
    program: Program, words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data and keys deleted; the backup and the kept keys are all there is."""
    monkeypatch.setenv("RAPPORT_DATA", str(program.data))
    monkeypatch.chdir(tmp_path)
    keys = program.data.with_name(f"{program.data.name}.keys")
    backups = program.data.with_name(f"{program.data.name}.backups")
    stick = tmp_path / "stick"
    stick.mkdir()
    wrong = tmp_path / "wrong"
    wrong.write_text("other words than those")
    program.start()
    program.add_account("ana")

    by_itself(program, monkeypatch)
    told = rapport("backup").output
    rapport("backup-keys", str(stick / "keys.age"), "--passphrase-file", str(words))
    first, file = backups_in(backups).values()
    elsewhere = rapport("backup", "--to", str(tmp_path / "second")).output
    refused = rapport("backup", "--to", str(program.data / "backups"), code=1).output
    held = rapport("restore", "--verify", str(file), "--to", str(program.data), code=1).output
    program.end(signal.SIGTERM)
    kept = files(keys)
    began = time.monotonic()
    shutil.rmtree(program.data)
    shutil.rmtree(keys)

    rapport("restore-keys", str(stick / "keys.age"), "--to", str(keys), "--passphrase-file", str(wrong), code=1)
    missing = rapport("restore", "--verify", str(file), "--to", str(program.data), code=1).output
    rapport("restore-keys", str(stick / "keys.age"), "--to", str(keys), "--passphrase-file", str(words))
    came_back = files(keys)
    back = rapport("restore", "--verify", str(file), "--to", str(program.data)).output
    program.start()

    assert first != file
    assert str(tmp_path / "second") in elsewhere
    assert "read back and whole" in told
    assert "MB in " in told
    assert "The recovery key still lies in" in told
    assert "what is lost with it is no backup" in refused
    assert "nothing is overwritten" in held
    assert "restore it from its backup" in missing
    assert f"{program.data} is back as of" in back
    assert " MB, " in back
    assert time.monotonic() - began < 120
    assert program.query("rapport_portal", "SELECT count(*) FROM staff") == [(1,)]
    del kept["newest-backup.key"]  # opens what lies in the folder of the backups, where it is not needed
    assert {name: came_back[name] for name in kept if "/" not in name} == {
        name: content for name, content in kept.items() if "/" not in name
    }
    assert kept["recovery.key"].strip() not in (stick / "keys.age").read_bytes()
    assert "the trail is whole" in rapport("audit", "verify", "--service", "portal").output


def by_itself(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program takes a backup when one is due, and a clinic that has none is due."""
    monkeypatch.setattr("embedded.backups.FIRST", timedelta(0))
    folder = program.data.with_name(f"{program.data.name}.backups")
    loop = BackupLoop(folder, timedelta(hours=1), utc_now)
    loop.begin()
    assert until(lambda: read_standing(folder).made_at is not None, 60)
    loop.end()


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_short_passphrase_is_refused(backed_up: BackedUp, words: Path, tmp_path: Path) -> None:
    words.write_text("short")

    told = rapport(
        "backup-keys", str(tmp_path / "x"), "--keys", str(backed_up.keys), "--passphrase-file", str(words), code=2
    )

    assert "12 characters" in told.output


def config(backed_up: BackedUp) -> EmbeddedConfig:
    return EmbeddedConfig.from_env(
        {
            "RAPPORT_DATA": str(backed_up.keys.with_name("clinic")),
            "RAPPORT_BACKUPS": str(backed_up.plan.folder),
        }
    )


def test_a_drill_restores_the_newest_backup_proves_it_and_leaves_nothing(backed_up: BackedUp) -> None:
    settings, now = config(backed_up), utc_now()

    run_drill(settings, load_keys(settings.keys), now)

    standing = read_standing(backed_up.plan.folder)
    assert (standing.drilled_at, standing.drilled_of) == (now, max(backups_in(backed_up.plan.folder)))
    assert standing.drill_failed_at is None
    assert standing.drill_seconds > 0
    assert {path.name for path in backed_up.keys.parent.iterdir()} == {"clinic.keys", "clinic.backups"}


def test_a_drill_that_fails_is_noted_and_leaves_nothing(backed_up: BackedUp) -> None:
    settings, file = config(backed_up), backed_up.taken.file
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    try:
        with pytest.raises(Exception, match="damaged or cut off"):
            run_drill(settings, load_keys(settings.keys), utc_now())
        assert "damaged" in read_standing(backed_up.plan.folder).drill_failure
    finally:
        file.write_bytes(content)
    assert {path.name for path in backed_up.keys.parent.iterdir()} == {"clinic.keys", "clinic.backups"}
