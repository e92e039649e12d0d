"""Short ways to write down a series."""

from services.feedback.alliance.domain.reader import CourseReading, Reading, read
from services.feedback.alliance.domain.rules import PROJECT_FORM, ReaderRules
from services.feedback.alliance.domain.series import Missing, SaidSo, Series, Session, Talked

SRS_LIKE = ReaderRules(version="test-srs", sigma0=2.5, maximum=40.0, cut=36.0, items=4, needed=4)


def session(number: int, total: float | None = None, said: str | None = None, talked: str | None = None) -> Session:
    """A session with answers; without any, one that was not offered."""
    nothing = total is None and said is None
    return Session(
        number,
        total=total,
        said=SaidSo(said) if said else None,
        talked=Talked(talked) if talked else None,
        missing=Missing.NOT_OFFERED if nothing else None,
    )


def totals(*values: float | None) -> Series:
    """A series of totals; None is a gap."""
    return Series([session(n, value) for n, value in enumerate(values, 1)])


def read_totals(*values: float | None, rules: ReaderRules = PROJECT_FORM) -> CourseReading:
    return read(totals(*values), rules)


def states(course: CourseReading) -> list[str]:
    return [reading.state.value for reading in course.readings]


def codes(reading: Reading) -> list[str]:
    return [signal.code.value for signal in reading.signals]
