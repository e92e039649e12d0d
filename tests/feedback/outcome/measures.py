"""Measures of the tests, with what clinical references state of them."""

from services.feedback.measures.domain.evidence import (
    Band,
    Better,
    Evidence,
    Mark,
    Norm,
    Reliability,
    ReliableChange,
    Threshold,
)


def _bands(*edges: float) -> tuple[Band, ...]:
    return tuple(Band(f"from_{edge:g}", edge) for edge in edges)


PHQ_9 = Evidence(
    Better.LOWER,
    Threshold("caseness", 10, "NHS", Mark.STATED),
    ReliableChange(6, 95, "NHS", Mark.STATED),
    bands=_bands(0, 5, 10, 15, 20),
)
ORS = Evidence(
    Better.HIGHER,
    Threshold("adults", 25, "Miller", Mark.EXPERT),
    ReliableChange(5, 90, "Miller", Mark.EXPERT),
    clinical=Norm(19.6, 8.7, "Miller", Mark.EXPERT),
    general=Norm(28.0, 6.8, "Miller", Mark.EXPERT),
    reliability=Reliability(0.93, "alpha", "Miller", Mark.EXPERT),
)
JT = Evidence(
    Better.HIGHER,
    clinical=Norm(40, 7.5, "Jacobson & Truax", Mark.STATED),
    general=Norm(60, 7.5, "Jacobson & Truax", Mark.STATED),
    reliability=Reliability(0.80, "test_retest", "Jacobson & Truax", Mark.STATED),
)
UNKNOWN = Evidence(Better.LOWER)
