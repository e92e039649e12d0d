"""The demo clinic in one process, as it is run, with an empty page of Flask's beside it in the same server."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bench.ground import Ground
from bench.load import request, wait_until_ready
from deploy.kafka.broker import free_ports
from embedded.databases import service_urls_of
from embedded.house import WEB_THREADS, House
from embedded.keys import load_keys
from embedded.server import Door, serve
from embedded.settings import EmbeddedConfig
from portal.security.accounts import all_staff
from portal.security.origin import NOWHERE
from portal.security.sign_ins import begin
from shared.clock import utc_now
from shared.database import Database
from shared.logs import configure_logs
from shared.security.sealing import Vault

EMPTY = "/empty"


@dataclass(frozen=True, slots=True)
class OpenHouse:
    """A clinic that is open: where, and the sign-in of each member of its staff, by user name."""

    port: int
    process: int
    sign_ins: dict[str, str]

    def get(self, path: str, username: str) -> bytes:
        """The request of a browser in which this member of staff is signed in."""
        return request("GET", path, b"", {"Cookie": f"sid={self.sign_ins[username]}"})


@contextmanager
def open_house(ground: Ground) -> Iterator[OpenHouse]:
    """
    The demo clinic, half a year of it, everybody signed in.

    On a server of its own: where another measurement has left rows, no demo clinic is made.
    """
    data, port = ground.folder / "house", free_ports(1)[0]
    data.mkdir()
    settings = {"RAPPORT_DATA": str(data), "RAPPORT_PORT": str(port), "DEMO": "1"}
    environment, admin_url = {**os.environ, **settings}, ground.new_server("house-postgres").url()
    with (ground.folder / "house.log").open("ab") as log:
        made = [sys.executable, "-m", "embedded.prepare"]
        subprocess.run(made, env=environment, input=admin_url.encode(), stdout=log, stderr=log, check=True)
        child = subprocess.Popen(
            [sys.executable, "-m", "bench.house"], env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log
        )
    try:
        assert child.stdin is not None
        child.stdin.write(admin_url.encode())
        child.stdin.close()
        wait_until_ready(f"http://127.0.0.1:{port}/sign-in", 30)
        yield OpenHouse(port, child.pid, _sign_everybody_in(EmbeddedConfig.from_env(settings), admin_url))
    finally:
        child.terminate()
        child.wait(40)


def last_monday(today: date) -> date:
    """A day with hours in it, whichever day of the week this is."""
    return date.fromordinal(today.toordinal() - today.weekday())


def _sign_everybody_in(config: EmbeddedConfig, admin_url: str) -> dict[str, str]:
    keys = load_keys(config.keys)
    vault = Vault(keys.secret("vault|portal"), service="portal")
    database = Database(service_urls_of(admin_url, keys.password)["portal"].app, name="bench", vault=vault).open()
    try:
        with database.transaction() as tx:
            return {one.username: begin(tx, one.id, utc_now(), NOWHERE) for one in all_staff(tx)}
    finally:
        database.close()


def _serve() -> None:
    admin_url, config = sys.stdin.read(), EmbeddedConfig.from_env(os.environ)
    listener = socket.create_server((config.host, config.port))

    keys = load_keys(config.keys)
    house = House(
        service_urls_of(admin_url, keys.password),
        keys,
        clock=utc_now,
        clinic=config.clinic,
        zone=config.zone,
        address=config.checkin_address,
    )
    configure_logs(service="rapport", process="embedded", file=config.data / "rapport.log")
    pages = DispatcherMiddleware(house.wsgi, {EMPTY: _empty_page()})
    serve([Door("portal", listener, pages, WEB_THREADS)], begin=house.begin, end=house.end)


def _empty_page() -> Flask:
    app = Flask("empty")
    app.add_url_rule("/", view_func=lambda: "")
    return app


if __name__ == "__main__":
    _serve()
