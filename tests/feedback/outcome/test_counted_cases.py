"""Finished cases are counted once a night, and a curve made of the count is the curve made of all cases."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.feedback.jobs import count_cases
from services.feedback.measures.store import definitions
from services.feedback.outcome.domain.expected import (
    Curve,
    FinishedCase,
    StartBand,
    counted,
    curve_of,
    expected_course,
    percentile,
    without,
)
from services.feedback.outcome.domain.points import Scored
from services.feedback.outcome.queries import outcome_of
from shared.database.provision import ServiceUrls
from shared.scope import Scope
from tests.cast import ANA, LEAD
from tests.feedback.outcome.measures import PHQ_9
from tests.feedback.outcome.treatments import fill_in, sessions
from tests.feedback.practice import Caller, Practice

Speak = Callable[..., Caller]
BAND = StartBand(10, 15)

totals = st.lists(st.one_of(st.none(), st.integers(0, 27).map(float), st.floats(0, 27)), max_size=8)


def case(start: float, more: Sequence[float | None]) -> FinishedCase:
    later = [Scored(number, total) for number, total in enumerate(more, 2) if total is not None]
    return FinishedCase((Scored(1, start), *later), len(more) + 1)


cases = st.lists(st.builds(case, st.integers(10, 14).map(float), totals), max_size=30)


def curve_by_hand(similar: Sequence[FinishedCase]) -> Curve | None:
    """Nine in ten at each session, of all cases one by one."""
    if len(similar) < 50:
        return None
    last = int(percentile([one.sessions for one in similar], 0.9))
    boundary = []
    for number in range(1, last + 1):
        at = sorted(point.total for one in similar for point in one.points if point.number == number)
        if len(at) >= 20:
            place = 0.9 * (len(at) - 1)
            low = int(place)
            high = min(low + 1, len(at) - 1)
            boundary.append(Scored(number, at[low] + (place - low) * (at[high] - at[low])))
    return Curve(BAND, len(similar), PHQ_9.better, tuple(boundary))


@settings(max_examples=40, deadline=None)
@given(cases, st.lists(st.integers(10, 14).map(float), min_size=45, max_size=60))
def test_the_count_tells_what_all_cases_tell(some: list[FinishedCase], plain: list[float]) -> None:
    similar = [*some, *(case(start, [start - 1, start - 2]) for start in plain)]

    found = expected_course(12, similar, PHQ_9)

    expected = curve_by_hand(similar)
    assert (found if isinstance(found, Curve) else None) == expected
    assert found.n == len(similar)


@settings(max_examples=40, deadline=None)
@given(cases, cases)
def test_without_ones_own_cases_the_count_is_that_of_all_others(
    some: list[FinishedCase], own: list[FinishedCase]
) -> None:
    others = [*some, *(case(10 + n % 5, [9, 8]) for n in range(45))]
    left = without(counted([*others, *own]), own)

    assert curve_of(BAND, left, PHQ_9.better) == curve_of(BAND, counted(others), PHQ_9.better)
    assert (left.n, left.sessions) == (len(others), counted(others).sessions)


# With a database


def finish(practice: Practice, many: int, *courses: float, shared: bool = True) -> list[UUID]:
    """Finished treatments with these totals of the PHQ-9."""
    clients = []
    for _ in range(many):
        client_id = practice.client(consent=False, allocated=False)
        allocation_id = practice.allocate(client_id)
        for total in courses:
            fill_in(practice, client_id, practice.hold(client_id), "phq-9", total, shared=shared)
        practice.end_therapy(client_id, allocation_id)
        clients.append(client_id)
    return clients


def curve(call: Speak, client_id: UUID) -> tuple[Any, Any]:
    answer = call("clinical_lead", actor=LEAD.id).get(f"/v1/clients/{client_id}/outcome").get_json()
    [phq] = answer["measures"]
    return phq["curve"], phq["curve_sentence"]


@pytest.fixture
def client_id(practice: Practice) -> UUID:
    client_id = practice.client(consent=False)
    sessions(practice, client_id, [16, 15])
    return client_id


def test_answers_that_were_not_shared_make_no_curve(practice: Practice, call: Speak, client_id: UUID) -> None:
    finish(practice, 49, 16, 12)
    hidden = finish(practice, 1, 16, 27, shared=False)
    practice.run(count_cases)

    assert curve(call, client_id)[1]["params"] == {"n": 49}
    assert practice.rows("SELECT * FROM finished_case WHERE client_id = %s", hidden[0]) == []


def test_ones_own_earlier_treatment_is_not_compared_with(practice: Practice, call: Speak, client_id: UUID) -> None:
    [own, *_] = finish(practice, 50, 16, 12)
    practice.run(count_cases)

    assert curve(call, client_id)[0]["n"] == 50
    assert curve(call, own) == (None, {"template": "no_curve", "params": {"n": 49}, "next_step": "none"})


def test_what_was_put_right_or_taken_back_is_gone_with_the_next_count(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    changed = finish(practice, 51, 16, 12)
    practice.run(count_cases)
    before, _ = curve(call, client_id)
    with practice.database.transaction() as tx:
        tx.execute("UPDATE checkin SET total = 3 WHERE total = 12 AND client_id <> %s", (client_id,))
        tx.execute("UPDATE hour SET status = 'missed' WHERE client_id = %s", (changed[0],))

    practice.clock.move(days=1)
    practice.run(count_cases)

    after, _ = curve(call, client_id)
    assert (before["n"], before["boundary"][1]["total"]) == (51, 12)
    assert (after["n"], after["boundary"][1]["total"]) == (50, 3)
    kept = practice.row("SELECT n, made_at FROM similar_cases")
    assert (kept["n"], kept["made_at"]) == (50, practice.clock())


def many_finished(urls: ServiceUrls, many: int) -> None:
    """So many finished treatments of six sessions, put there by the owner of the database."""
    with psycopg.connect(urls.owner, autocommit=True) as db:
        db.execute(
            "CREATE TEMP TABLE made AS SELECT n, md5('c' || n)::uuid AS c FROM generate_series(1, %s) n", (many,)
        )
        db.execute(
            "CREATE TEMP TABLE held AS SELECT *, md5('h' || n || '/' || s)::uuid AS h "
            "FROM made, generate_series(1, 6) s"
        )
        db.execute(
            "INSERT INTO allocation (allocation_id, client_id, practitioner_id, allocated_at, ended_at, end_reason) "
            "SELECT md5('a' || n)::uuid, c, %s, '2025-01-01', '2025-06-01', 'therapy_ended' FROM made",
            (ANA.id,),
        )
        db.execute(
            "INSERT INTO course (id, client_id, practitioner_id, measure_id, measure_version, rules_version, "
            "construct, created_at) SELECT c, c, %s, 'phq-9', 1, '1', 'outcome', '2025-01-01' FROM made",
            (ANA.id,),
        )
        db.execute(
            "INSERT INTO hour (appointment_id, client_id, practitioner_id, starts_at, ends_at, status, sequence) "
            "SELECT h, c, %s, '2025-01-01'::timestamptz + s * interval '7 days', '2025-01-01'::timestamptz + s * "
            "interval '7 days' + interval '50 minutes', 'held', 1 FROM held",
            (ANA.id,),
        )
        db.execute(
            "INSERT INTO offer (id, course_id, client_id, practitioner_id, appointment_id, side, measure_id, "
            "measure_version, state, offered_at, expires_at, closed_at) SELECT h, c, c, %s, h, 'client', 'phq-9', 1, "
            "'received', '2025-01-01', '2025-01-01', '2025-01-01' FROM held",
            (ANA.id,),
        )
        db.execute(
            "INSERT INTO checkin (offer_id, client_id, side, channel, answers, total, answered, scoring_rule, sharing, "
            "visible_from, shown, blind, recorded_at) SELECT h, c, 'client', 'paper', '{}', 15 + n %% 5 - s, 0, "
            "'typed-from-paper:x', 'now', '2025-01-01', true, true, '2025-01-01' FROM held",
            (),
        )
        db.execute("ANALYZE")


ROWS_READ = (
    "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::int FROM pg_stat_xact_user_tables"
)


def test_five_thousand_finished_cases_are_one_row_to_read(
    practice: Practice, client_id: UUID, urls: ServiceUrls
) -> None:
    many_finished(urls, 5000)
    practice.run(count_cases)
    scope = Scope(ANA.id, frozenset({"therapist"}), "care", "portal")

    with practice.database.transaction() as tx:
        before = tx.value(ROWS_READ)  # what this connection read earlier and has not yet handed in counts along
        view = outcome_of(tx, client_id, scope=scope, now=practice.clock())
        read = tx.value(ROWS_READ) - before

    [phq] = view.measures
    first = phq.points[0].total
    assert first is not None
    everybody = [case(14 + n % 5, [15 + n % 5 - s for s in range(2, 7)]) for n in range(1, 5001)]
    assert phq.curve == expected_course(first, everybody, definitions.measures()["phq-9"].evidence)
    assert isinstance(phq.curve, Curve)
    assert phq.curve.n == 4000
    assert read < 100
