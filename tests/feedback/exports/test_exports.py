"""Exports: who may take what out, under which names, and that nothing leaves which was not shared."""

import json
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.feedback.exports.domain.csv.columns import COLUMNS, File
from services.feedback.exports.domain.csv.requests import ROWS_AT_MOST, ExportReason, ExportRequest, ExportTooLarge
from services.feedback.exports.domain.csv.writer import cell, sheet
from services.feedback.exports.queries.exports import Export
from shared.ids import uuid7
from shared.scope import Scope
from tests.cast import ANA, BEN, CHRIS, DANA, LEAD
from tests.feedback.exports.exported import FILES, fetch, fetch_all, rows_of
from tests.feedback.practice import Caller, Practice, marks
from tests.trail import trail

Speak = Callable[..., Caller]
RUPTURE = (80, 82, 78, 80, 50, 80)


def consenting(practice: Practice, therapist: UUID = ANA.id) -> UUID:
    """A client who fills in forms and agrees to research."""
    client_id = practice.client(therapist)
    practice.consent(client_id, purpose="research")
    return client_id


@pytest.fixture
def lead_calls(call: Speak) -> Caller:
    return call("clinical_lead", actor=LEAD.id)


@pytest.fixture
def ana_calls(call: Speak) -> Caller:
    return call("therapist", actor=ANA.id)


# Who may


@pytest.mark.parametrize(("role", "actor"), [("front_desk", DANA.id), ("manager", CHRIS.id), ("supervisor", LEAD.id)])
@pytest.mark.parametrize("path", ["about", "export.zip", *(f"{file}.csv" for file in FILES)])
def test_the_desk_the_manager_and_a_bare_supervisor_take_nothing_out(
    practice: Practice, call: Speak, role: str, actor: UUID, path: str
) -> None:
    assert call(role, actor=actor).get(f"/v1/exports/{path}", reason="research").status_code == 403


def test_a_reason_is_needed_and_it_decides_who_may(practice: Practice, lead_calls: Caller, ana_calls: Caller) -> None:
    without = lead_calls.get("/v1/exports/check-ins.csv")
    made_up = lead_calls.get("/v1/exports/check-ins.csv", reason="curiosity")
    leads_care = lead_calls.get("/v1/exports/check-ins.csv", reason="care")
    anas_research = ana_calls.get("/v1/exports/check-ins.csv", reason="research")

    assert [without.status_code, made_up.status_code] == [400, 400]
    assert [leads_care.status_code, anas_research.status_code] == [403, 403]
    assert leads_care.get_json()["detail"] == "You may export for: research, service_evaluation."
    assert anas_research.get_json()["errors"][0]["field"] == "reason"


def test_a_therapist_takes_out_their_present_clients_and_nobody_elses(
    practice: Practice, call: Speak, ana_calls: Caller
) -> None:
    mara, noor = practice.client(ANA.id), practice.client(BEN.id)
    practice.course(mara, 80)
    practice.answer(practice.hold(noor, BEN.id), **marks(60))

    rows = fetch(ana_calls, "check-ins", reason="care")

    assert {row["client"] for row in rows} == {str(mara)}
    assert rows[0]["session_date"] == practice.clock().date().replace(day=9).isoformat()
    assert ana_calls.get("/v1/exports/check-ins.csv", reason="care", client_id=noor).status_code == 404
    assert ana_calls.get("/v1/exports/check-ins.csv", reason="care", client_id=uuid4()).status_code == 404


def test_a_client_who_went_to_a_colleague_is_in_neither_ones_export_of_the_other(
    practice: Practice, call: Speak, ana_calls: Caller
) -> None:
    mara = practice.client(ANA.id)
    practice.course(mara, 80)
    practice.allocate(mara, BEN.id)
    practice.answer(practice.hold(mara, BEN.id), **marks(60))

    bens = fetch(call("therapist", actor=BEN.id), "check-ins", reason="care")

    assert fetch(ana_calls, "check-ins", reason="care") == []
    assert [(row["session"], row["total"]) for row in bens] == [("1", "60.0")]


# Consent


def test_research_holds_those_who_consent_to_it_and_loses_them_at_once(practice: Practice, lead_calls: Caller) -> None:
    mara, noor = consenting(practice), practice.client()
    practice.course(mara, 80)
    practice.course(noor, 60)

    given = {file: fetch(lead_calls, file) for file in FILES}
    practice.consent(mara, state="withdrawn", purpose="research")
    withdrawn = {file: fetch(lead_calls, file) for file in FILES}

    assert {row["total"] for row in given["check-ins"]} == {"80.0"}
    assert len(given["items"]) == 8
    assert withdrawn == {file: [] for file in FILES}


@pytest.mark.parametrize("sharing", ["not", "after"])
def test_what_the_client_keeps_back_leaves_in_no_file(
    practice: Practice, lead_calls: Caller, ana_calls: Caller, sharing: str
) -> None:
    mara = consenting(practice)
    practice.session(mara, 24, s1=sharing, r1="yes", w1="please go slower", w1_readers="therapist")
    reason = {"not": "not_shared", "after": "shared_later"}[sharing]

    for caller, why in ((lead_calls, "research"), (ana_calls, "care")):
        files = fetch_all(caller, reason=why)
        [row] = rows_of(files["check-ins.csv"])
        assert (row["missing_reason"], row["total"], row["answered"], row["said"]) == (reason, "", "", "")
        assert rows_of(files["items.csv"]) == []
        assert all("24.0" not in text and "slower" not in text for text in files.values())


def test_no_file_holds_a_word_that_somebody_typed(practice: Practice, lead_calls: Caller, ana_calls: Caller) -> None:
    practice.session(consenting(practice), 80, w1="please go slower", w1_readers="supervision")

    for caller, why in ((lead_calls, "research"), (ana_calls, "care")):
        assert all("slower" not in text for text in fetch_all(caller, reason=why).values())
        assert {row["item"] for row in fetch(caller, "items", reason=why)}.isdisjoint({"w1", "w1_readers", "s1"})


def test_where_the_two_views_differ_stays_with_the_therapist(
    practice: Practice, lead_calls: Caller, ana_calls: Caller
) -> None:
    mara = consenting(practice)
    practice.course(mara, 80, 82, 78, 80)
    practice.answer(practice.session(mara, 80, r1="a_little"), "therapist", t_r1="no", **marks(80, "t_"))

    assert "S7" in fetch(ana_calls, "readings", reason="care")[-1]["signals"].split()
    assert "S7" not in fetch(lead_calls, "readings")[-1]["signals"].split()


# Names


def test_two_exports_cannot_be_joined_and_the_files_of_one_can(practice: Practice, lead_calls: Caller) -> None:
    for total in (80, 60):
        practice.course(consenting(practice), total)
    code = lead_calls.get("/v1/exports/about", reason="research").get_json()["export"]

    one = {file: {row["client"] for row in fetch(lead_calls, file, export=code)} for file in FILES[:3]}
    other = {row["client"] for row in fetch(lead_calls, "check-ins")}
    other_question = {row["client"] for row in fetch(lead_calls, "check-ins", export=code, to="2030-01-01")}

    assert len(one["check-ins"]) == 2
    assert one["check-ins"] == one["items"] == one["readings"]
    assert one["check-ins"].isdisjoint(other)
    assert one["check-ins"].isdisjoint(other_question)


def test_an_exports_code_is_over_after_a_day(practice: Practice, lead_calls: Caller) -> None:
    code = lead_calls.get("/v1/exports/about", reason="research").get_json()["export"]
    assert fetch(lead_calls, "check-ins", export=code) == []
    practice.clock.move(hours=25)

    for late in (code, uuid7(), uuid4(), UUID(int=0)):
        refused = lead_calls.get("/v1/exports/check-ins.csv", reason="research", export=late)
        assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "export")


def test_research_holds_no_id_no_date_and_no_therapist(practice: Practice, lead_calls: Caller) -> None:
    mara = consenting(practice)
    appointments = practice.course(mara, *RUPTURE)
    ids = [
        mara,
        ANA.id,
        *appointments,
        *(row["id"] for row in practice.rows("SELECT id FROM episode UNION SELECT id FROM course")),
    ]

    files = fetch_all(lead_calls)

    tables = "".join(text for name, text in files.items() if name.endswith(".csv"))
    assert all(str(an_id) not in tables for an_id in ids)
    assert "2026-" not in tables
    assert [row["day"] for row in rows_of(files["check-ins.csv"])] == ["0", "7", "14", "21", "28", "35"]
    assert rows_of(files["episodes.csv"])[0]["opened_day"] == "28"


def test_the_order_of_the_rows_does_not_tell_who_came_first(practice: Practice, lead_calls: Caller) -> None:
    totals = [total for total in range(20, 100, 2) if practice.course(consenting(practice), total)]

    orders = {tuple(row["total"] for row in fetch(lead_calls, "check-ins")) for _ in range(3)}

    assert len(orders) == 3
    assert tuple(f"{total}.0" for total in totals) not in orders
    assert all(sorted(order, key=float) == [f"{total}.0" for total in totals] for order in orders)


# What is in it


def test_a_session_without_answers_is_a_line_with_its_reason_and_nothing_is_carried_forward(
    practice: Practice, lead_calls: Caller
) -> None:
    mara = consenting(practice)
    practice.course(mara, 80, None)
    practice.consent(mara, state="withdrawn")
    practice.hold(mara)

    rows = fetch(lead_calls, "check-ins")

    assert [(row["session"], row["total"], row["missing_reason"]) for row in rows] == [
        ("1", "80.0", ""),
        ("2", "", "consent_withdrawn"),
        ("3", "", "not_offered"),
    ]


def test_a_total_on_fewer_items_says_so(practice: Practice, lead_calls: Caller) -> None:
    mara = consenting(practice)
    practice.answer(practice.hold(mara), b1=8, g1=8, t1=8, e1=8)
    practice.answer(practice.hold(mara), b1=8, g1=8)

    rows = fetch(lead_calls, "check-ins")

    assert [(row["total"], row["answered"], row["items"], row["prorated"]) for row in rows] == [
        ("80.0", "4", "5", "1"),
        ("", "2", "5", ""),
    ]


def test_a_period_narrows_the_sessions_and_renumbers_none(practice: Practice, lead_calls: Caller) -> None:
    mara = consenting(practice)
    practice.course(mara, *RUPTURE)
    first = practice.clock.now - timedelta(days=14)

    rows = fetch(lead_calls, "check-ins", **{"from": first.date(), "to": (first + timedelta(days=7)).date()})

    assert [(row["session"], row["day"]) for row in rows] == [("4", "21"), ("5", "28")]
    backwards = lead_calls.get("/v1/exports/items.csv", reason="research", **{"from": "2026-05-02", "to": "2026-05-01"})
    assert (backwards.status_code, backwards.get_json()["errors"][0]["field"]) == (422, "to")


def test_an_hour_with_a_stand_in_is_no_part_of_the_figures(practice: Practice, lead_calls: Caller) -> None:
    mara = consenting(practice)
    practice.course(mara, 80)
    practice.hold(mara, BEN.id)

    assert len(fetch(lead_calls, "check-ins")) == 1


def test_an_episode_is_followed_from_its_opening_to_its_repair(practice: Practice, lead_calls: Caller) -> None:
    practice.course(consenting(practice), *RUPTURE)

    [row] = fetch(lead_calls, "episodes")

    kept = practice.row("SELECT m_pre, s_pre, lowest FROM episode")
    assert (row["state"], row["close_reason"], row["days"], row["closed_day"]) == ("repaired", "repaired", "7", "35")
    assert (float(row["usual_before"]), float(row["usual_sd_before"]), float(row["lowest"])) == tuple(kept.values())


def test_every_file_has_the_columns_of_the_dictionary_in_their_order(practice: Practice, lead_calls: Caller) -> None:
    practice.course(consenting(practice), *RUPTURE)

    files = fetch_all(lead_calls)
    about = json.loads(files["about.json"])

    for described, file in zip(about["files"], File, strict=True):
        text = files[described["name"]]
        assert text.split("\r\n")[0].split(",") == [column["name"] for column in described["columns"]]
        assert [column["name"] for column in described["columns"]] == [column.name for column in COLUMNS[file]]
        assert len(rows_of(text)) == described["rows"] > 0
        assert all(column["meaning"] and column["kind"] for column in described["columns"])
        assert text.endswith("\r\n")
        assert "\n" not in text.replace("\r\n", "")


def test_the_honest_label_and_the_rules_travel_with_the_figures(practice: Practice, lead_calls: Caller) -> None:
    practice.course(consenting(practice), 80)

    about = lead_calls.get("/v1/exports/about", reason="service_evaluation").get_json()
    [row] = fetch(lead_calls, "readings")

    [measure] = about["measures"]
    assert "not a validated instrument" in measure["label"]
    assert measure["content_hash"] == fetch(lead_calls, "check-ins")[0]["content_hash"]
    assert (row["rules_version"], float(row["sigma0"])) == (about["rules"][0]["version"], about["rules"][0]["sigma0"])
    assert (about["clients"], about["basis"]) == (1, "research_consent")


# How much


def test_an_export_beyond_the_cap_is_refused_with_the_way_out(practice: Practice, lead: Scope) -> None:
    practice.course(consenting(practice), 80, 82, 78)
    now, wanted = practice.clock(), ExportRequest(None, ExportReason.RESEARCH, None, None, None)

    with practice.database.transaction() as tx:
        assert len(Export(tx, wanted, scope=lead, now=now, at_most=3).csv(File.CHECK_INS)) == 1
        with pytest.raises(ExportTooLarge, match=r"shorter period with from and to") as refused:
            Export(tx, wanted, scope=lead, now=now, at_most=2).csv(File.CHECK_INS)
    assert [field for field, _ in refused.value.errors] == ["from", "to"]


def many_sessions(practice: Practice, client_id: UUID, sessions: int) -> None:
    with practice.database.transaction() as tx:
        tx.execute(
            "INSERT INTO hour (appointment_id, client_id, practitioner_id, starts_at, ends_at, status, sequence) "
            "SELECT gen_random_uuid(), %s, %s, %s::timestamptz + n * interval '1 hour', "
            "%s::timestamptz + n * interval '1 hour', 'held', 1 FROM generate_series(1, %s) n",
            (client_id, ANA.id, practice.clock(), practice.clock(), sessions),
        )


def test_ten_thousand_rows_pass_through_little_memory(practice: Practice, lead: Scope) -> None:
    many_sessions(practice, consenting(practice), 10_000)
    wanted = ExportRequest(None, ExportReason.RESEARCH, None, None, None)

    with practice.database.transaction() as tx:
        export = Export(tx, wanted, scope=lead, now=practice.clock())
        tracemalloc.start()
        try:
            size = sum(len(piece) for piece in export.csv(File.CHECK_INS))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert size > 1_000_000
    # The file itself, and a few hundred rows on their way into it; the rows as objects would be ten times this.
    assert peak < size + 4_000_000


def test_one_row_over_the_cap_is_a_clear_refusal_and_no_half_a_file(practice: Practice, lead_calls: Caller) -> None:
    many_sessions(practice, consenting(practice), ROWS_AT_MOST + 1)

    refused = lead_calls.get("/v1/exports/check-ins.csv", reason="research")

    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"
    assert str(ROWS_AT_MOST) in refused.get_json()["detail"]
    assert trail(practice.database, "export.made") == []


# The trail


def test_the_trail_says_who_took_what_out_for_which_reason_and_about_whom(
    practice: Practice, lead_calls: Caller
) -> None:
    mara = consenting(practice)
    practice.course(mara, 80, 82)

    fetch(lead_calls, "items", **{"from": "2026-03-01"})

    entry = trail(practice.database, "export.made")[0]
    assert (entry["actor"], entry["about"]) == (str(LEAD.id), [mara])
    assert entry["fields"] == [
        *("export", "file=items.csv", "reason=research", "from=2026-03-01", "to=", "whose=all"),
        *("rows=16", "clients=1"),
    ]


def test_a_file_says_what_it_is_and_is_kept_by_no_cache(practice: Practice, lead_calls: Caller) -> None:
    answer = lead_calls.get("/v1/exports/check-ins.csv", reason="research")

    assert answer.content_type == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="check-ins.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_data(as_text=True).startswith("client,pair,session,")


# Cells


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_no_cell_of_text_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "written"), [(-1.25, "-1.25"), (0.1 + 0.2, "0.30000000000000004"), (-3, "-3"), (True, "1"), (None, "")]
)
def test_numbers_stay_numbers_to_the_last_digit(value: Any, written: str) -> None:
    assert cell(value) == written


def test_commas_quotes_and_line_ends_come_back_as_they_were() -> None:
    said = 'a, "b"\r\nc'

    text = b"".join(sheet(["one", "two"], [{"one": said, "two": 1}])).decode()

    assert rows_of(text) == [{"one": said, "two": "1"}]
