"""Booking an hour in the scheduling service: its database filled, its web process, its requests, its SQL."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID

import psycopg
from werkzeug.test import Client

from bench.ground import Ground, password
from bench.load import request, wait_until_ready
from bench.replay import WritingDown, script
from deploy.kafka.broker import free_ports
from services.scheduling.app import SERVICE
from services.scheduling.care import commands as care
from services.scheduling.resources.commands import keep_diary
from shared.database import Database, Tx
from shared.database.provision import ServiceUrls, provision
from shared.ids import uuid7
from shared.security.sealing import THE_SERVICE, Vault
from shared.security.tokens import Signer, Verifier, key_from_seed, public_part
from shared.web.app import ApiParts, create_api

PAIRS = 40  # client and practitioner of each side: bookings of one pair wait for each other, others do not
CAPTURED = 2 * PAIRS  # the pair whose booking is written down
_KEY = b"bench".ljust(32, b".")
_PATH = "/v1/appointments"
_BASE = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
_HEAD = 7_000_000_000  # where the audit trail begins: a number that cannot be mistaken for another in the capture


def client(pair: int) -> UUID:
    """The client of a pair; the expression in `bookings_sql` makes the same."""
    return UUID(f"018f00aa-0000-7000-8000-{pair:012x}")


def practitioner(pair: int) -> UUID:
    """Whom that client sees."""
    return UUID(f"018f00bb-0000-7000-8000-{pair:012x}")


def fill(ground: Ground) -> ServiceUrls:
    """Scheduling's database with the pairs of both sides and the captured one."""
    urls = provision(ground.postgres.url(), SERVICE.name, SERVICE.migrations, password)
    now = datetime.now(UTC)
    database = Database(urls.app, name="bench").open()
    with database.transaction() as tx:
        for pair in range(CAPTURED + 1):
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
        connection.execute("UPDATE audit_head SET no = %s", (_HEAD,))
        connection.execute("VACUUM ANALYZE")
    return urls


@contextmanager
def web_process(urls: ServiceUrls, ground: Ground) -> Iterator[tuple[int, int]]:
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
        "RAPPORT_METRICS_DIR": str(ground.folder / "metrics"),
    }
    with (ground.folder / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.scheduling", "web"],
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


def bookings_sql(urls: ServiceUrls) -> str:
    """What one booking executes, as a pgbench script over the other side's pairs."""
    vault = Vault(_KEY, service=SERVICE.name)
    database = Database(urls.app, name="bench", vault=vault)
    assert isinstance(database.pool.kwargs, dict)
    database.pool.kwargs["cursor_factory"] = WritingDown
    verifier = Verifier({"portal": key_from_seed(_KEY)}, SERVICE.name, SERVICE.trusts)
    browser = Client(create_api(SERVICE, ApiParts(database=database.open(), verifier=verifier)))
    for slot in range(2):  # the first request of a service makes its data key
        WritingDown.seen.clear()
        headers = {"Authorization": f"Bearer {_token()}", "Idempotency-Key": str(uuid7())}
        answer = browser.post(_PATH, json=_body(CAPTURED, slot), headers=headers)
        assert answer.status_code == 201, answer.get_data(as_text=True)
    seen = list(WritingDown.seen)
    with database.transaction() as tx:
        numbers = _numbers(tx)
        head = tx.value("SELECT no FROM audit_head")
    database.close()
    start = _BASE + timedelta(hours=1)
    hours = "((:slot::int) * interval '1 hour')"
    known = {
        seen[0][1][0][0]: ":n::bigint",  # the lock on the idempotency key
        client(CAPTURED): "('018f00aa-0000-7000-8000-' || lpad(to_hex(:pair::int), 12, '0'))::uuid",
        practitioner(CAPTURED): "('018f00bb-0000-7000-8000-' || lpad(to_hex(:pair::int), 12, '0'))::uuid",
        THE_SERVICE: f"'{THE_SERVICE}'::uuid",
        str(practitioner(0)): f"'{practitioner(0)}'",  # who asks
        **numbers,
        head: "(:head_no::bigint + 1)",
        start: f"('{_BASE:%Y%m%dT%H}0000+00'::timestamptz + {hours})",
        start + timedelta(minutes=50): f"('{_BASE:%Y%m%dT%H}5000+00'::timestamptz + {hours})",
        start.replace(tzinfo=None): f"('{_BASE:%Y%m%dT%H}0000'::timestamp + {hours})",
    }
    before = [
        "\\set i :i + 1",
        "\\set n :i * 64 + :client_id",
        f"\\set pair {PAIRS} + (:client_id * 5 + :i % 5)",
        "\\set slot :i / 5",
    ]
    return script(seen, known, before=before, fetched={"SELECT no, hash FROM audit_head": "head_"})


def _numbers(tx: Tx) -> dict[int, str]:
    """The numbers of the captured pair's resources, and how those of the others follow from the pair."""
    found: dict[int, str] = {}
    for kind, first in (("client", client), ("practitioner", practitioner)):
        by_id = {row["id"]: row["resource_no"] for row in tx.rows(_RESOURCES, (kind,))}
        base, step = by_id[first(0)], by_id[first(1)] - by_id[first(0)]
        assert all(by_id[first(pair)] == base + step * pair for pair in range(CAPTURED + 1))
        found[by_id[first(CAPTURED)]] = f"(:pair::int * {step} + {base})"
    return found


_RESOURCES: LiteralString = "SELECT id, resource_no FROM resource WHERE kind = %s"


def _body(pair: int, slot: int) -> dict[str, object]:
    return {
        "client_id": str(client(pair)),
        "practitioner_id": str(practitioner(pair)),
        "type_code": "02",
        "modality": "in_person",
        "local_start": f"{_BASE + timedelta(hours=slot):%Y-%m-%dT%H:%M}",
        "minutes": 50,
    }


def _token() -> str:
    signer = Signer(key_from_seed(_KEY), "portal")
    return signer.token(
        audience=SERVICE.name, actor=practitioner(0), roles=["front_desk"], purpose="bench", now=datetime.now(UTC)
    )
