"""
Own styles and scripts, joined when the program starts: no build step, one request each.

The address carries the content's hash, so that browsers may keep it for ever and a new
version is never missed.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from flask import Blueprint, Response, abort

from portal.doors import EVERYONE, opens_for

# Layers come first, because their order is decided where they are first named.
_FIRST = "layers.css"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    address: str
    kind: str
    body: bytes


def joined(folder: str, suffix: str) -> bytes:
    """All files of a folder below `static`, in order of name, the layers first."""
    found = [f for f in (files("portal") / "static" / folder).iterdir() if f.name.endswith(suffix)]
    found.sort(key=lambda f: (f.name != _FIRST, f.name))
    return b"\n".join(f.read_bytes() for f in found)


def load_assets() -> dict[str, Asset]:
    """Every asset by its plain name."""
    icon = (files("portal") / "static" / "icon.svg").read_bytes()
    plain = {
        "portal.css": ("text/css", joined("css", ".css")),
        "portal.js": ("text/javascript", joined("js", ".js")),
        "icon.svg": ("image/svg+xml", icon),
    }
    return {
        name: Asset(f"/assets/{hashlib.sha256(body).hexdigest()[:12]}/{name}", kind, body)
        for name, (kind, body) in plain.items()
    }


def assets_blueprint(assets: dict[str, Asset]) -> Blueprint:
    """Serves the assets."""
    screen = Blueprint("assets", __name__)

    @screen.get("/assets/<stamp>/<name>")
    @opens_for(EVERYONE)
    def asset(stamp: str, name: str) -> Response:
        found = assets.get(name)
        if found is None or found.address != f"/assets/{stamp}/{name}":
            abort(404)
        response = Response(found.body, content_type=f"{found.kind}; charset=utf-8")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    return screen
