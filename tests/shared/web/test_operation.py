"""The way of a request through an operation: who, which version, which page, and when the database is away."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Blueprint
from marshmallow import EXCLUDE, INCLUDE, Schema, fields

from shared.access import Rule
from shared.database import Database
from shared.deadline import TIME_LEFT
from shared.security.tokens import Signer
from shared.web.app import ApiDependencies, RouteRefused, create_api
from shared.web.operation import ApiResponse, Call, operation
from tests.shared.web.conftest import COOK, DOOR, NOW, Shelf
from tests.shared.web.shelf import COOKS, SHELF
from tests.shared.web.test_bad_input import assert_clear


def test_what_was_created_can_be_read_at_its_location(shelf: Shelf) -> None:
    made = shelf.fill("plums", 300)

    read = shelf.ask("GET", made.headers["Location"])

    assert made.status_code == 201
    assert read.status_code == 200
    assert read.json == made.json
    assert read.headers["ETag"] == '"1"'
    assert {"label": "plums", "grams": 300}.items() <= (read.json or {}).items()


def test_a_view_knows_who_asks_and_what_for(shelf: Shelf) -> None:
    thread = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"

    said = shelf.ask("GET", "/v1/whoami", headers={"traceparent": thread, "X-Spoon": "wood"})

    assert said.json == {
        "actor": str(COOK),
        "purpose": "cooking",
        "source": "kitchen",
        "trace_id": "ab" * 16,
        "spoon": "wood",
    }
    assert said.headers["X-Request-Id"] == "ab" * 16


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic Y29vazpjb29r", "Bearer x.y.z", "Bearer " + "A" * 9000, "Bearer \xff"],
)
def test_without_a_good_token_nothing_is_shown(shelf: Shelf, authorization: str) -> None:
    answer = shelf.http.get("/v1/jars", headers={"Authorization": authorization})

    assert_clear(answer, 401, None)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_stale_token_is_refused(shelf: Shelf) -> None:
    answer = shelf.http.get("/v1/jars", headers=shelf.bearer(now=NOW - timedelta(minutes=3)))

    assert_clear(answer, 401, None)
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_role_that_is_not_permitted_is_refused(shelf: Shelf) -> None:
    may_look = shelf.http.get("/v1/jars", headers=shelf.bearer("guest"))
    may_not_fill = shelf.http.post("/v1/jars", headers=shelf.bearer("guest") | {"Idempotency-Key": "a"}, json={})

    assert may_look.status_code == 200
    assert_clear(may_not_fill, 403, None)


def test_an_issuer_cannot_lend_roles_beyond_its_own(shelf: Shelf) -> None:
    door = replace(shelf, signer=Signer(DOOR, "door"))

    assert door.http.get("/v1/jars", headers=door.bearer("guest")).status_code == 200
    assert_clear(door.http.get("/v1/jars", headers=door.bearer("cook")), 401, None)


def test_a_file_is_whole_named_and_of_its_kind(shelf: Shelf) -> None:
    for label in ("plums", "figs", "\u00e4pfel", "pears", "quinces"):
        shelf.fill(label)

    answer = shelf.ask("GET", "/v1/labels.csv")

    assert answer.data.decode().split("\r\n") == ["figs", "pears", "plums", "quinces", "\u00e4pfel", ""]
    assert answer.content_type == "text/csv"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="labels.csv"'


def test_json_of_a_further_kind_says_which_and_refusals_stay_problems(shelf: Shelf) -> None:
    answer, refused = shelf.ask("GET", "/v1/label"), shelf.ask("GET", "/v1/label?size=3")

    assert (answer.content_type, answer.json) == ("application/label+json", {"shown": NOW.isoformat()})
    assert_clear(refused, 400, "size")


def test_the_document_says_what_kind_of_file_an_operation_answers(shelf: Shelf) -> None:
    paths = (shelf.http.get("/v1/openapi.json").json or {})["paths"]

    kinds = {path: paths[path]["get"]["responses"]["2XX"].get("content") for path in ("/v1/labels.csv", "/v1/label")}

    assert kinds == {
        "/v1/labels.csv": {"text/csv": {"schema": {"type": "string"}}},
        "/v1/label": {"application/label+json": {"schema": {"type": "object"}}},
    }


def test_what_a_repeated_command_could_not_get_again_is_not_declared() -> None:
    with pytest.raises(ValueError, match="creates"):
        operation("Fill", permits=COOKS, creates=True, answers="text/csv")


def test_a_change_needs_the_version_it_is_based_on(shelf: Shelf) -> None:
    place = shelf.fill().headers["Location"]
    refill = {"label": "figs", "grams": 5}

    missing = shelf.ask("PUT", place, json=refill)
    first = shelf.ask("PUT", place, json=refill, headers={"If-Match": '"1"'})
    stale = shelf.ask("PUT", place, json=refill, headers={"If-Match": '"1"'})

    assert_clear(missing, 428, "If-Match")
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    assert_clear(stale, 412, None)
    assert stale.get_json()["title"] == "Version conflict"


@pytest.mark.parametrize("version", ["1", "*", 'W/"1"', '"x"', '"-1"', '"1", "2"', '"' + "9" * 30 + '"', '"١"', ""])
def test_a_malformed_version_is_refused(shelf: Shelf, version: str) -> None:
    place = shelf.fill().headers["Location"]

    answer = shelf.ask("PUT", place, json={"label": "a", "grams": 1}, headers={"If-Match": version})

    assert_clear(answer, 400, "If-Match")


def test_pages_show_everything_once_in_order(shelf: Shelf) -> None:
    for grams in (5, 3, 1, 4, 2):
        shelf.fill(f"jar {grams}", grams)
    seen, path = [], "/v1/jars?limit=2&sort=-label"

    while path:
        page = shelf.ask("GET", path).get_json()
        seen += [jar["grams"] for jar in page["items"]]
        path = f"/v1/jars?limit=2&sort=-label&cursor={page['next']}" if page["next"] else ""

    assert seen == [5, 4, 3, 2, 1]


def test_a_cursor_is_good_for_its_own_question_alone(shelf: Shelf) -> None:
    shelf.fill("a")
    shelf.fill("b")
    cursor = shelf.ask("GET", "/v1/jars?limit=1&sort=label").get_json()["next"]

    for query in (
        f"cursor={cursor}&sort=grams",
        f"cursor={cursor}&sort=-label",
        f"cursor={cursor[:-1]}",
        f"cursor={cursor}A",
        f"cursor={cursor[:3]}{'B' if cursor[3] != 'B' else 'C'}{cursor[4:]}",
    ):
        assert_clear(shelf.ask("GET", f"/v1/jars?limit=1&{query}"), 400, "cursor")
    assert shelf.ask("GET", f"/v1/jars?limit=1&cursor={cursor}").status_code == 200


def test_a_slow_question_ends_with_a_clear_answer(shelf: Shelf) -> None:
    answer = shelf.ask("GET", "/v1/slow")

    assert_clear(answer, 503, None)
    assert answer.headers["Retry-After"] == "2"


def test_without_a_database_the_answer_is_to_come_back(shelf: Shelf) -> None:
    parts: ApiDependencies = shelf.app.extensions["rapport"].parts
    away = Database("postgresql://nobody:x@127.0.0.1:1/none", name="away", vault=parts.database.vault).open()
    try:
        lonely = replace(shelf, app=create_api(SHELF, replace(parts, database=away)), database=away)
        answer, ready = lonely.ask("GET", "/v1/jars"), lonely.http.get("/readyz")
        alive = lonely.http.get("/livez")
    finally:
        away.close()

    assert_clear(answer, 503, None)
    assert answer.headers["Retry-After"] == "2"
    assert b'reason="pool"' in shelf.metrics.exposition()
    assert (ready.status_code, alive.status_code) == (503, 200)


class LooseSchema(Schema):
    class Meta:
        unknown = INCLUDE

    label = fields.String()


class LooseInsideSchema(Schema):
    tags = fields.List(fields.Nested(Schema.from_dict({"a": fields.String()})(unknown=EXCLUDE)))


def _nothing(call: Call) -> ApiResponse:
    return call.nothing()


@pytest.mark.parametrize(("left", "limit"), [("700", "700ms"), ("60000", "1s"), (None, "1s")])
def test_no_statement_runs_longer_than_the_asker_waits(shelf: Shelf, left: str | None, limit: str) -> None:
    def show(call: Call) -> ApiResponse:
        return call.ok({"limit": call.tx.value("SHOW statement_timeout")})

    blueprint = Blueprint("v1", __name__)
    blueprint.get("/limit")(operation("Show the limit", permits=COOKS)(show))
    app = create_api(replace(SHELF, api=blueprint), shelf.app.extensions["rapport"].parts)

    answer = app.test_client().get("/limit", headers=shelf.bearer() | ({TIME_LEFT: left} if left else {}))

    assert answer.json == {"limit": limit}


@pytest.mark.parametrize("left", ["", "0", "-1", "1.5", "60001", "soon", "9" * 400])
def test_a_time_that_is_none_is_refused_by_name(shelf: Shelf, left: str) -> None:
    answer = shelf.ask("GET", "/v1/jars", headers={TIME_LEFT: left})

    assert_clear(answer, 400, None)
    assert TIME_LEFT in answer.get_data(as_text=True)


@pytest.mark.parametrize("loose", [LooseSchema, LooseInsideSchema])
def test_a_route_that_lets_unknown_fields_pass_stops_the_start(shelf: Shelf, loose: type[Schema]) -> None:
    blueprint = Blueprint("v1", __name__)
    blueprint.post("/open")(operation("Leave open", permits=COOKS, takes=loose)(_nothing))

    with pytest.raises(RouteRefused, match=r"/open lets unknown fields pass"):
        create_api(replace(SHELF, api=blueprint), shelf.app.extensions["rapport"].parts)


def test_a_route_without_a_permission_stops_the_start(shelf: Shelf) -> None:
    blueprint = Blueprint("v1", __name__)
    blueprint.get("/secret")(lambda: "anyone")

    with pytest.raises(RouteRefused, match=r"/secret declares no permission"):
        create_api(replace(SHELF, api=blueprint), shelf.app.extensions["rapport"].parts)


def test_a_creating_route_must_be_a_post(shelf: Shelf) -> None:
    blueprint = Blueprint("v1", __name__)
    blueprint.put("/jar")(operation("Put", permits=COOKS, creates=True)(_nothing))

    with pytest.raises(RouteRefused, match=r"/jar creates, but is not a POST"):
        create_api(replace(SHELF, api=blueprint), shelf.app.extensions["rapport"].parts)


def test_a_rule_names_its_roles() -> None:
    with pytest.raises(ValueError, match="For nobody: a rule names the roles"):
        Rule("For nobody", {})


def test_a_token_for_one_command_opens_no_other(shelf: Shelf) -> None:
    bound = shelf.bearer(only="POST /v1/jars")

    assert shelf.ask("POST", "/v1/jars", json={"label": "plums", "grams": 1}, headers=bound).status_code == 201
    assert shelf.ask("GET", "/v1/jars", headers=bound).status_code == 401
