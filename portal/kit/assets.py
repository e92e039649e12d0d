"""
Own styles and scripts, joined when the program starts: no build step, one request each.

The address carries the content's hash, so that browsers may keep it for ever and a new
version is never missed.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import as_file, files

from flask import Blueprint, Response, abort

from portal.security.permissions import EVERYONE, requires

# Layers come first, because their order is decided where they are first named; then what all
# screens share, then the areas: a screen's own rule stands after the one it refines.
_FIRST = "kit/styles/layers.css"
_ORDER = ("kit", "areas")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    address: str
    kind: str
    body: bytes


def joined(suffix: str) -> bytes:
    """All files with this ending: the layers, then the kit, then the areas, each in order of their paths."""
    with as_file(files("portal")) as root:
        found = [path for part in _ORDER for path in sorted((root / part).rglob(f"*{suffix}"))]
        found.sort(key=lambda path: path != root / _FIRST)
        return b"\n".join(path.read_bytes() for path in found)


def load_assets() -> dict[str, Asset]:
    """Every asset by its plain name."""
    icon = (files("portal") / "kit" / "icon.svg").read_bytes()
    plain = {
        "portal.css": ("text/css", joined(".css")),
        "portal.js": ("text/javascript", joined(".js")),
        "icon.svg": ("image/svg+xml", icon),
    }
    return {
        name: Asset(f"/assets/{hashlib.sha256(body).hexdigest()[:12]}/{name}", kind, body)
        for name, (kind, body) in plain.items()
    }


def assets_blueprint(assets: dict[str, Asset]) -> Blueprint:
    screen = Blueprint("assets", __name__)

    @screen.get("/assets/<stamp>/<name>")
    @requires(EVERYONE)
    def asset(stamp: str, name: str) -> Response:
        found = assets.get(name)
        if found is None or found.address != f"/assets/{stamp}/{name}":
            abort(404)
        response = Response(found.body, content_type=f"{found.kind}; charset=utf-8")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    return screen
