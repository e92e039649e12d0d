"""Where scheduling's API hangs; what its routes ask of the asker stands in shared/contracts/access.py."""

from flask import Blueprint

v1 = Blueprint("v1", __name__, url_prefix="/v1")
