import os
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.folder import DataFolder, FolderInUse, FolderRefused
from embedded.keys import KeysRefused, load_or_make_keys
from embedded.settings import EmbeddedConfig
from shared.settings import ConfigurationError


def test_the_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    first = load_or_make_keys(tmp_path / "keys", data=tmp_path / "data")
    second = load_or_make_keys(tmp_path / "keys", data=tmp_path / "data")

    assert first == second
    assert (tmp_path / "keys/master.key").stat().st_mode & 0o777 == 0o400


def test_what_is_derived_differs_by_purpose(tmp_path: Path) -> None:
    keys = load_or_make_keys(tmp_path / "keys", data=tmp_path / "data")

    assert len({keys.secret("a"), keys.secret("b"), keys.password("a").encode(), keys.master}) == 4


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_or_make_keys(tmp_path / "keys", data=tmp_path / "data")
    (tmp_path / "keys/master.key").chmod(0o444)

    with pytest.raises(KeysRefused, match="chmod 700"):
        load_or_make_keys(tmp_path / "keys", data=tmp_path / "data")


def test_data_without_its_key_is_not_given_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "data/postgres").mkdir(parents=True)
    (tmp_path / "data/postgres/PG_VERSION").write_text("18")

    with pytest.raises(KeysRefused, match="restore it"):
        load_or_make_keys(tmp_path / "keys", data=tmp_path / "data")


@pytest.mark.parametrize("content", ["", "zz", "ab" * 31, "ab" * 33])
def test_a_damaged_key_is_named_as_such(tmp_path: Path, content: str) -> None:
    load_or_make_keys(tmp_path / "keys", data=tmp_path / "data")
    path = tmp_path / "keys/master.key"
    path.chmod(0o600)
    path.write_text(content)
    path.chmod(0o400)

    with pytest.raises(KeysRefused, match="is damaged"):
        load_or_make_keys(tmp_path / "keys", data=tmp_path / "data")


def test_a_second_program_on_one_folder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    first = DataFolder(tmp_path / "data")
    first.take()

    with pytest.raises(FolderInUse, match=f"process {os.getpid()}"):
        DataFolder(tmp_path / "data").take()


def test_a_killed_program_leaves_no_lock_behind(tmp_path: Path) -> None:
    hold = (
        "import sys, pathlib; from embedded.folder import DataFolder; "
        "f = DataFolder(pathlib.Path(sys.argv[1])); f.take(); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path / "data")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()
        holder.wait()

    DataFolder(tmp_path / "data").take()


def test_settings_have_defaults_that_bind_to_this_machine_alone() -> None:
    config = EmbeddedConfig.from_env({})

    assert (config.host, config.port, config.checkin_port, config.inner_port) == ("127.0.0.1", 8000, 8001, 8002)
    assert (config.demo, config.accepted, config.is_secure) == (True, frozenset(), False)
    assert config.checkin_address == "http://127.0.0.1:8001"
    assert config.data not in config.keys.parents


def test_with_tls_or_a_declared_proxy_links_and_cookies_are_for_https() -> None:
    own = EmbeddedConfig.from_env({"RAPPORT_TLS_CERT": "c.pem", "RAPPORT_TLS_KEY": "k.pem", "RAPPORT_HOST": "::1"})
    behind = EmbeddedConfig.from_env({"RAPPORT_PROXIES": "10.0.0.1", "RAPPORT_CHECKIN_URL": "https://c.example/"})

    assert (own.is_secure, own.checkin_address) == (True, "https://[::1]:8001")
    assert (behind.is_secure, behind.checkin_address) == (True, "https://c.example")
    with pytest.raises(ConfigurationError, match="RAPPORT_TLS_KEY belong together"):
        EmbeddedConfig.from_env({"RAPPORT_TLS_CERT": "c.pem"})


def test_a_data_folder_of_ones_own_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o777)

    DataFolder(tmp_path / "data").take()

    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_a_data_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """/usr belongs to root; for root, a folder is given away."""
    folder = Path("/usr")
    if os.geteuid() == 0:
        folder = tmp_path / "data"
        folder.mkdir()
        os.chown(folder, 65534, 65534)

    with pytest.raises(FolderRefused, match="belongs to user"):
        DataFolder(folder).take()


def test_a_disk_that_cannot_be_written_is_one_line() -> None:
    with pytest.raises(FolderRefused, match=r"cannot be written .* set RAPPORT_DATA"):
        DataFolder(Path("/sys/kernel/clinic")).take()
    with pytest.raises(KeysRefused, match=r"cannot be written .* set RAPPORT_KEYS"):
        load_or_make_keys(Path("/sys/kernel/keys"), data=Path("/nowhere"))


def test_wrong_settings_are_named_together() -> None:
    with pytest.raises(ConfigurationError) as told:
        EmbeddedConfig.from_env({"RAPPORT_PORT": "eighty", "RAPPORT_ZONE": "Mars/Olympus", "DEMO": "perhaps"})

    assert all(name in str(told.value) for name in ("RAPPORT_PORT", "RAPPORT_ZONE", "DEMO"))
