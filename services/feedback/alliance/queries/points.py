"""What is shown beside the readings of a course, and worked out for showing alone: quality, chart limits, the split."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from services.feedback.alliance.domain.chart import Limits, limits
from services.feedback.alliance.domain.quality import Fact, qualities
from services.feedback.alliance.domain.series import Missing, Point
from services.feedback.alliance.domain.spread import within_and_between
from shared.database import Row


def describe(points: Sequence[Row], restarts: Mapping[int, str], *, is_their_therapist: bool, zone: tzinfo) -> None:
    """Give each point its `quality`, and the `split` of its total into this client's mean so far and the rest."""
    facts = [_fact(point, restarts.get(point["session_number"])) for point in points]
    told = qualities(facts, is_their_therapist=is_their_therapist, zone=zone)
    for point, quality in zip(points, told, strict=True):
        point["quality"], point["split"] = quality, None
    answered = [point for point in points if point["detail"]["total"] is not None]
    splits = within_and_between([point["detail"]["total"] for point in answered])
    for point, split in zip(answered, splits, strict=True):
        point["split"] = split


def limits_of(points: Sequence[Row], restarts: Sequence[tuple[int, str]]) -> Limits | None:
    """The individuals chart of the sessions since the usual range last began anew."""
    since = restarts[-1][0] if restarts else 1
    totals = [
        Point(point["session_number"], point["detail"]["total"])
        for point in points
        if point["session_number"] >= since and point["detail"]["total"] is not None
    ]
    return limits(totals)


def _fact(point: Row, restarted: str | None) -> Fact:
    detail = point["detail"]
    return Fact(
        starts_at=point["starts_at"],
        n=detail["n"],
        total=detail["total"],
        answered=detail["answered"],
        items=detail["items"],
        missing=Missing(detail["missing"]) if detail["missing"] else None,
        recorded_at=point["recorded_at"],
        corrected=point["corrected"],
        blind=detail["blind"],
        restarted=restarted,
    )
