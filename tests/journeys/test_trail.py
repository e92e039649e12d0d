"""No answer about a client without a line in the trail of the service that owns it, and no line that can be changed."""

from typing import Any
from uuid import UUID

from psycopg import sql

from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, MARA
from tests.clinic import Clinic
from tests.trail import chained, trail

GOOD = {"b1": 8, "g1": 8, "t1": 8, "e1": 8, "r1": "a_little", "s1": "now", "w1": "a wish"}


def all_reads(clinic: Clinic, client_id: UUID, ids: dict[str, str]) -> list[tuple[str, Any, str, str, Any]]:
    """Every question about a client that can be asked, by somebody who may."""
    hours = f"client_id={client_id}&practitioner_id={ANA.id}"
    return [
        ("intake", DANA, "GET", "/v1/referrals", None),
        ("intake", DANA, "GET", f"/v1/referrals/{ids['referral']}", None),
        ("intake", ANA, "GET", "/v1/clients", None),
        ("intake", ANA, "GET", f"/v1/clients/{client_id}", None),
        ("intake", CHRIS, "GET", f"/v1/clients/{client_id}", None),
        ("intake", ANA, "POST", "/v1/people/look-up", {"ids": [str(client_id)]}),
        ("intake", DANA, "POST", "/v1/people/search", {"text": MARA["family_name"]}),
        ("scheduling", ANA, "GET", "/v1/appointments", None),
        ("scheduling", DANA, "GET", f"/v1/appointments/{ids['appointment']}", None),
        ("scheduling", DANA, "POST", "/v1/appointments/next", {"client_ids": [str(client_id)]}),
        ("scheduling", DANA, "GET", f"/v1/suggestions?{hours}", None),
        ("feedback", ANA, "GET", "/v1/caseload", None),
        ("feedback", LEAD, "GET", "/v1/caseload", None),
        ("feedback", ANA, "GET", f"/v1/clients/{client_id}/course", None),
        ("feedback", DANA, "GET", "/v1/offers", None),
    ]


def trail_of(clinic: Clinic, service: str, trace_id: str) -> list[dict[str, Any]]:
    return [row for row in trail(clinic.house.floors[service].database) if row["trace_id"] == trace_id]


def test_every_answer_about_a_client_is_in_the_trail_under_its_asker_and_its_trace(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    held = clinic.hold(clinic.book(client_id))
    clinic.fill_in(client_id, **GOOD)
    [referral] = clinic.api("intake", DANA, "GET", "/v1/referrals")["items"]

    for service, staff, method, path, body in all_reads(
        clinic, client_id, {"referral": referral["id"], "appointment": held["id"]}
    ):
        answer = clinic.ask(service, staff, method, path, body)
        lines = trail_of(clinic, service, answer.headers["X-Request-Id"])

        assert answer.status_code == 200, path
        assert len(lines) == 1, (path, lines)
        assert lines[0]["actor"] == str(staff.id), path
        assert lines[0]["about"] == [client_id], path
        assert lines[0]["fields"], path


def test_what_was_refused_leaves_no_line_that_says_it_was_read(clinic: Clinic) -> None:
    client_id = clinic.client_of(ANA)

    for service, path in (("intake", f"/v1/clients/{client_id}"), ("feedback", f"/v1/clients/{client_id}/course")):
        answer = clinic.ask(service, BEN, "GET", path)

        assert answer.status_code == 404
        assert trail_of(clinic, service, answer.headers["X-Request-Id"]) == []


def test_after_a_whole_story_the_chain_of_every_trail_is_unbroken(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    for day in (1, 2, 3):
        clinic.hold(clinic.book(client_id, at=f"2026-12-0{day}T15:00"))
        clinic.fill_in(client_id, **GOOD)
    browser = clinic.signed_in(ANA)
    assert browser.get(f"/people/{client_id}").status_code == 200
    version = clinic.api("intake", ANA, "GET", f"/v1/clients/{client_id}")["version"]
    clinic.api("intake", ANA, "POST", f"/v1/clients/{client_id}/ending", {"reason_code": "46"}, version=version)
    clinic.settle()

    lengths = {service: chained(floor.database) for service, floor in clinic.house.floors.items()}
    lengths["portal"] = chained(clinic.house.portal_database)

    assert min(lengths.values()) > 1, lengths


def test_no_name_and_no_word_of_a_client_lies_open_in_any_database_or_on_the_log(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))
    clinic.fill_in(client_id, **GOOD | {"w1": "Wishcanary words"})
    clinic.signed_in(ANA).get(f"/people/{client_id}")
    databases = [floor.database for floor in clinic.house.floors.values()] + [clinic.house.portal_database]

    for database in databases:
        assert "canary" not in repr(trail(database)).lower()
        with database.transaction() as tx:
            tables = tx.rows(
                "SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
                "AND has_table_privilege(c.oid, 'SELECT')"
            )
            for table in tables:
                query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table["name"]))
                shown = repr(tx.connection.execute(query).fetchall()).lower()

                assert "canary" not in shown, (database.name, table["name"])
        assert len(tables) > 5, database.name
    for service, floor in clinic.house.floors.items():
        reader = floor.log.reader([f"rapport.{service}"])
        records = reader.poll(1.0)
        reader.close()

        assert records, service
        assert b"canary" not in b"".join(record.value or b"" for record in records).lower()
        assert "canary" not in repr([record.headers for record in records]).lower()
