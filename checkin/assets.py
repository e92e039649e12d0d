"""Styles and scripts of the form; their addresses carry a hash of the content, so that browsers may keep them."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files

from flask import Flask, url_for

KEPT_SECONDS = 31_536_000


def add_assets(app: Flask) -> None:
    """Give templates `asset(name)`; the files themselves come from Flask's static route."""
    stamps = _stamps()

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=stamps[name])

    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = KEPT_SECONDS
    app.jinja_env.globals["asset"] = asset


def _stamps() -> Mapping[str, str]:
    folder = files("checkin") / "static"
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in folder.iterdir()}
