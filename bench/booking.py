"""Booking an hour in the scheduling service: its database filled, its web process, its requests, its SQL."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from werkzeug.test import Client

from bench.ground import Ground, password
from bench.load import request, wait_until_ready
from deploy.kafka.broker import free_ports
from services.scheduling.app import SERVICE
from services.scheduling.care import commands as care
from services.scheduling.resources.commands import keep_diary
from shared.database import Database
from shared.database.provision import ServiceUrls, provision
from shared.ids import uuid7
from shared.security.sealing import Vault
from shared.security.tokens import Signer, Verifier, key_from_seed, public_part
from shared.web.app import ApiDependencies, create_api

PAIRS = 40  # client and practitioner of each side: bookings of one pair wait for each other, others do not
APART = 2 * PAIRS  # the pair whose booking is looked at on the wire
_KEY = b"bench".ljust(32, b".")
_PATH = "/v1/appointments"
BASE = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)


def client(pair: int) -> UUID:
    """The client of a pair; the expression in booking-0.1.0.sql makes the same."""
    return UUID(f"018f00aa-0000-7000-8000-{pair:012x}")


def practitioner(pair: int) -> UUID:
    """Whom that client sees."""
    return UUID(f"018f00bb-0000-7000-8000-{pair:012x}")


def fill(ground: Ground) -> ServiceUrls:
    """Scheduling's database with the pairs of both sides and the one apart."""
    urls = provision(ground.postgres.url(), SERVICE.name, SERVICE.migrations, password)
    now = datetime.now(UTC)
    database = Database(urls.app, name="bench").open()
    with database.transaction() as tx:
        for pair in range(APART + 1):
            keep_diary(tx, practitioner(pair), "UTC", now=now)
            care.register_client(tx, client_id=client(pair), spoken_code=f"K-{1000 + pair}", now=now)
            care.allocate(
                tx,
                allocation_id=uuid7(),
                client_id=client(pair),
                practitioner_id=practitioner(pair),
                allocated_at=now,
                now=now,
            )
    database.close()
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return urls


@contextmanager
def web_process(urls: ServiceUrls, ground: Ground, *, module: str = "services.scheduling") -> Iterator[tuple[int, int]]:
    """`python -m services.scheduling web` as it is run in production; gives its port and its process id."""
    port, health = free_ports(2)
    key = public_part(key_from_seed(_KEY)).as_dict()
    environment = {
        "RAPPORT_APP_URL": urls.app,
        "RAPPORT_MASTER_KEY": base64.b64encode(_KEY).decode(),
        "RAPPORT_TOKEN_KEYS": json.dumps({"portal": key}),
        "RAPPORT_HOST": "127.0.0.1",
        "RAPPORT_PORT": str(port),
        "RAPPORT_HEALTH_PORT": str(health),
        "RAPPORT_METRICS_DIR": str(ground.folder / "metrics" / module),
    }
    with (ground.folder / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "web"],
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_ready(f"http://127.0.0.1:{health}/readyz", 30)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def requests(first: int, count: int) -> list[bytes]:
    """Bookings number `first` and following of our pairs, in turn, an hour after each other."""
    headers = {"Authorization": f"Bearer {_token()}"}
    made = []
    for n in range(first, first + count):
        body = json.dumps(_body(n % PAIRS, n // PAIRS)).encode()
        made.append(request("POST", _PATH, body, {**headers, "Idempotency-Key": str(uuid7())}))
    return made


def reads(paths: Sequence[str], count: int) -> list[bytes]:
    """As many requests for these paths, in turn."""
    headers = {"Authorization": f"Bearer {_token()}"}
    return [request("GET", paths[n % len(paths)], b"", headers) for n in range(count)]


def cost_of_one(urls: ServiceUrls, folder: Path) -> tuple[int, int]:
    """
    What one booking costs on the wire, from libpq's own trace of it.

    Returns:
        Statements executed, BEGIN and COMMIT among them, and round trips: how often the request
        waited until the server was ready for more.
    """
    database = Database(urls.app, name="bench", size=1, vault=Vault(_KEY, service=SERVICE.name)).open()
    verifier = Verifier({"portal": key_from_seed(_KEY)}, SERVICE.name, SERVICE.trusts)
    browser = Client(create_api(SERVICE, ApiDependencies(database=database, verifier=verifier)))
    seen = folder / "trace"
    for slot in range(3):  # the first request of a service makes its data key, the second keeps it in mind
        with seen.open("w") as out:
            with database.pool.connection() as connection:
                connection.pgconn.trace(out.fileno())
            headers = {"Authorization": f"Bearer {_token()}", "Idempotency-Key": str(uuid7())}
            answer = browser.post(_PATH, json=_body(APART, slot), headers=headers)
            with database.pool.connection() as connection:
                connection.pgconn.untrace()
        assert answer.status_code == 201, answer.get_data(as_text=True)
    database.close()
    kinds = [fields[3] for line in seen.read_text().splitlines() if len(fields := line.split("\t")) > 3]
    return kinds.count("Execute") + kinds.count("Query"), kinds.count("ReadyForQuery")


def _body(pair: int, slot: int) -> dict[str, object]:
    return {
        "client_id": str(client(pair)),
        "practitioner_id": str(practitioner(pair)),
        "type_code": "02",
        "modality": "in_person",
        "local_start": f"{BASE + timedelta(hours=slot):%Y-%m-%dT%H:%M}",
        "minutes": 50,
    }


def _token() -> str:
    signer = Signer(key_from_seed(_KEY), "portal")
    return signer.token(
        audience=SERVICE.name, actor=practitioner(0), roles=["front_desk"], purpose="bench", now=datetime.now(UTC)
    )
