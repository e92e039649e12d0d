"""
Two moments to ask whether something should change: three and six sessions without a reliable gain.

Source:
    The sessions 3 and 6 are PCOMS practice for the ORS (expert knowledge, docs/sources.md);
    asking the same of other outcome measures is ours. People who change late exist: a
    checkpoint is a question, never a forecast.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.feedback.measures.domain.evidence import Evidence
from services.feedback.outcome.domain.change import Category, change_of
from services.feedback.outcome.domain.points import Scored

SESSIONS = (3, 6)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """
    A checkpoint that was reached without a reliable gain.

    `session` is 3 or 6, counted from the session of the first total; `number` is the session
    it was read at, the first with a total from there on.
    """

    session: int
    number: int


def checkpoints_of(points: Sequence[Scored], evidence: Evidence) -> list[Checkpoint]:
    """
    The checkpoints that this course reached without a reliable gain, in order.

    None for who began in the range of people not in treatment: little is left to gain there.
    """
    found = []
    for session in SESSIONS:
        at = next((p for p in points[1:] if p.number - points[0].number + 1 >= session), None)
        change = None if at is None else change_of(points[0].total, at.total, evidence)
        if at is None or change is None or change.first_clinical is False:
            continue
        if not _is_gain(change.category):
            found.append(Checkpoint(session, at.number))
    return found


def open_checkpoint(points: Sequence[Scored], evidence: Evidence) -> Checkpoint | None:
    """The latest checkpoint while there is still no reliable gain; None once there is one."""
    reached = checkpoints_of(points, evidence)
    if not reached:
        return None
    latest = change_of(points[0].total, points[-1].total, evidence)
    return None if latest is None or _is_gain(latest.category) else reached[-1]


def _is_gain(category: Category) -> bool:
    return category in (Category.RECOVERED, Category.IMPROVED)
