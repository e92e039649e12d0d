"""The figures of an export, made again by the documented script, are the service's own."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.reproduce.figures import figures, main, total_of
from services.feedback.exports.domain.csv.codebook import codebook_of
from services.feedback.exports.domain.csv.columns import File, names
from services.feedback.exports.domain.csv.pseudonyms import Pseudonyms
from services.feedback.exports.domain.csv.requests import Basis
from services.feedback.exports.domain.csv.rows import ExportedForm, item_rows
from services.feedback.exports.domain.csv.writer import sheet
from services.feedback.exports.schemas import AboutSchema
from services.feedback.jobs import end_overdue_offers
from services.feedback.measures.domain import Item, Kind, Measure
from services.feedback.measures.domain.answers import Answer
from services.feedback.measures.domain.scoring import score
from services.feedback.measures.store.definitions import measures
from tests.cast import ANA, BEN, LEAD
from tests.feedback.conftest import NOW
from tests.feedback.exports.exported import fetch_all, rows_of
from tests.feedback.exports.fhir_rules import broken_rules, faults
from tests.feedback.practice import Caller, Practice, marks

Speak = Callable[..., Caller]
SCRIPT = Path(__file__).resolve().parents[3] / "docs/reproduce/figures.py"
NOBODY = UUID(int=7)


def clinic_with_a_history(practice: Practice) -> None:
    """Two therapists; a rupture that was repaired, one that was not, forms half answered, kept back, not returned."""
    for therapist, totals in ((ANA.id, (80, 82, 78, 80, 50, 80)), (BEN.id, (70, 72, 68, 30, 30, 32, 30, None))):
        client_id = practice.client(therapist)
        practice.consent(client_id, purpose="research")
        for total in totals:
            appointment_id = practice.hold(client_id, therapist)
            if total is not None:
                practice.answer(appointment_id, **marks(total))
        practice.answer(practice.hold(client_id, therapist), b1=7, g1=8, t1=9, o1=7)
        practice.answer(practice.hold(client_id, therapist), b1=7, r1="no")
        practice.answer(practice.hold(client_id, therapist), s1="not", **marks(60))
        last = practice.hold(client_id, therapist)
        practice.answer(last, **marks(70))
        practice.answer(last, "therapist", **marks(64, "t_"))
    practice.clock.move(days=7)
    practice.run(end_overdue_offers)


@pytest.fixture
def folder(practice: Practice, call: Speak, tmp_path: Path) -> Path:
    clinic_with_a_history(practice)
    for name, text in fetch_all(call("clinical_lead", actor=LEAD.id)).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return tmp_path


def test_every_figure_is_the_services_own(practice: Practice, folder: Path) -> None:
    made = figures(folder)

    own = practice.row(
        "SELECT count(*) AS n, avg(total) AS mean, stddev_samp(total) AS sd FROM checkin "
        "WHERE shown AND total IS NOT NULL AND side = 'client'"
    )
    offers = practice.row(
        "SELECT count(*) FILTER (WHERE state = 'received') AS back, count(*) AS n FROM offer "
        "WHERE side = 'client' AND state IN ('received', 'unanswered')"
    )
    mended = practice.row(
        "SELECT count(*) FILTER (WHERE close_reason = 'repaired') AS repaired, count(*) AS n, "
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_at::date - opened_at::date) "
        "FILTER (WHERE close_reason = 'repaired') AS days FROM episode WHERE close_reason IS NOT NULL OR checkins >= 3"
    )
    assert made["totals"]["session-checkin"] == {
        "n": own["n"],
        "mean": pytest.approx(own["mean"]),
        "sd": pytest.approx(own["sd"]),
    }
    assert made["completion"]["session-checkin"] == {"n": offers["n"], "value": offers["back"] / offers["n"]}
    assert 0 < offers["back"] < offers["n"]
    assert made["repair"]["n"] == mended["n"] >= 2
    assert made["repair"]["value"] == mended["repaired"] / mended["n"]
    assert made["repair"]["days_to_repair"] == {"n": mended["repaired"], "median": mended["days"]}
    assert made["clients"] == 2


def test_the_clinics_own_page_says_the_same(practice: Practice, call: Speak, tmp_path: Path) -> None:
    start = practice.clock()
    for therapist in (ANA.id, BEN.id, UUID(int=9)):
        for n in range(7):
            practice.clock.now = start
            client_id = practice.client(therapist)
            practice.consent(client_id, purpose="research")
            for total in (80, 82, 78, 40, None, 80 if n < 4 else 40, 40, 40):
                appointment_id = practice.hold(client_id, therapist)
                if total is not None:
                    practice.answer(appointment_id, **marks(total))
    practice.clock.move(days=60)
    practice.run(end_overdue_offers)
    year = {"from": "2026-01-01", "to": "2026-12-31"}
    lead = call("clinical_lead", actor=LEAD.id)
    for name, text in fetch_all(lead, **year).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")

    told, made = lead.get("/v1/clinic/figures", **year).get_json(), figures(tmp_path)

    forms = next(one for one in told["completion"] if (one["side"], one["moment"]) == ("client", "after"))
    assert made["completion"]["session-checkin"]["value"] == forms["returned"]["value"]
    assert made["repair"]["value"] == told["alliance"]["repair"]["value"]
    assert made["repair"]["n"] == told["alliance"]["repair"]["n"]
    assert made["repair"]["days_to_repair"]["median"] == told["alliance"]["days_to_repair"]["value"] is not None


def test_totals_and_distances_from_usual_come_out_the_same(folder: Path) -> None:
    made = figures(folder)

    assert made["check_of_totals"]["differing"] == []
    assert made["check_of_totals"]["same"] >= 18
    assert made["check_of_readings"]["differing"] == 0
    assert made["check_of_readings"]["same"] >= 8


def test_the_script_needs_python_alone(folder: Path) -> None:
    command = [sys.executable, "-I", str(SCRIPT), str(folder), "--json"]

    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder, env={})

    assert json.loads(said.stdout) == json.loads(json.dumps(figures(folder)))


def test_a_changed_answer_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 0
    path = folder / "items.csv"
    path.write_text(path.read_text("utf-8").replace(",b1,1,8,", ",b1,1,9,", 1), "utf-8")

    assert main([str(folder)]) == 1
    assert main([]) == 2
    assert "EXPORT_DIR" in capsys.readouterr().err


def test_corrections_and_totals_from_paper_and_several_measures_of_a_session_are_told_apart(
    practice: Practice, call: Speak, tmp_path: Path
) -> None:
    mara = practice.client()
    practice.consent(mara, purpose="research")
    appointment_id = practice.session(mara, 74)
    offer_id, ana = practice.offer(appointment_id).id, call("therapist", actor=ANA.id)
    put_right = {"answers": marks(20), "reason": "typing_error"}
    assert ana.post(f"/v1/check-ins/{offer_id}/corrections", put_right, version=1).status_code == 201
    for measure_id, entry in (("phq-9", {"answers": {f"q{n}": 2 for n in range(1, 10)}}), ("oq-45", {"total": 71})):
        asked = {"appointment_id": str(appointment_id), "measure_id": measure_id, "measure_version": 1}
        entered = ana.post(f"/v1/clients/{mara}/check-ins", asked | entry | {"channel": "paper"})
        assert entered.status_code == 201, entered.get_json()

    for name, text in fetch_all(call("clinical_lead", actor=LEAD.id)).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    rows = {row["measure"]: row for row in rows_of((tmp_path / "check-ins.csv").read_text("utf-8"))}

    assert {name: (row["total"], row["version"], row["total_only"]) for name, row in rows.items()} == {
        "session-checkin": ("20.0", "2", "0"),
        "phq-9": ("18.0", "1", "0"),
        "oq-45": ("71.0", "1", "1"),
    }
    assert figures(tmp_path)["check_of_totals"] == {"same": 2, "typed_from_paper": 1, "differing": []}
    bundle = json.loads(ana.get(f"/v1/clients/{mara}/fhir", reason="care").data)
    assert list(faults(bundle)) == list(broken_rules(bundle)) == []
    assert sorted(e["resource"].get("status", "") for e in bundle["entry"] if "derivedFrom" in e["resource"]) == [
        "amended",
        "final",
        "final",
    ]


def test_change_beyond_chance_is_counted_by_the_measures_own_points(tmp_path: Path) -> None:
    phq = measures()["phq-9"]
    courses = {"Ca": (18, 12), "Cb": (18, 13), "Cc": (6, 12), "Cd": (10,)}
    empty: dict[str, Any] = dict.fromkeys(names(File.CHECK_INS))
    lines = [
        empty
        | {"client": client, "pair": "P", "session": n, "measure": "phq-9", "measure_version": phq.version}
        | {"side": "client", "total": float(total), "scoring_rule": "typed-from-paper:x"}
        for client, course in courses.items()
        for n, total in enumerate(course, 1)
    ]
    (tmp_path / "check-ins.csv").write_bytes(b"".join(sheet(names(File.CHECK_INS), lines)))
    for file in (File.ITEMS, File.READINGS, File.EPISODES):
        (tmp_path / f"{file}.csv").write_bytes(b"".join(sheet(names(file), [])))
    (tmp_path / "about.json").write_text(json.dumps({"export": "x", "measures": [codebook_of(phq)]}, default=str))

    assert figures(tmp_path)["reliable_change"] == {"phq-9": {"n": 3, "improved": 1, "deteriorated": 1}}


def some_answer(item: Item, dice: Random) -> Answer:
    """Any answer that an item takes."""
    if item.kind is Kind.CHOICE:
        return dice.choice(item.options).code
    value = round(item.minimum + dice.randint(0, round((item.maximum - item.minimum) / item.step)) * item.step, 6)
    return int(value) if float(value).is_integer() else value


@pytest.mark.parametrize("measure", [m for m in measures().values() if m.items], ids=lambda m: m.id)
@settings(deadline=None)
@given(dice=st.randoms(use_true_random=False, note_method_calls=False), skipped=st.sampled_from([0.0, 0.05, 0.4]))
def test_from_the_files_every_total_of_every_measure_is_the_services_total(
    measure: Measure, dice: Random, skipped: float
) -> None:
    asked = [item for item in measure.items if item.kind is not Kind.TEXT and dice.random() >= skipped]
    answers = {item.id: some_answer(item, dice) for item in asked}
    form = ExportedForm(
        client_id=NOBODY,
        practitioner_id=ANA.id,
        first_at=NOW,
        measure_version=measure.version,
        starts_at=NOW,
        session=1,
        appointment_id=NOBODY,
        measure_id=measure.id,
        side=measure.side,
        moment=None,
        offer_state="received",
        missing_reason=None,
        sharing="now",
        channel="portal",
        answers=answers,
        total=None,
        answered=len(answers),
        scoring_rule=None,
        said=None,
        talked=None,
        blind=None,
        version=1,
        total_only=False,
    )

    lines = item_rows(form, measure, Pseudonyms(Basis.CONSENT, b"key", UTC))
    text = b"".join(sheet(names(File.ITEMS), lines)).decode()
    about = json.loads(json.dumps(codebook_of(measure)))

    assert total_of(about, {line["item"]: line for line in rows_of(text)}) == score(measure, answers).total


def test_about_says_everything_as_plain_json() -> None:
    for measure in measures().values():
        assert json.loads(json.dumps(codebook_of(measure)))["scoring"]["rule_id"]
    assert AboutSchema().fields.keys() >= {"files", "measures", "rules", "left_out"}
