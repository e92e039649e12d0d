"""From what is kept to the lines of each file; a session without answers is a line with its reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.feedback.alliance.domain.courses import HeldSession, missing_of
from services.feedback.alliance.domain.signals import signals_for
from services.feedback.exports.domain.csv.naming import Naming
from services.feedback.measures.domain import Kind, Measure
from services.feedback.measures.domain.scoring import score

Line = dict[str, Any]
# How an answer may be used, and by whom, is in `shared`; it is no answer about the session.
ABOUT_SHARING = frozenset({"sharing", "wish_readers"})


def check_in_line(row: Mapping[str, Any], measure: Measure, content_hash: str, naming: Naming) -> Line:
    """One form, or one session without."""
    seen = row["visible"]
    made = score(measure, row["answers"]) if seen and not row["total_only"] else None
    return _session(row, naming) | {
        "measure": measure.id,
        "measure_version": row["measure_version"] or measure.version,
        "content_hash": content_hash,
        "side": row["side"],
        "missing_reason": None if seen else _missing(row),
        "shared": row["sharing"] if seen and row["side"] == "client" else None,
        "channel": row["channel"],
        "answered": row["answered"],
        "items": made.items if made else None,
        "total": row["total"],
        "prorated": None if made is None or row["total"] is None else made.prorated,
        "scoring_rule": row["scoring_rule"],
        "said": row["said"],
        "talked": row["talked"],
        "blind": row["blind"] if seen and row["side"] == "therapist" else None,
        "version": row["version"],
        "total_only": row["total_only"],
        "moment": row["moment"],
    }


def item_lines(row: Mapping[str, Any], measure: Measure, naming: Naming) -> Iterator[Line]:
    """Every question of a form that was given back, answered or not; none that takes words."""
    if not row["visible"] or row["total_only"]:
        return
    for item in measure.items:
        if item.kind is Kind.TEXT or item.part in ABOUT_SHARING:
            continue
        answer = row["answers"].get(item.id)
        yield _session(row, naming) | {
            "measure": measure.id,
            "measure_version": row["measure_version"],
            "side": row["side"],
            "item": item.id,
            "scored": item.id in measure.scoring.items,
            "value": None if isinstance(answer, str) else answer,
            "code": answer if isinstance(answer, str) else None,
        }


def reading_line(row: Mapping[str, Any], naming: Naming, *, is_their_therapist: bool) -> Line:
    """How one session reads."""
    detail = row["detail"]
    low, high = detail["usual"] or (None, None)
    signals = signals_for(detail["signals"], is_their_therapist=is_their_therapist)
    return _session(row, naming) | {
        "measure": row["measure_id"],
        "measure_version": row["measure_version"],
        "state": row["state"],
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
        "rules_version": row["rules_version"],
        "sigma0": detail["sigma0"],
    }


def episode_line(row: Mapping[str, Any], naming: Naming) -> Line:
    """One rupture and what became of it."""
    opened, closed, first = row["opened_at"], row["closed_at"], row["first_at"]
    return _who(row, naming) | {
        "episode": naming.episode(row["id"]),
        "measure": row["measure_id"],
        "measure_version": row["measure_version"],
        "state": row["state"],
        "opened_by": " ".join(row["opened_by"]),
        "opened_session": row["opened_session"],
        "opened_day": naming.day(opened, first),
        "opened_date": naming.date(opened),
        "usual_before": row["m_pre"],
        "usual_sd_before": row["s_pre"],
        "lowest": row["lowest"],
        "verdict": row["verdict"],
        "checkins": row["checkins"],
        "late": row["late"],
        "conversation_day": naming.day(row["conversation_held_on"], first),
        "conversation_date": naming.date(row["conversation_held_on"]),
        "not_yet": row["not_yet"],
        "tried": " ".join(row["tried"]),
        "closed_session": row["closed_session"],
        "closed_day": naming.day(closed, first),
        "closed_date": naming.date(closed),
        "close_reason": row["close_reason"],
        "closed_by": row["closed_by"],
        "days": naming.day(closed, opened),
        "rules_version": row["rules_version"],
    }


def _who(row: Mapping[str, Any], naming: Naming) -> Line:
    return {
        "client": naming.client(row["client_id"]),
        "pair": naming.pair(row["client_id"], row["practitioner_id"]),
    }


def _session(row: Mapping[str, Any], naming: Naming) -> Line:
    return _who(row, naming) | {
        "session": row["session"],
        "day": naming.day(row["starts_at"], row["first_at"]),
        "session_date": naming.date(row["starts_at"]),
    }


def _missing(row: Mapping[str, Any]) -> str | None:
    hour = HeldSession(
        row["appointment_id"],
        row["starts_at"],
        offer_state=row["offer_state"],
        missing_reason=row["missing_reason"],
        sharing=row["sharing"],
    )
    return missing_of(hour)
