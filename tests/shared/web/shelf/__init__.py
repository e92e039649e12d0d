"""A shelf of jars: the smallest service that uses every part of the web base."""

import threading
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app
from marshmallow import Schema, fields, validate

from shared.access import Rule
from shared.database import Tx
from shared.ids import uuid7
from shared.service import Service
from shared.web.operation import ApiResponse, Call, operation
from shared.web.problems import NotFound, VersionConflict


class JarBroken(Exception):
    """A jar with this label cannot be filled."""

    errors = (("label", "is only for broken jars"),)


class TagSchema(Schema):
    word = fields.String(required=True, validate=validate.Length(max=20))


class NewJarSchema(Schema):
    label = fields.String(required=True, validate=validate.Length(min=1, max=200))
    grams = fields.Integer(required=True, strict=True)
    tags = fields.List(fields.Nested(TagSchema), load_default=list)


class JarSchema(Schema):
    id = fields.UUID()
    label = fields.String()
    grams = fields.Integer()
    version = fields.Integer()
    filled_at = fields.AwareDateTime()


class ShelfQuerySchema(Schema):
    label = fields.String()
    grams = fields.List(fields.Integer())


@dataclass
class Gate:
    """Lets a test hold a view between its first and its last statement."""

    inside: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    closed: bool = False

    def pass_through(self) -> None:
        if self.closed:
            self.inside.set()
            assert self.go_on.wait(20)


COOKS = Rule("Jars", {"cook": frozenset({"any"})})
ALL = Rule("The shelf", {"cook": frozenset({"any"}), "guest": frozenset({"any"})})

v1 = Blueprint("v1", __name__, url_prefix="/v1")


@v1.post("/jars")
@operation("Fill a jar", permits=COOKS, takes=NewJarSchema, gives=JarSchema, creates=True)
def post_jar(call: Call) -> ApiResponse:
    """Put something by for the winter."""
    if call.body["label"] == "broken":
        raise JarBroken("This label is only for broken jars.")
    jar = {"id": uuid7(), "filled_at": call.now, "version": 1, **call.body}
    call.tx.execute(
        "INSERT INTO jar (id, label, grams, filled_at) VALUES (%(id)s, %(label)s, %(grams)s, %(filled_at)s)",
        {name: jar[name] for name in ("id", "label", "grams", "filled_at")},
    )
    current_app.extensions["gate"].pass_through()
    if jar["label"] == "bursts":
        raise RuntimeError(f"burst: {jar['label']} and its secret CANARY-in-exception")
    return call.created(jar, at=f"/v1/jars/{jar['id']}", version=1)


@v1.get("/jars")
@operation(
    "Look along the shelf",
    permits=ALL,
    gives=JarSchema,
    query=ShelfQuerySchema,
    sorts=("label", "grams"),
)
def get_jars(call: Call) -> ApiResponse:
    rows = sorted(call.tx.rows("SELECT * FROM jar"), key=lambda row: (str(row[call.page.sort]), str(row["id"])))
    if call.page.descending:
        rows.reverse()
    if "label" in call.query:
        rows = [row for row in rows if row["label"] == call.query["label"]]
    after = call.page.after
    if after:
        seen = [(str(row[call.page.sort]), str(row["id"])) for row in rows].index((after[0], after[1]))
        rows = rows[seen + 1 :]
    shown, more = rows[: call.page.limit], rows[call.page.limit :]
    last = (str(shown[-1][call.page.sort]), str(shown[-1]["id"])) if more else None
    return call.items(shown, next_after=last)


@v1.get("/jars/<uuid:jar_id>")
@operation("Look at a jar", permits=ALL, gives=JarSchema)
def get_jar(call: Call, jar_id: UUID) -> ApiResponse:
    jar = _find(call.tx, jar_id)
    return call.ok(jar, version=jar["version"])


@v1.put("/jars/<uuid:jar_id>")
@operation("Refill a jar", permits=COOKS, takes=NewJarSchema, gives=JarSchema, needs_version=True)
def put_jar(call: Call, jar_id: UUID) -> ApiResponse:
    jar = _find(call.tx, jar_id)
    if jar["version"] != call.expected_version:
        raise VersionConflict("The jar was refilled since it was looked at.")
    call.tx.execute(
        "UPDATE jar SET label = %s, grams = %s, version = version + 1 WHERE id = %s",
        (call.body["label"], call.body["grams"], jar_id),
    )
    jar = _find(call.tx, jar_id)
    return call.ok(jar, version=jar["version"])


@v1.post("/jars/<uuid:jar_id>/opening")
@operation("Open a jar", permits=COOKS, creates=True)
def open_jar(call: Call, jar_id: UUID) -> ApiResponse:
    _find(call.tx, jar_id)
    call.tx.execute("DELETE FROM jar WHERE id = %s", (jar_id,))
    return call.nothing()


@v1.get("/whoami")
@operation("Say who asks", permits=ALL, headers=("X-Spoon",))
def get_whoami(call: Call) -> ApiResponse:
    scope = call.scope
    said: dict[str, Any] = {"actor": scope.actor, "purpose": scope.purpose, "source": scope.source}
    return call.ok({**said, "trace_id": scope.trace_id, "spoon": call.headers.get("X-Spoon")})


@v1.get("/labels.csv")
@operation("Write the labels down", permits=COOKS, answers="text/csv")
def get_labels(call: Call) -> ApiResponse:
    rows = call.tx.stream("SELECT label FROM jar ORDER BY label", at_once=2)
    return call.file("labels.csv", [f"{row['label']}\r\n".encode() for row in rows])


@v1.get("/label")
@operation("Print a label", permits=COOKS, answers="application/label+json")
def get_label(call: Call) -> ApiResponse:
    return call.ok({"shown": call.now})


@v1.get("/slow")
@operation("Wait for the milk to boil", permits=COOKS)
def get_slow(call: Call) -> ApiResponse:
    call.tx.execute("SELECT pg_sleep(5)")
    return call.nothing()


def _find(tx: Tx, jar_id: UUID) -> dict[str, Any]:
    jar = tx.row("SELECT * FROM jar WHERE id = %s", (jar_id,))
    if jar is None:
        raise NotFound("There is no such jar.")
    return jar


SHELF = Service(
    name="shelf",
    title="Shelf",
    api=v1,
    errors={JarBroken: 409},
    migrations="tests.shared.web.shelf.migrations",
)
