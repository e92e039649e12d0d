"""Settings from the environment: declared in one place, read once, all mistakes named in one message."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ConfigurationError(Exception):
    """The environment lacks settings or holds wrong ones; the message names every one of them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, what it does, its default as text (None: required), its reader."""

    name: str
    help: str
    default: str | None = None
    parse: Callable[[str], Any] = str
    secret: bool = False


def read_settings(env: Mapping[str, str], wanted: Iterable[Setting]) -> dict[str, Any]:
    """
    Read the wanted settings from `env`.

    A secret may also be given as a file: with `X_FILE` set, the content of that
    file, stripped, is the value of `X`.

    Raises:
        ConfigurationError: naming all missing and all unreadable settings at once.
    """
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for setting in wanted:
        text = env.get(setting.name) or _from_file(env, setting, wrong) or setting.default
        if text is None:
            wrong.append(f"{setting.name} is missing ({setting.help})")
            continue
        try:
            values[setting.name] = setting.parse(text)
        except ValueError as error:
            # What int() and its like say quotes the value, which must not happen to a secret.
            detail = f"({setting.help})" if setting.secret else f": {error}"
            shown = "" if setting.secret else f" {text!r}"
            wrong.append(f"{setting.name}{shown} cannot be read{' ' if setting.secret else ''}{detail}")
    if wrong:
        raise ConfigurationError("; ".join(wrong))
    return values


def _from_file(env: Mapping[str, str], setting: Setting, wrong: list[str]) -> str | None:
    path = env.get(f"{setting.name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        wrong.append(f"{setting.name}_FILE cannot be read: {error.strerror}")
        return ""
