"""Around the operations: health, headers, metrics, the OpenAPI document."""

import re
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from flask import Flask, Response

from shared.web.app import ApiDependencies, create_api
from shared.web.headers import secure_pages
from tests.shared.web.conftest import Shelf
from tests.shared.web.shelf import SHELF


def parts(shelf: Shelf) -> ApiDependencies:
    found = shelf.app.extensions["rapport"].parts
    assert isinstance(found, ApiDependencies)
    return found


def test_a_service_is_alive_and_ready(shelf: Shelf) -> None:
    alive, ready = shelf.http.get("/livez"), shelf.http.get("/readyz")

    assert alive.get_json() == {"service": "shelf", "state": "ok"}
    assert ready.status_code == 200
    told = ready.get_json()
    assert [(check["name"], check["state"]) for check in told["checks"]] == [("database", "ok"), ("keys", "ok")]
    assert {"service", "version", "commit", "since", "tzdata"} <= told.keys()
    assert told["schema"][SHELF.migrations] == 1


def test_a_service_with_migrations_to_come_is_not_ready(shelf: Shelf) -> None:
    with shelf.database.transaction() as tx:
        tx.execute("UPDATE schema_migrations SET package = 'hidden' WHERE package = %s", (SHELF.migrations,))
    try:
        ready = shelf.http.get("/readyz")
    finally:
        with shelf.database.transaction() as tx:
            tx.execute("UPDATE schema_migrations SET package = %s WHERE package = 'hidden'", (SHELF.migrations,))

    assert ready.status_code == 503
    assert ready.get_json()["checks"][0]["detail"] == f"{SHELF.migrations}: 1 migrations are not applied"


def test_a_service_whose_database_is_damaged_is_not_ready_and_counts(shelf: Shelf) -> None:
    def hit_a_damaged_page() -> None:
        with shelf.database.transaction():
            raise psycopg.errors.DataCorrupted("invalid page in block 0")

    with pytest.raises(psycopg.errors.DataCorrupted):
        hit_a_damaged_page()

    ready, measured = shelf.http.get("/readyz"), shelf.http.get("/metrics").text
    assert ready.status_code == 503
    assert "damaged page" in ready.get_json()["checks"][0]["detail"]
    assert 'db_damage_errors_total{service="shelf"} 1.0' in measured


def test_on_a_full_disk_changes_are_refused_early_and_reading_goes_on(shelf: Shelf) -> None:
    jar = shelf.fill().get_json()
    full = replace(shelf, app=create_api(SHELF, replace(parts(shelf), has_room=lambda: False)))

    refused = [full.fill("pears"), full.ask("PUT", f"/v1/jars/{jar['id']}", json={}, headers={"If-Match": '"1"'})]
    seen = full.ask("GET", "/v1/jars")

    assert [answer.status_code for answer in refused] == [503, 503]
    assert "disk is almost full, so nothing was saved" in refused[0].get_json()["detail"]
    assert refused[0].headers["Retry-After"] == "60"
    assert [one["label"] for one in seen.get_json()["items"]] == ["plums"]
    assert 'http_rejected_total{reason="disk",service="shelf"} 2.0' in full.http.get("/metrics").text


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_health_answers_on_the_inner_listener_alone(shelf: Shelf, path: str) -> None:
    app = create_api(SHELF, replace(parts(shelf), inner_port=9100))
    http = app.test_client()

    outside = http.get(path, headers={"Host": "shelf:9100"}, environ_overrides={"SERVER_PORT": "8000"})
    inside = http.get(path, environ_overrides={"SERVER_PORT": "9100"})

    assert (outside.status_code, inside.status_code) == (404, 200)


def test_every_answer_has_strict_headers_and_no_cookie(shelf: Shelf) -> None:
    answers = [
        shelf.ask("GET", "/v1/jars"),
        shelf.ask("GET", "/none"),
        shelf.fill("bursts"),
        shelf.http.get("/v1/jars"),
    ]

    for answer in answers:
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_pages_allow_their_own_origin_alone(tmp_path: Path) -> None:
    (tmp_path / "page.css").write_text("h1 {}")
    app = Flask("pages", static_folder=str(tmp_path), static_url_path="/static")
    secure_pages(app)
    app.add_url_rule("/", "page", lambda: Response("<h1>hello</h1>"))

    plain, secure = app.test_client().get("/"), app.test_client().get("/", base_url="https://clinic.example")
    static = app.test_client().get("/static/page.css")

    policy = plain.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert plain.headers["Cache-Control"] == "no-store"
    assert (static.status_code, static.headers["Cache-Control"]) == (200, "no-cache")
    assert "Strict-Transport-Security" not in plain.headers
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]


def test_requests_are_counted_by_route_template(shelf: Shelf) -> None:
    place = shelf.fill().headers["Location"]
    shelf.ask("GET", place)
    shelf.ask("GET", "/v1/unknown/place")
    shelf.ask("BREW", "/v1/jars")

    text = shelf.http.get("/metrics").get_data(as_text=True)

    assert 'http_requests_total{code="200",method="GET",route="/v1/jars/<uuid:jar_id>",service="shelf"} 1.0' in text
    assert 'http_requests_total{code="404",method="GET",route="none",service="shelf"} 1.0' in text
    assert 'method="other"' in text
    assert "BREW" not in text
    assert place not in text
    assert 'http_requests_in_flight{service="shelf"} 1.0' in text  # this very request
    assert 'db_pool_connections{service="shelf",state="idle"}' in text
    assert 'app_build_info{commit="unknown",service="shelf",version="0"} 1.0' in text


def test_the_document_describes_every_operation(shelf: Shelf) -> None:
    document = shelf.http.get("/v1/openapi.json").get_json()

    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        "/v1/jars",
        "/v1/jars/{jar_id}",
        "/v1/jars/{jar_id}/opening",
        "/v1/label",
        "/v1/labels.csv",
        "/v1/whoami",
        "/v1/slow",
    }
    fill, look = document["paths"]["/v1/jars"]["post"], document["paths"]["/v1/jars"]["get"]
    assert fill["security"] == [{"token": ["cook"]}]
    assert fill["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewJar"}
    assert [(each["name"], each["in"]) for each in fill["parameters"]] == [("Idempotency-Key", "header")]
    assert {"400", "401", "403", "409", "413", "415", "422", "503"} <= fill["responses"].keys()
    assert fill["responses"]["422"] == {"$ref": "#/components/responses/Problem422"}
    assert [each["name"] for each in look["parameters"]] == ["label", "grams", "limit", "cursor", "sort"]
    shown = look["responses"]["2XX"]["content"]["application/json"]["schema"]
    assert shown["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Jar"}
    assert document["components"]["schemas"]["NewJar"]["additionalProperties"] is False
    assert document["components"]["schemas"]["Tag"]["additionalProperties"] is False
    refill = document["paths"]["/v1/jars/{jar_id}"]["put"]
    assert {"If-Match", "jar_id"} <= {each["name"] for each in refill["parameters"]}
    assert {"412", "428"} <= refill["responses"].keys()
