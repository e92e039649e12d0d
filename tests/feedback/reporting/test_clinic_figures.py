"""The clinic's figures: what they count, who hears which, and that no therapist stands behind any of them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.feedback.jobs import end_overdue_offers
from services.feedback.reporting.domain.disclosure_control import Withheld
from services.feedback.reporting.domain.figures import FinishedEpisode, Span, days_to_repair, repair, talked_about
from shared.database import Database
from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, SAM
from tests.feedback.practice import Caller, Practice, marks
from tests.trail import trail

Speak = Callable[..., Caller]
CLEO = UUID("0197f6a0-0000-7000-8000-00000000003c")
THERAPISTS = (ANA.id, BEN.id, CLEO)
FIRST_QUARTER = {"from": "2026-01-01", "to": "2026-03-31"}
YEAR = {"from": "2026-01-01", "to": "2026-12-31"}
WHOLE_YEAR = Span(range(4), None)


def busy(practice: Practice, *, each: int = 4) -> None:
    """Three therapists with some clients each: three sessions with, one without an answer; the quarter goes by."""
    start = practice.clock()
    for therapist in THERAPISTS:
        for _ in range(each):
            practice.clock.now = start
            client_id = practice.client(therapist)
            for total in (80, 82, 40, None):
                appointment_id = practice.hold(client_id, therapist)
                if total is not None:
                    practice.answer(appointment_id, **marks(total))
    practice.clock.now = datetime(2026, 4, 7, 9, tzinfo=UTC)
    practice.run(end_overdue_offers)


def figures(call: Speak, role: str, **asked: str) -> Any:
    answer = call(role, actor=(LEAD if role == "clinical_lead" else CHRIS).id).get("/v1/clinic/figures", **asked)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def values(told: Any) -> Iterator[Any]:
    """Everything that stands in an answer, names of fields included."""
    if isinstance(told, dict):
        for name, value in told.items():
            yield name
            yield from values(value)
    elif isinstance(told, list):
        for value in told:
            yield from values(value)
    else:
        yield told


def test_forms_that_came_back_are_counted_by_channel_and_the_others_by_reason(practice: Practice, call: Speak) -> None:
    busy(practice)

    told = figures(call, "manager", **FIRST_QUARTER)

    [clients, therapists] = told["completion"]
    assert (clients["side"], clients["moment"]) == ("client", "after")
    assert (clients["returned"]["n"], clients["returned"]["value"]) == (48, 0.75)
    assert [(part["codes"], part["n"]) for part in clients["channels"]] == [(["paper"], 36)]
    assert [(part["codes"], part["n"]) for part in clients["missing"]] == [(["no_answer"], 12)]
    assert therapists["returned"]["value"] == 0
    assert (told["clients"], told["is_over"]) == ({"value": 10, "rounded_to": 5, "why": None}, True)


@pytest.mark.parametrize(("zone", "forms"), [("Europe/Lisbon", 48), ("Pacific/Auckland", 36)])
def test_a_form_counts_in_the_quarter_that_the_clinics_calendar_had(
    practice: Practice, pool: Database, call: Speak, monkeypatch: pytest.MonkeyPatch, zone: str, forms: int
) -> None:
    """The last of four sessions ends on 31 March in Lisbon, when Auckland has 1 April."""
    for database in (practice.database, pool):
        monkeypatch.setattr(database, "zone", ZoneInfo(zone))
    practice.clock.now = datetime(2026, 3, 3, 20, tzinfo=UTC)
    busy(practice)

    [clients, _] = figures(call, "manager", **FIRST_QUARTER)["completion"]

    assert clients["returned"]["n"] == forms


def test_a_manager_hears_nothing_of_how_therapy_goes(practice: Practice, call: Speak) -> None:
    busy(practice)

    managers, leads = figures(call, "manager", **FIRST_QUARTER), figures(call, "clinical_lead", **FIRST_QUARTER)

    assert managers["alliance"] is managers["outcome"] is None
    assert leads["alliance"]["repair"]["code"] == "repaired"
    assert {name: leads[name] for name in leads if name not in ("alliance", "outcome")} == {
        name: managers[name] for name in managers if name not in ("alliance", "outcome")
    }
    for word in ("repair", "rupture", "talked", "state", "total"):
        assert not any(word in str(value) for value in values(managers) if value != "rules"), word


def test_nobody_else_hears_the_clinics_figures(call: Speak) -> None:
    for role, who in (("therapist", ANA), ("front_desk", DANA), ("supervisor", SAM)):
        assert call(role, actor=who.id).get("/v1/clinic/figures", **YEAR).status_code == 403


def test_no_answer_names_a_therapist_or_a_client(practice: Practice, call: Speak) -> None:
    busy(practice)
    known = {str(one) for one in THERAPISTS}
    known |= {str(row["client_id"]) for row in practice.rows("SELECT client_id FROM client")}

    for role in ("manager", "clinical_lead"):
        for asked in (FIRST_QUARTER, YEAR):
            text = json.dumps(figures(call, role, **asked))
            assert not any(one in text for one in known)
            assert "practitioner" not in text


def test_no_table_of_therapists_can_be_made_of_what_the_manager_is_answered(
    practice: Practice, call: Speak, http: Any
) -> None:
    """Whatever a manager may read of this service: where a therapist stands in it, no figure stands beside them."""
    busy(practice)
    call("manager", actor=CHRIS.id).put(
        "/v1/supervisions", {"practitioner_id": str(ANA.id), "supervisor_ids": [str(SAM.id)]}
    )
    manager, read = call("manager", actor=CHRIS.id), 0
    for rule in http.application.url_map.iter_rules():
        path = str(rule)
        if not path.startswith("/v1/") or "<" in path or "GET" not in (rule.methods or ()) or "openapi" in path:
            continue
        asked = YEAR if path.endswith("figures") else {}
        answer = manager.get(path, **asked)
        if answer.status_code != 200:
            assert answer.status_code in (403, 404), path
            continue
        read += 1
        for item in answer.get_json().get("items", [answer.get_json()]):
            named = [str(value) for value in values(item) if str(value) in {str(one) for one in THERAPISTS}]
            figures_beside = [value for value in values(item) if isinstance(value, int | float) and value is not False]
            assert not (named and figures_beside), (path, item)
    assert read >= 2


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"from": "2026-01-01"},
        {"from": "2026-01-01", "to": "2026-03-30"},
        {"from": "2026-01-02", "to": "2026-12-31"},
        {"from": "2026-01-01", "to": "2026-06-30"},
        {"from": "2026-03-31", "to": "2026-01-01"},
        {"from": "0001-01-01", "to": "0001-12-31"},
        {"from": "x", "to": "y"},
        {"from": "2026-01-01", "to": "2026-12-31", "practitioner_id": str(ANA.id)},
    ],
)
def test_only_whole_quarters_and_years_are_told(call: Speak, asked: dict[str, str]) -> None:
    answer = call("clinical_lead", actor=LEAD.id).get("/v1/clinic/figures", **asked)

    assert answer.status_code in (400, 422)
    assert answer.get_json()["errors"]


def test_a_small_clinic_is_told_why_there_is_no_number(practice: Practice, call: Speak) -> None:
    start = practice.clock()
    for _ in range(6):
        practice.clock.now = start
        client_id = practice.client(ANA.id)
        practice.course(client_id, 80, 80)
    practice.clock.now = datetime(2026, 4, 7, 9, tzinfo=UTC)
    practice.run(end_overdue_offers)

    told = figures(call, "clinical_lead", **FIRST_QUARTER)

    assert told["completion"][0]["returned"] == {
        "code": "returned",
        "n": None,
        "value": None,
        "at_least": False,
        "why": "too_few_therapists",
    }
    assert told["clients"]["why"] == "too_few_therapists"
    assert told["alliance"]["repair"]["why"] == "nothing"


def test_nothing_of_the_present_week_is_counted(practice: Practice, call: Speak) -> None:
    busy(practice)
    before = figures(call, "manager", **YEAR)
    week = practice.clock()
    for therapist in THERAPISTS:
        for _ in range(4):
            practice.clock.now = week
            client_id = practice.client(therapist)
            practice.clock.move(days=-7)
            practice.answer(practice.hold(client_id, therapist), **marks(80))

    assert figures(call, "manager", **YEAR) == before


def episode(practitioner: int, *, reason: str | None = "repaired", quarter: int = 0, **more: Any) -> FinishedEpisode:
    facts = {"checkins": 3, "talked_about": False, "days": 14 if reason else None} | more
    return FinishedEpisode(quarter, UUID(int=practitioner), reason, **facts)


def test_repair_is_counted_among_those_whose_end_can_be_said() -> None:
    young = [episode(n % 3, reason=None, checkins=2) for n in range(30)]
    gone = [episode(n % 3, reason="superseded") for n in range(30)]
    repaired = [episode(n % 3) for n in range(12)]
    others = [episode(n % 3, reason=None) for n in range(5)] + [episode(0, reason="therapy_ended", talked_about=True)]

    share = repair([*young, *gone, *repaired, *others], WHOLE_YEAR)

    assert (share.n, share.value) == (18, 12 / 18)


def test_days_to_repair_are_a_median_of_at_least_ten() -> None:
    enough = [episode(n % 3, days=7 * n) for n in range(11)]

    assert days_to_repair(enough, WHOLE_YEAR).value == 35
    assert days_to_repair(enough[:9], WHOLE_YEAR).why is Withheld.TOO_FEW
    assert days_to_repair([], WHOLE_YEAR).why is Withheld.NOTHING


def test_a_share_that_would_give_away_a_few_is_not_told() -> None:
    few = [episode(n % 3, talked_about=n < 2) for n in range(20)]
    assert talked_about(few, WHOLE_YEAR).why is Withheld.TOO_FEW

    for left_over in range(1, 5):
        nearly_all = [episode(n % 3, talked_about=n >= left_over) for n in range(20)]
        share = talked_about(nearly_all, WHOLE_YEAR)
        # The same whoever is left over: nobody can count the few.
        assert (share.n, share.value, share.at_least) == (20, 0.8, True)
    everybody = talked_about([episode(n % 3, talked_about=True) for n in range(20)], WHOLE_YEAR)
    assert everybody.value == 1


def test_reading_the_figures_leaves_a_line(practice: Practice, call: Speak) -> None:
    figures(call, "manager", **YEAR)

    line = trail(practice.database, "clinic.figures_read")[0]
    assert (line["actor"], line["about"], line["fields"]) == (str(CHRIS.id), [], ["completion"])
