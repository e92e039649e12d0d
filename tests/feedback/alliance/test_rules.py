"""Rules in force, rules that were, and what others would say: nobody's reading changes unless somebody decides it."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any
from uuid import UUID

import pytest

from services.feedback.alliance.commands.rules import switch_rules
from services.feedback.alliance.domain.rules import RulesChanged, RulesNotOffered
from services.feedback.jobs import follow_the_rules
from shared.database import Tx
from shared.scope import Scope
from tests.cast import BEN, LEAD
from tests.feedback.practice import Caller, Practice

STEP = (80, 82, 80, 40, 42)  # one drop: reader-1 calls it a drift, too
CALM = (80, 82, 80, 82, 80)
Call = Callable[..., Caller]


def begin_with(practice: Practice, version: str) -> None:
    with practice.database.transaction() as tx:
        tx.execute(
            "INSERT INTO rules_switch VALUES ((SELECT count(*) + 1 FROM rules_switch), %s, 8.0, %s, NULL, 'as begun')",
            (version, practice.clock()),
        )


def signals(practice: Practice, *, superseded: bool = False) -> list[list[str]]:
    rows = practice.rows(
        "SELECT signals FROM reading WHERE (superseded_at IS NOT NULL) = %s ORDER BY session_number, read_at",
        superseded,
    )
    return [row["signals"] for row in rows]


def switch(practice: Practice, version: str, *, scope: Scope, expected: int = 1) -> Any:
    with practice.database.transaction() as tx:
        return switch_rules(tx, version, "tried it out", expected_version=expected, scope=scope, now=practice.clock())


def first_row(tx: Tx) -> Any:
    """What the migration puts down, on a database as it is."""
    script = files("services.feedback.migrations").joinpath("0005_rules.sql").read_text()
    tx.execute("DELETE FROM rules_switch")
    tx.execute(script[script.index("INSERT") : script.index("-- Courses that are still")])
    return tx.value("SELECT version FROM rules_switch")


def test_a_new_clinic_begins_with_the_newest_rules_and_an_older_one_goes_on_as_it_did(practice: Practice) -> None:
    with practice.database.transaction() as tx:
        fresh = first_row(tx)
    practice.course(practice.client(), 80)

    with practice.database.transaction() as tx:
        kept = first_row(tx)

    assert (fresh, kept) == ("reader-2", "reader-1")


def test_readings_are_made_by_the_rules_in_force_and_say_so(practice: Practice, call: Call) -> None:
    begin_with(practice, "reader-1")
    client_id = practice.client()
    practice.course(client_id, *STEP)

    course = call("therapist").get(f"/v1/clients/{client_id}/course").json

    assert (course["rules_version"], course["replayed"]) == ("reader-1", False)
    assert {(p["rules_version"], p["sigma0"]) for p in course["points"]} == {("reader-1", 8.0)}
    assert "S5" in [s["code"] for s in course["points"][-1]["signals"]]


def test_what_another_version_would_have_said_is_told_and_not_kept(practice: Practice, call: Call) -> None:
    begin_with(practice, "reader-1")
    client_id = practice.client()
    practice.course(client_id, *STEP)
    kept = practice.rows("SELECT id, detail FROM reading ORDER BY id")
    told = len(practice.told())

    replayed = call("therapist").get(f"/v1/clients/{client_id}/course", rules="reader-2").json
    now = call("therapist").get(f"/v1/clients/{client_id}/course").json

    assert (replayed["rules_version"], replayed["replayed"]) == ("reader-2", True)
    assert [s["code"] for s in replayed["points"][-1]["signals"]] == ["S3"]
    assert [e["opened_session"] for e in replayed["episodes"]] == [e["opened_session"] for e in now["episodes"]] == [4]
    assert replayed["episodes"][0]["id"] is None
    assert practice.rows("SELECT id, detail FROM reading ORDER BY id") == kept
    assert len(practice.told()) == told


def test_a_replay_by_the_rules_in_force_is_the_course_itself(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, *STEP, None, 80)
    practice.clock.move(minutes=1)

    now = call("therapist").get(f"/v1/clients/{client_id}/course").json
    replayed = call("therapist").get(f"/v1/clients/{client_id}/course", rules="reader-2").json

    for course in (now, replayed):
        del course["replayed"]
        for one in course["points"]:
            del one["read_at"]
        for one in course["episodes"]:
            del one["id"], one["version"]
    assert replayed == now


@pytest.mark.parametrize("version", ["reader-9", "reader-2+sigma-0.0", "x" * 41, "reader-2\x00"])
def test_unknown_rules_are_refused_by_name(practice: Practice, call: Call, version: str) -> None:
    client_id = practice.client()

    refused = call("therapist").get(f"/v1/clients/{client_id}/course", rules=version)

    assert refused.status_code == 400
    assert refused.json["errors"][0]["field"] == "rules"


def test_before_switching_it_is_shown_whose_readings_would_differ_and_how(practice: Practice, call: Call) -> None:
    begin_with(practice, "reader-1")
    differs, same = practice.client(), practice.client()
    practice.course(differs, *STEP)
    practice.course(same, *CALM)

    page = call("clinical_lead", actor=LEAD.id).get("/v1/rules/reader-2/differences").json

    (one,) = page["items"]
    assert (one["client_id"], one["state_now"], one["state_then"]) == (str(differs), "rupture", "rupture")
    assert [(s["session_number"], s["now"]["signals"], s["then"]["signals"]) for s in one["sessions"]] == [
        (4, ["S1", "S3", "S5"], ["S1", "S3"]),
        (5, ["S3", "S5"], ["S3"]),
    ]
    assert page["next"] is None


def test_differences_come_in_pages_that_leave_nobody_out(practice: Practice, call: Call) -> None:
    begin_with(practice, "reader-1")
    clients = {str(practice.client()) for _ in range(3)}
    for client_id in clients:
        practice.course(UUID(client_id), *STEP)

    lead, seen, cursor = call("clinical_lead", actor=LEAD.id), [], None
    for _ in range(4):
        page = lead.get("/v1/rules/reader-2/differences", limit=1, **({"cursor": cursor} if cursor else {})).json
        seen += [one["client_id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert (sorted(seen), cursor) == (sorted(clients), None)


def test_only_the_clinical_lead_sees_differences_and_switches(practice: Practice, call: Call) -> None:
    for role in ("therapist", "front_desk", "manager"):
        caller = call(role)
        assert caller.get("/v1/rules/reader-2/differences").status_code == 403
        body = {"version": "reader-1", "reason": "try"}
        assert caller.put("/v1/rules/in-force", body, version=0).status_code == 403


def test_switching_reads_every_course_anew_and_erases_nothing(practice: Practice, call: Call) -> None:
    begin_with(practice, "reader-1")
    practice.course(practice.client(), *STEP)
    before = signals(practice)
    told = len(practice.told())
    lead = call("clinical_lead", actor=LEAD.id)

    answer = lead.put("/v1/rules/in-force", {"version": "reader-2", "reason": "one drop is no drift"}, version=1)
    waiting = lead.get("/v1/rules").json
    practice.clock.move(seconds=10)
    practice.run(follow_the_rules)

    assert (answer.status_code, answer.json["number"], answer.headers["ETag"]) == (200, 2, '"2"')
    assert (waiting["courses"], waiting["to_read"]) == (1, 1)
    done = lead.get("/v1/rules").json
    assert (done["in_force"]["version"], done["in_force"]["reason"], done["to_read"]) == (
        "reader-2",
        "one drop is no drift",
        0,
    )
    assert [one["version"] for one in done["history"]] == ["reader-2", "reader-1"]
    assert signals(practice)[3:] == [["S1", "S3"], ["S3"]]
    assert signals(practice, superseded=True)[-len(before) :] != signals(practice)
    assert {
        row["rules_version"] for row in practice.rows("SELECT rules_version FROM reading WHERE superseded_at IS NULL")
    } == {"reader-2"}
    again = practice.told()[told:]
    assert [e["data"]["rules_version"] for e in again if e["type"].endswith("reading.updated.v1")] == ["reader-2"] * 5


def test_reading_anew_goes_on_where_it_was_interrupted(practice: Practice, lead: Scope, monkeypatch: Any) -> None:
    from services.feedback.alliance.commands import rules as ruling

    begin_with(practice, "reader-1")
    for _ in range(3):
        practice.course(practice.client(), *STEP)
    switch(practice, "reader-2", scope=lead)
    monkeypatch.setattr(ruling, "BATCH", 2)

    left = []
    for _ in range(3):
        practice.run(follow_the_rules)
        left.append(practice.row("SELECT count(*) AS n FROM course WHERE rules_version = 'reader-1'")["n"])

    assert left == [1, 0, 0]


def test_a_check_in_after_the_switch_need_not_wait_for_the_job(practice: Practice, lead: Scope) -> None:
    begin_with(practice, "reader-1")
    client_id = practice.client()
    practice.course(client_id, *STEP)

    switch(practice, "reader-2", scope=lead)
    practice.session(client_id, 44)

    assert practice.row("SELECT rules_version FROM course")["rules_version"] == "reader-2"


def test_two_who_switch_at_once_do_not_overrule_each_other(practice: Practice, lead: Scope) -> None:
    begin_with(practice, "reader-1")

    switch(practice, "reader-2", scope=lead)

    assert switch(practice, "reader-2", scope=lead).number == 2  # asked twice, done once
    with pytest.raises(RulesChanged):
        switch(practice, "reader-1", scope=lead)
    assert switch(practice, "reader-1", scope=lead, expected=2).number == 3


def test_a_spread_nobody_learnt_cannot_be_switched_on(practice: Practice, lead: Scope) -> None:
    begin_with(practice, "reader-2")

    with pytest.raises(RulesNotOffered):
        switch(practice, "reader-2+sigma-3.0", scope=lead)


@pytest.mark.parametrize("reason", ["", "   ", "a\x00b", "two\nlines", "x" * 301, None, 7])
def test_a_switch_without_a_reason_in_words_is_refused(practice: Practice, call: Call, reason: Any) -> None:
    begin_with(practice, "reader-1")

    refused = call("clinical_lead", actor=LEAD.id).put(
        "/v1/rules/in-force", {"version": "reader-2", "reason": reason}, version=1
    )

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "reason")


def a_clinic_of_two_hundred(practice: Practice) -> list[UUID]:
    """Twenty courses of ten sessions, in the store as if they had been answered."""
    clients = [practice.client() for _ in range(20)]
    template = practice.client()
    practice.course(template, 80)
    with practice.database.transaction() as tx:
        for n, client_id in enumerate(clients):
            for week in range(10):
                tx.execute(
                    "WITH c AS (INSERT INTO course (id, client_id, practitioner_id, measure_id, measure_version, "
                    "  rules_version, created_at) SELECT %(course)s, %(client)s, practitioner_id, measure_id, "
                    "  measure_version, rules_version, created_at FROM course WHERE client_id = %(like)s "
                    "  ON CONFLICT DO NOTHING), "
                    "a AS (INSERT INTO hour SELECT %(hour)s, %(client)s, practitioner_id, "
                    "  starts_at + %(week)s * interval '7 days', ends_at + %(week)s * interval '7 days', modality, "
                    "  status, sequence FROM hour WHERE client_id = %(like)s) "
                    "SELECT 1",
                    {
                        "course": UUID(int=n + 1),
                        "client": client_id,
                        "like": template,
                        "hour": UUID(int=1000 + n * 10 + week),
                        "week": week,
                    },
                )
                tx.execute(
                    "INSERT INTO offer SELECT %(offer)s, version, %(course)s, %(client)s, practitioner_id, %(hour)s, "
                    "side, measure_id, measure_version, state, missing_reason, wish_id, offered_at, expires_at, "
                    "closed_at FROM offer WHERE client_id = %(like)s AND side = 'client'",
                    {
                        "offer": UUID(int=5000 + n * 10 + week),
                        "course": UUID(int=n + 1),
                        "client": client_id,
                        "hour": UUID(int=1000 + n * 10 + week),
                        "like": template,
                    },
                )
                tx.execute(
                    "INSERT INTO checkin (offer_id, client_id, side, channel, answers, total, answered, scoring_rule, "
                    "sharing, visible_from, shown, blind, recorded_at) SELECT %(offer)s, %(client)s, side, channel, "
                    "answers, %(total)s, answered, scoring_rule, sharing, visible_from, shown, blind, recorded_at "
                    "FROM checkin WHERE client_id = %(like)s",
                    {
                        "offer": UUID(int=5000 + n * 10 + week),
                        "client": client_id,
                        "total": 60 + n + (6 if week % 2 else -6),
                        "like": template,
                    },
                )
    return clients


def test_a_clinics_own_spread_is_proposed_and_changes_nothing_until_it_is_switched_on(
    practice: Practice, call: Call, lead: Scope
) -> None:
    begin_with(practice, "reader-2")
    watched = practice.client()
    practice.course(watched, *STEP)
    before = practice.rows("SELECT id, detail FROM reading ORDER BY id")
    a_clinic_of_two_hundred(practice)
    caller = call("clinical_lead", actor=LEAD.id)

    proposed = caller.get("/v1/rules").json["proposal"]
    untouched = practice.rows(
        "SELECT id, detail FROM reading WHERE id = ANY(%s) ORDER BY id", [r["id"] for r in before]
    )

    assert (proposed["sessions"], proposed["courses"]) == (205, 21)
    assert proposed["version"] == f"reader-2+sigma-{proposed['sigma0']}"
    assert untouched == before
    switch(practice, proposed["version"], scope=lead)
    practice.run(follow_the_rules)
    now = caller.get(f"/v1/clients/{watched}/course").json
    assert (now["rules_version"], now["sigma0"]) == (proposed["version"], proposed["sigma0"])
    assert {p["sigma0"] for p in now["points"]} == {proposed["sigma0"]}
    assert caller.get("/v1/rules").json["proposal"]["version"] is None  # in force already


def test_with_fewer_than_two_hundred_sessions_nothing_is_proposed(practice: Practice, call: Call) -> None:
    practice.course(practice.client(), *STEP)

    proposed = call("clinical_lead", actor=LEAD.id).get("/v1/rules").json["proposal"]

    assert proposed == {"sessions": 5, "courses": 1, "needed": 200, "sigma0": None, "version": None}


def test_answers_kept_back_count_towards_nobodys_spread(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 60)
    practice.session(client_id, 10, s1="not")

    assert call("therapist").get("/v1/rules").json["proposal"]["sessions"] == 2


def test_a_colleague_replays_nobodys_course(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, *STEP)

    assert call("therapist", actor=BEN.id).get(f"/v1/clients/{client_id}/course", rules="reader-1").status_code == 404
