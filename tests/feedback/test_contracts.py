"""What feedback tells fits its contract files; what it hears, it reads with more in it than it knows."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from services.feedback.alliance import events as alliance
from services.feedback.alliance.commands import episodes
from services.feedback.collection import events as collection
from services.feedback.collection.commands import corrections as correcting
from services.feedback.collection.commands import entries as entering
from services.feedback.collection.commands import withdrawn_entries as withdrawing
from services.feedback.collection.domain.entry import Entry
from services.feedback.collection.domain.offers import Channel
from services.feedback.consumers import HANDLERS
from services.feedback.jobs import end_overdue_offers, pass_on_risk_answers, remind_clients
from services.feedback.risk import commands as risk
from services.feedback.risk import events as risks
from shared.scope import Scope
from tests.feedback.practice import Practice, told_as

CONTRACTS = Path(__file__).resolve().parents[2] / "shared/contracts"
OWN = sorted((CONTRACTS / "feedback").glob("*.json"))
HEARD = sorted(path for path in CONTRACTS.glob("*/*.json") if "feedback" in json.loads(path.read_text())["x-consumers"])


def contract(kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CONTRACTS / "feedback" / f"{kind}.v1.json").read_text())
    return loaded


def everything_that_is_told(practice: Practice, ana: Scope) -> None:
    """A course in which every kind of event happens."""
    client_id = practice.client()
    practice.course(client_id, 80, 82, 78, 80, 50, 50, 64, 52, 80)
    practice.course(client_id, 40, 42, 40, 42)
    kept = practice.row("SELECT id, version FROM episode WHERE closed_at IS NULL")
    with practice.database.transaction() as tx:
        episodes.close_episode(
            tx, UUID(str(kept["id"])), "settled", expected_version=kept["version"], scope=ana, now=practice.clock()
        )
    practice.session(client_id, None)
    practice.clock.move(days=4)
    practice.run(end_overdue_offers)
    practice.hold(client_id)
    practice.consent(client_id, "withdrawn")
    everything_about_one_check_in(practice, ana)


def everything_about_one_check_in(practice: Practice, ana: Scope) -> None:
    """A form that is reminded of, answered and corrected; risk answers read in time, and late."""
    client_id = practice.client()
    appointment_id = practice.hold(client_id)
    practice.clock.move(hours=25)
    practice.run(remind_clients)
    practice.answer(appointment_id, b1=5)
    with practice.database.transaction() as tx:
        correct = Entry(answers={"b1": 6})
        offer_id = practice.offer(appointment_id).id
        correcting.correct(tx, offer_id, correct, "typing_error", expected_version=1, scope=ana, now=practice.clock())
        phq = Entry(answers={"q9": 1})
        entering.enter_for_session(
            tx, client_id, appointment_id, "phq-9", 1, phq, channel=Channel.PAPER, scope=ana, now=practice.clock()
        )
        gad = entering.enter_for_session(
            tx,
            client_id,
            appointment_id,
            "gad-7",
            1,
            Entry(answers={"q1": 1}),
            channel=Channel.PAPER,
            scope=ana,
            now=practice.clock(),
        )
        withdrawing.withdraw_entry(
            tx, gad.offer.id, "wrong_client", expected_version=1, scope=ana, now=practice.clock()
        )
    practice.clock.move(hours=25)
    practice.run(pass_on_risk_answers)
    kept = practice.row("SELECT id, version FROM risk_answer")
    with practice.database.transaction() as tx:
        risk.acknowledge(
            tx,
            UUID(str(kept["id"])),
            "spoken_with_client",
            expected_version=kept["version"],
            scope=ana,
            now=practice.clock(),
        )


def test_everything_told_fits_its_contract_and_says_no_more(practice: Practice, ana: Scope) -> None:
    everything_that_is_told(practice, ana)

    told = practice.told()
    for row in told:
        kind = row["type"].removeprefix("rapport.feedback.").removesuffix(".v1")
        closed = contract(kind) | {"unevaluatedProperties": False}
        Draft202012Validator(closed, format_checker=FormatChecker()).validate(row["data"])
        assert bytes(row["key"]).decode() == row["data"]["client_id"]
        subject = contract(kind)["x-subject"].format(**row["data"])
        assert subject == f"{row['aggregatetype']}/{row['aggregateid']}"
    assert {row["type"] for row in told} == {f"rapport.feedback.{path.name.removesuffix('.json')}" for path in OWN}


def test_answers_totals_and_words_never_travel(practice: Practice) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 82, 78)
    practice.session(client_id, 32, r1="yes", r2="worse", w1="canaryword")

    told = json.dumps([row["data"] for row in practice.told()])

    for word in ("canaryword", "worse", "32", "total", "answers", "sharing"):
        assert word not in told.replace(str(client_id), "").split('"') or word == "32"
    assert not any(isinstance(v, float) for row in practice.told() for v in row["data"].values())


@pytest.mark.parametrize("path", OWN, ids=lambda p: p.stem)
def test_the_examples_of_a_contract_fit_it_and_the_producers_own_schema(path: Path) -> None:
    schema = json.loads(path.read_text())
    own = {
        "checkin.offered": collection.OfferedData,
        "checkin.recorded": collection.RecordedData,
        "checkin.expired": collection.ExpiredData,
        "checkin.withdrawn": collection.WithdrawnData,
        "checkin.corrected": collection.CorrectedData,
        "checkin.entry_withdrawn": collection.EntryWithdrawnData,
        "checkin.reminder_due": collection.ReminderDueData,
        "risk.raised": risks.RiskRaisedData,
        "risk.overdue": risks.RiskOverdueData,
        "risk.acknowledged": risks.RiskAcknowledgedData,
        "reading.updated": alliance.ReadingData,
        "episode.opened": alliance.EpisodeOpenedData,
        "episode.changed": alliance.EpisodeChangedData,
        "episode.closed": alliance.EpisodeClosedData,
    }[path.name.removesuffix(".v1.json")]()

    for example in schema["examples"]:
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(example)
        own.load(example)
        assert set(own.fields) == set(schema["properties"])


def test_everything_meant_for_feedback_is_heard() -> None:
    meant = {f"rapport.{path.parent.name}.{path.name.removesuffix('.json')}" for path in HEARD}

    assert meant == set(HANDLERS)


@pytest.mark.parametrize("path", HEARD, ids=lambda p: f"{p.parent.name}.{p.stem}")
def test_every_example_is_heard_also_with_a_field_nobody_knows(practice: Practice, path: Path) -> None:
    schema = json.loads(path.read_text())
    kind = f"{path.parent.name}.{path.name.removesuffix('.v1.json')}"

    for number, example in enumerate(schema["examples"], 1):
        told = example | {"added_in_a_later_version": {"deep": [1]}}
        message = told_as(kind, told, subject="appointment/1", sequence=number, at=practice.clock())
        with practice.database.transaction() as tx:
            HANDLERS[message.type](tx, message, now=practice.clock())

    projected = practice.rows(
        "SELECT client_id FROM client UNION SELECT client_id FROM consent UNION SELECT client_id FROM allocation "
        "UNION SELECT client_id FROM hour"
    )
    assert {str(row["client_id"]) for row in projected} == {
        e["client_id"] for e in schema["examples"] if "client_id" in e
    }
