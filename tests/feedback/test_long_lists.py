"""What is asked for all day is found by an index, however many people and forms the clinic has."""

from hashlib import md5
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest

from services.feedback.collection.domain.offers import OfferFilter
from services.feedback.collection.store.offers import list_offers
from services.feedback.worklists.queries.caseload import caseload
from shared.database import Database, Row, Tx
from shared.database.provision import ServiceUrls
from shared.database.tx import Params
from shared.scope import Scope
from shared.trace import new_trace
from tests.feedback.conftest import NOW

# 20,000 clients with 200 therapists, a course and a form each; one form in twenty is still out.
_CLINIC = """
CREATE TEMP TABLE one ON COMMIT DROP AS
SELECT n, md5('it ' || n)::uuid AS id, md5('client ' || n)::uuid AS client,
       md5('therapist ' || n % 200)::uuid AS therapist,
       timestamptz '2026-03-02 09:00+00' - n * interval '1 minute' AS at, n % 20 < 19 AS closed
  FROM generate_series(1, 20000) n;
INSERT INTO client (client_id, spoken_code, registered_at) SELECT client, 'K-' || n, at FROM one;
INSERT INTO allocation (allocation_id, client_id, practitioner_id, allocated_at)
SELECT id, client, therapist, at FROM one;
INSERT INTO hour (appointment_id, client_id, practitioner_id, starts_at, ends_at, status, sequence)
SELECT id, client, therapist, at, at, 'held', 1 FROM one;
INSERT INTO course (id, client_id, practitioner_id, measure_id, measure_version, rules_version, created_at)
SELECT id, client, therapist, 'session-checkin', 1, '1', at FROM one;
INSERT INTO offer (id, course_id, client_id, practitioner_id, appointment_id, side, measure_id, measure_version, state,
                   offered_at, expires_at, closed_at)
SELECT id, id, client, therapist, id, 'client', 'session-checkin', 1, CASE WHEN closed THEN 'received' ELSE 'open' END,
       at, at, CASE WHEN closed THEN at END FROM one;
ANALYZE client, allocation, hour, course, offer, checkin, reading, episode, wish;
"""
THERAPIST = UUID(md5(b"therapist 19").hexdigest())
DESK = Scope(UUID(int=1), frozenset({"front_desk"}), "care", "portal")


class Explained(Tx):
    """A transaction that also asks how a query is answered."""

    plan = ""

    def rows(self, sql: LiteralString, params: Params = ()) -> list[Row]:
        self.plan += "\n".join(row["QUERY PLAN"] for row in super().rows("EXPLAIN " + sql, params))
        return super().rows(sql, params)


@pytest.fixture
def full(database: Database, urls: ServiceUrls) -> Database:
    with psycopg.connect(urls.owner) as owner:
        owner.execute(_CLINIC)
    return database


def test_a_therapists_open_forms_are_found_without_looking_at_all_others(full: Database) -> None:
    with full.transaction() as tx:
        explained = Explained(tx.connection, trace=new_trace())
        wanted = OfferFilter(state="open", practitioner_id=THERAPIST)
        found = list_offers(explained, DESK, wanted, after=None, limit=51)

    assert len(found) == 51
    assert "offer_practitioner" in explained.plan


def test_a_page_of_a_caseload_looks_at_no_others_clients(full: Database) -> None:
    mine = Scope(THERAPIST, frozenset({"therapist"}), "care", "portal")
    with full.transaction() as tx:
        explained = Explained(tx.connection, trace=new_trace())
        page = caseload(explained, THERAPIST, limit=50, scope=mine, now=NOW)

    assert len(page.cases) == 50
    assert "allocation_caseload" in explained.plan
    assert "Seq Scan on course" not in explained.plan
    assert "Seq Scan on offer" not in explained.plan
