"""A caseload is put in order and cut by the database, and stands as its rule says: reasons, since when, code."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from services.feedback.alliance.domain.series import State
from services.feedback.alliance.domain.signals import Code
from services.feedback.worklists.queries.caseload import Case, caseload
from shared.database import Database, Tx
from shared.ids import uuid7
from shared.scope import Scope
from tests.cast import ANA, BEN, LEAD
from tests.feedback.conftest import NOW

SCOPES = (
    Scope(ANA.id, frozenset({"therapist"}), "care", "portal"),
    Scope(LEAD.id, frozenset({"clinical_lead"}), "care", "portal"),
    Scope(ANA.id, frozenset({"therapist", "clinical_lead"}), "care", "portal"),
)


@dataclass(frozen=True)
class Person:
    """What is kept of one client; the days are counted back from now."""

    code: str | None
    therapist: UUID
    state: State | None
    signals: Sequence[str]
    episode_days: int | None
    verdict: str | None
    held: bool
    wish: bool
    answered_days: int | None
    outcome: tuple[str, int, float, float] | None


DAYS = st.none() | st.integers(0, 3)
PEOPLE = st.builds(
    Person,
    code=st.sampled_from([None, "", "K-9", "K-10", "k-1", "Ä-1"]),
    therapist=st.sampled_from([ANA.id, ANA.id, BEN.id]),
    state=st.none() | st.sampled_from(State),
    signals=st.lists(st.sampled_from([code.value for code in Code]), max_size=3),
    episode_days=DAYS,
    verdict=st.sampled_from([None, "not_mentioned", "mentioned", "better", "worse"]),
    held=st.booleans(),
    wish=st.booleans(),
    answered_days=DAYS,
    # Six points are the limit of the first, higher is better in the second, nothing is known of the last version.
    outcome=st.none()
    | st.tuples(
        st.sampled_from([("phq-9", 1), ("ors", 1), ("phq-9", 99)]), st.sampled_from([4.0, 10.0, 20.0]), st.floats(0, 27)
    ).map(lambda drawn: (*drawn[0], *drawn[1:])),
)


def keep(tx: Tx, person: Person) -> UUID:
    client_id, course_id, other_id, (first, second) = uuid7(), uuid7(), uuid7(), (uuid7(), uuid7())
    pair = (client_id, person.therapist)
    if person.code is not None:
        tx.execute(
            "INSERT INTO client (client_id, spoken_code, registered_at) VALUES (%s, %s, %s)",
            (client_id, person.code, NOW),
        )
    tx.execute(
        "INSERT INTO allocation (allocation_id, client_id, practitioner_id, allocated_at) VALUES (%s, %s, %s, %s)",
        (uuid7(), *pair, NOW - timedelta(days=90)),
    )
    for appointment_id, ago in ((first, 20), (second, 10)):
        starts_at = NOW - timedelta(days=ago)
        tx.execute(
            "INSERT INTO hour (appointment_id, client_id, practitioner_id, starts_at, ends_at, status, sequence) "
            "VALUES (%s, %s, %s, %s, %s, 'held', 1)",
            (appointment_id, *pair, starts_at, starts_at + timedelta(minutes=50)),
        )
    if person.state is not None:
        _keep_course(tx, person, course_id, pair)
        asked = _offer(tx, course_id, pair, second, "session-checkin", 1)
        if person.answered_days is not None:
            _checkin(tx, asked, client_id, None, person.answered_days)
        if person.wish:
            tx.execute(
                "INSERT INTO wish (id, client_id, course_id, offer_id, words, readers, state) "
                "VALUES (%s, %s, %s, %s, '', 'therapist', 'open')",
                (uuid7(), client_id, course_id, asked),
            )
        tx.execute(
            "INSERT INTO reading (id, course_id, appointment_id, session_number, state, signals, detail, "
            "rules_version, read_at) VALUES (%s, %s, %s, 2, %s, '{}', %s, '1', %s)",
            (uuid7(), course_id, second, person.state, Jsonb({"signals": [_plain(c) for c in person.signals]}), NOW),
        )
    if person.outcome is not None:
        measure_id, version, *totals = person.outcome
        tx.execute(
            "INSERT INTO course (id, client_id, practitioner_id, measure_id, measure_version, rules_version, "
            "construct, created_at) VALUES (%s, %s, %s, %s, %s, '1', 'outcome', %s)",
            (other_id, *pair, measure_id, version, NOW),
        )
        for appointment_id, total in zip((first, second), totals, strict=True):
            _checkin(tx, _offer(tx, other_id, pair, appointment_id, measure_id, version), client_id, total, 5)
    return client_id


def _keep_course(tx: Tx, person: Person, course_id: UUID, pair: tuple[UUID, UUID]) -> None:
    template = "not_started" if person.answered_days is None and not person.signals else "steady"
    tx.execute(
        "INSERT INTO course (id, client_id, practitioner_id, measure_id, measure_version, rules_version, state, "
        "sentence, created_at) VALUES (%s, %s, %s, 'session-checkin', 1, '1', %s, %s, %s)",
        (course_id, *pair, person.state, Jsonb(_plain("", template)), NOW),
    )
    if person.episode_days is not None:
        opened_at = NOW - timedelta(days=person.episode_days)
        tx.execute(
            "INSERT INTO episode (id, version, told, course_id, client_id, practitioner_id, state, opened_session, "
            "opened_appointment, opened_at, opened_by, checkins, late, verdict, conversation_held_on, noticed_at) "
            "VALUES (%s, 1, 1, %s, %s, %s, 'rupture', 1, %s, %s, '{}', 0, false, %s, %s, %s)",
            (uuid7(), course_id, *pair, uuid7(), opened_at, person.verdict, NOW if person.held else None, opened_at),
        )


def _offer(tx: Tx, course_id: UUID, pair: tuple[UUID, UUID], appointment: UUID, measure_id: str, version: int) -> UUID:
    offer_id = uuid7()
    tx.execute(
        "INSERT INTO offer (id, course_id, client_id, practitioner_id, appointment_id, side, measure_id, "
        "measure_version, state, offered_at, expires_at, closed_at) "
        "VALUES (%s, %s, %s, %s, %s, 'client', %s, %s, 'received', %s, %s, %s)",
        (offer_id, course_id, *pair, appointment, measure_id, version, NOW, NOW, NOW),
    )
    return offer_id


def _checkin(tx: Tx, offer_id: UUID, client_id: UUID, total: float | None, ago: int) -> None:
    at = NOW - timedelta(days=ago)
    tx.execute(
        "INSERT INTO checkin (offer_id, client_id, side, channel, answers, total, answered, scoring_rule, sharing, "
        "visible_from, shown, blind, recorded_at) "
        "VALUES (%s, %s, 'client', 'paper', '{}', %s, 0, '', 'now', %s, true, true, %s)",
        (offer_id, client_id, total, at, at),
    )


def _plain(code: str, template: str = "steady") -> dict[str, Any]:
    return {"code": code, "template": template, "params": {}, "next_step": "none"}


@contextmanager
def thrown_away(database: Database) -> Iterator[Tx]:
    with database.transaction() as tx, tx.connection.transaction(force_rollback=True):
        yield tx


def pages(tx: Tx, scope: Scope, limit: int) -> tuple[list[Case], list[tuple[int, float, str]]]:
    """All pages, and the places at which they were cut, by the rule of the domain."""
    cases: list[Case] = []
    cuts: list[tuple[int, float, str]] = []
    after: tuple[str, ...] | None = None
    while True:
        page = caseload(tx, None, after=after, limit=limit, scope=scope, now=NOW)
        cases += page.cases
        after = page.next_after
        if after is None:
            return cases, cuts
        cuts.append((int(after[0]), float(after[1]), after[2]))


CALM = Person("K-1", ANA.id, None, (), None, None, held=False, wish=False, answered_days=None, outcome=None)
# Calm, and after every other code: each of the others is followed by somebody, so that its place is told.
LAST = replace(CALM, code="龍")


# The database is emptied once; every example is thrown away by itself.
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(PEOPLE, min_size=2, max_size=8), scope=st.sampled_from(SCOPES), limit=st.integers(1, 3))
def test_the_database_puts_a_caseload_in_the_order_of_the_rule(
    database: Database, people: list[Person], scope: Scope, limit: int
) -> None:
    with thrown_away(database) as tx:
        theirs = [(keep(tx, person), person.therapist) for person in (*people, LAST)]
        one_by_one, places = pages(tx, scope, 1)
        in_pages, _ = pages(tx, scope, limit)

    assert places == sorted(places)
    assert [case.client_id for case in in_pages] == [case.client_id for case in one_by_one]
    mine = [client for client, therapist in theirs if scope.has("clinical_lead") or therapist == ANA.id]
    assert sorted(case.client_id for case in one_by_one) == sorted(mine)  # nobody left out, nobody twice


def test_an_exact_fall_of_the_published_points_counts_and_less_does_not(database: Database) -> None:
    just = replace(CALM, code="K-2", outcome=("phq-9", 1, 10.0, 16.0))
    less = replace(CALM, code="K-3", outcome=("phq-9", 1, 10.0, 15.0))

    with thrown_away(database) as tx:
        for person in (CALM, just, less):
            keep(tx, person)
        cases, _ = pages(tx, SCOPES[0], 1)

    assert [case.spoken_code for case in cases] == ["K-2", "K-1", "K-3"]
