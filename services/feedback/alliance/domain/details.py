"""A reading as plain JSON: what is kept with every session, so that any past reading can be looked up again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.quality import Quality
from services.feedback.alliance.domain.reader import Reading
from services.feedback.alliance.domain.rules import ReaderRules
from services.feedback.alliance.domain.sentences import NextStep, Sentence
from services.feedback.alliance.domain.series import Session
from services.feedback.alliance.domain.signals import Signal
from services.feedback.alliance.domain.spread import Split


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """
    The reading of one session with its date.

    `recorded_at` is when the client's answers were entered. `corrected`: an earlier reading by the same
    rules went by other answers, of this session or of those before; not merely by answers still to come.
    `quality` and `split` come with the whole course.
    """

    appointment_id: UUID
    session_number: int
    state: str
    detail: dict[str, Any]
    rules_version: str
    read_at: datetime
    starts_at: datetime
    recorded_at: datetime | None
    corrected: bool
    quality: Quality | None = None
    split: Split | None = None


def detail_of(reading: Reading, session: Session, rules: ReaderRules) -> dict[str, Any]:
    """Everything a reading says and went by; numbers unrounded, `sigma0` as used."""
    mirror = session.mirror
    return {
        "total": reading.total,
        "missing": reading.missing,
        "answered": session.answered,
        "items": rules.items,
        "said": session.said,
        "talked": session.talked,
        "therapist_total": mirror.total if mirror else None,
        "therapist_said": mirror.said if mirror else None,
        "blind": mirror.blind if mirror else None,
        "too_early": reading.too_early,
        "n": reading.n,
        "m": reading.m,
        "s": reading.s,
        "z": reading.z,
        "usual": list(reading.usual) if reading.usual else None,
        "frozen": reading.frozen,
        "episode": reading.episode,
        "sigma0": rules.sigma0,
        "sentence": plain_sentence(reading.sentence),
        "signals": [_plain_signal(signal) for signal in reading.signals],
    }


def plain_sentence(sentence: Sentence) -> dict[str, Any]:
    """A sentence as JSON."""
    return {"template": sentence.template, "params": dict(sentence.params), "next_step": str(sentence.next_step)}


def sentence_from(plain: Mapping[str, Any]) -> Sentence:
    """The sentence that was kept."""
    return Sentence(plain["template"], plain["params"], NextStep(plain["next_step"]))


def _plain_signal(signal: Signal) -> dict[str, Any]:
    return {
        "code": str(signal.code),
        "grade": signal.grade,
        "rule_version": signal.rule_version,
        "numbers": dict(signal.numbers),
        **plain_sentence(signal.sentence),
    }
