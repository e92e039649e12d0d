"""The shelf under gunicorn, as a program: database URL, public port, inner port, folder of the metrics."""

import sys
from pathlib import Path

from flask import Flask

from shared.clock import utc_now
from shared.database import Database
from shared.metrics import Metrics
from shared.security.sealing import Vault
from shared.security.tokens import Verifier, key_from_seed
from shared.web.app import ApiDependencies, create_api
from shared.web.server import WebConfig, serve
from tests.shared.web.shelf import SHELF, Gate

CONFIG = WebConfig(
    "shelf",
    f"127.0.0.1:{sys.argv[2]}",
    f"127.0.0.1:{sys.argv[3]}",
    workers=2,
    threads=2,
    metrics_dir=Path(sys.argv[4]),
    graceful_seconds=10,
)


def shelf() -> Flask:
    database = Database(sys.argv[1], name="shelf", vault=Vault(b"m" * 32, service="shelf"), size=4).open()
    verifier = Verifier({"kitchen": key_from_seed(b"k" * 32)}, "shelf", {"kitchen": frozenset({"cook"})})
    parts = ApiDependencies(database, verifier, clock=utc_now, metrics=Metrics(), inner_port=CONFIG.inner_port)
    app = create_api(SHELF, parts)
    app.extensions["gate"] = Gate()
    return app


serve(shelf, CONFIG)
