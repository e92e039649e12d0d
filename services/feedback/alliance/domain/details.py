"""A reading as plain JSON: what is kept with every session, so that any past reading can be looked up again."""

from collections.abc import Mapping
from typing import Any

from services.feedback.alliance.domain.reader import Reading
from services.feedback.alliance.domain.rules import ReaderRules
from services.feedback.alliance.domain.sentences import NextStep, Sentence
from services.feedback.alliance.domain.series import Session
from services.feedback.alliance.domain.signals import Signal


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
