"""From what is kept to the rows of each file; a session without answers is a row with its reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.courses import HeldSession, missing_of
from services.feedback.alliance.domain.signals import signals_for
from services.feedback.exports.domain.csv.pseudonyms import Pseudonyms
from services.feedback.measures.domain import Kind, Measure
from services.feedback.measures.domain.answers import Answer
from services.feedback.measures.domain.scoring import score

CsvRow = dict[str, Any]  # a cell by the name of its column
# How an answer may be used, and by whom, is in `shared`; it is no answer about the session.
ABOUT_SHARING = frozenset({"sharing", "wish_readers"})


@dataclass(frozen=True, slots=True)
class _OfAPair:
    """`first_at` is the start of the first session that these two held."""

    client_id: UUID
    practitioner_id: UUID
    first_at: datetime
    measure_version: int | None


@dataclass(frozen=True, slots=True)
class _OfASession(_OfAPair):
    starts_at: datetime
    session: int


@dataclass(frozen=True, slots=True)
class ExportedForm(_OfASession):
    """One form about a session, or a session without; from `channel` on None where nothing may be seen."""

    appointment_id: UUID
    measure_id: str | None
    side: str
    moment: str | None
    offer_state: str | None
    missing_reason: str | None
    sharing: str | None
    channel: str | None
    answers: Mapping[str, Answer] | None
    total: float | None
    answered: int | None
    scoring_rule: str | None
    said: str | None
    talked: str | None
    blind: bool | None
    version: int | None
    total_only: bool | None


@dataclass(frozen=True, slots=True)
class ExportedReading(_OfASession):
    """A reading in force; `detail` as it was kept."""

    measure_id: str
    state: str
    detail: Mapping[str, Any]
    rules_version: str


@dataclass(frozen=True, slots=True)
class ExportedEpisode(_OfAPair):
    """A rupture and what became of it."""

    id: UUID
    measure_id: str
    state: str
    opened_by: Sequence[str]
    opened_session: int
    opened_at: datetime
    m_pre: float | None
    s_pre: float | None
    lowest: float | None
    verdict: str | None
    checkins: int
    late: bool
    conversation_held_on: date | None
    not_yet: str | None
    tried: Sequence[str]
    closed_session: int | None
    closed_at: datetime | None
    close_reason: str | None
    closed_by: str | None
    rules_version: str


def check_in_row(row: ExportedForm, measure: Measure, content_hash: str, pseudonyms: Pseudonyms) -> CsvRow:
    """One form, or one session without."""
    seen = row.answers is not None
    made = None if row.answers is None or row.total_only else score(measure, row.answers)
    return _session(row, pseudonyms) | {
        "measure": measure.id,
        "measure_version": row.measure_version or measure.version,
        "content_hash": content_hash,
        "side": row.side,
        "missing_reason": None if seen else _missing(row),
        "shared": row.sharing if seen and row.side == "client" else None,
        "channel": row.channel,
        "answered": row.answered,
        "items": made.items if made else None,
        "total": row.total,
        "prorated": None if made is None or row.total is None else made.prorated,
        "scoring_rule": row.scoring_rule,
        "said": row.said,
        "talked": row.talked,
        "blind": row.blind if seen and row.side == "therapist" else None,
        "version": row.version,
        "total_only": row.total_only,
        "moment": row.moment,
    }


def item_rows(row: ExportedForm, measure: Measure, pseudonyms: Pseudonyms) -> Iterator[CsvRow]:
    """Every question of a form that was given back, answered or not; none that takes words."""
    if row.answers is None or row.total_only:
        return
    for item in measure.items:
        if item.kind is Kind.TEXT or item.part in ABOUT_SHARING:
            continue
        answer = row.answers.get(item.id)
        yield _session(row, pseudonyms) | {
            "measure": measure.id,
            "measure_version": row.measure_version,
            "side": row.side,
            "item": item.id,
            "scored": item.id in measure.scoring.items,
            "value": None if isinstance(answer, str) else answer,
            "code": answer if isinstance(answer, str) else None,
        }


def reading_row(row: ExportedReading, pseudonyms: Pseudonyms, *, is_their_therapist: bool) -> CsvRow:
    detail = row.detail
    low, high = detail["usual"] or (None, None)
    signals = signals_for(detail["signals"], is_their_therapist=is_their_therapist)
    return _session(row, pseudonyms) | {
        "measure": row.measure_id,
        "measure_version": row.measure_version,
        "state": row.state,
        "sentence": detail["sentence"]["template"],
        "signals": " ".join(signal["code"] for signal in signals),
        "missing_reason": detail["missing"],
        "total": detail["total"],
        "usual_n": detail["n"],
        "usual_mean": detail["m"],
        "usual_sd": detail["s"],
        "z": detail["z"],
        "usual_low": low,
        "usual_high": high,
        "frozen": detail["frozen"],
        "too_early": detail["too_early"],
        "rules_version": row.rules_version,
        "sigma0": detail["sigma0"],
    }


def episode_row(row: ExportedEpisode, pseudonyms: Pseudonyms) -> CsvRow:
    opened, closed, first = row.opened_at, row.closed_at, row.first_at
    return _who(row, pseudonyms) | {
        "episode": pseudonyms.episode(row.id),
        "measure": row.measure_id,
        "measure_version": row.measure_version,
        "state": row.state,
        "opened_by": " ".join(row.opened_by),
        "opened_session": row.opened_session,
        "opened_day": pseudonyms.day(opened, first),
        "opened_date": pseudonyms.date(opened),
        "usual_before": row.m_pre,
        "usual_sd_before": row.s_pre,
        "lowest": row.lowest,
        "verdict": row.verdict,
        "checkins": row.checkins,
        "late": row.late,
        "conversation_day": pseudonyms.day(row.conversation_held_on, first),
        "conversation_date": pseudonyms.date(row.conversation_held_on),
        "not_yet": row.not_yet,
        "tried": " ".join(row.tried),
        "closed_session": row.closed_session,
        "closed_day": pseudonyms.day(closed, first),
        "closed_date": pseudonyms.date(closed),
        "close_reason": row.close_reason,
        "closed_by": row.closed_by,
        "days": pseudonyms.day(closed, opened),
        "rules_version": row.rules_version,
    }


def _who(row: _OfAPair, pseudonyms: Pseudonyms) -> CsvRow:
    return {
        "client": pseudonyms.client(row.client_id),
        "pair": pseudonyms.pair(row.client_id, row.practitioner_id),
    }


def _session(row: _OfASession, pseudonyms: Pseudonyms) -> CsvRow:
    return _who(row, pseudonyms) | {
        "session": row.session,
        "day": pseudonyms.day(row.starts_at, row.first_at),
        "session_date": pseudonyms.date(row.starts_at),
    }


def _missing(row: ExportedForm) -> str | None:
    hour = HeldSession(
        row.appointment_id,
        row.starts_at,
        offer_state=row.offer_state,
        missing_reason=row.missing_reason,
        sharing=row.sharing,
    )
    return missing_of(hour)
