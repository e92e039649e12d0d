from pathlib import Path

import pytest

from shared.settings import ConfigurationError, Setting, read_settings

PORT = Setting("X_PORT", "the port", "8000", int)
KEY = Setting("X_KEY", "the key", secret=True)


def test_all_missing_and_wrong_settings_are_named_in_one_message() -> None:
    with pytest.raises(ConfigurationError) as told:
        read_settings({"X_PORT": "eight"}, [PORT, KEY])

    assert "X_PORT 'eight' cannot be read" in str(told.value)
    assert "X_KEY is missing (the key)" in str(told.value)


def test_a_default_holds_where_nothing_is_set() -> None:
    assert read_settings({"X_KEY": "k"}, [PORT, KEY]) == {"X_PORT": 8000, "X_KEY": "k"}


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")

    assert read_settings({"X_KEY_FILE": str(tmp_path / "key")}, [KEY]) == {"X_KEY": "from the file"}


def test_a_wrong_secret_is_never_shown() -> None:
    with pytest.raises(ConfigurationError) as told:
        read_settings({"X_KEY": "hunter2"}, [Setting("X_KEY", "the key", parse=int, secret=True)])

    assert str(told.value) == "X_KEY cannot be read (the key)"


def test_a_secret_s_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="X_KEY_FILE cannot be read: No such file"):
        read_settings({"X_KEY_FILE": str(tmp_path / "absent")}, [KEY])
