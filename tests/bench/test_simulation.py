"""The simulation study: its page is that of this version, and it counts what it says it counts."""

from pathlib import Path

import pytest

from bench.simulation.model import EVENTFUL, Kind, Simulated, courses
from bench.simulation.page import page
from bench.simulation.picture import picture
from bench.simulation.rules import Rule, below_cut, chart, deviation, one_point_drop
from bench.simulation.study import PER_KIND, fingerprint, run, tally
from services.feedback.alliance.domain.series import Missing, Point, Session

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_of_this_version_of_model_rules_and_reader() -> None:
    assert f"`{fingerprint()}`" in (DOCS / "simulation.md").read_text(), "run `make simulation`"


def test_a_small_run_makes_a_whole_page_and_picture() -> None:
    found = run(per_kind=12)

    text = page(found, per_kind=12, fingerprint="abc")
    written = (DOCS / "simulation.md").read_text()

    assert text.count("| reader-2") == 5
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in written.splitlines() if line.startswith("#")
    ]
    assert f"({PER_KIND:,} of each of 7 kinds" in written
    assert picture(found).count('class="stem"') == len(found)


def test_a_course_is_the_same_in_every_run_and_however_it_is_cut_up() -> None:
    whole = list(courses(Kind.STEP, 6, seed=1))

    assert [*courses(Kind.STEP, 2, 1), *courses(Kind.STEP, 4, 1, start=2)] == whole
    assert list(courses(Kind.STEP, 6, seed=2)) != whole


@pytest.mark.parametrize("kind", EVENTFUL)
def test_what_happens_lies_within_the_course(kind: Kind) -> None:
    for course in courses(kind, 50, seed=3):
        assert course.first is not None
        assert course.last is not None
        assert 4 <= course.first <= course.last <= len(course.sessions)
        assert all(s.total is None or (0 <= s.total <= 100 and s.total % 2 == 0) for s in course.sessions)


def test_counting_by_hand() -> None:
    """Sessions 1 to 8, a rupture in 4 and 5; 3 did not come back; the rule speaks in 1, 2, 5, 6, 7 and 8."""
    sessions = tuple(Session(n, total=80.0) if n != 3 else Session(3, missing=Missing.NO_ANSWER) for n in range(1, 9))
    course = Simulated(Kind.STEP, sessions, first=4, last=5)
    spoken = Rule("by hand", lambda _: frozenset({1, 2, 5, 6, 7, 8}))

    one = tally(spoken, [course])

    assert (one.seen[Kind.STEP], one.delays[Kind.STEP]) == (1, 1)
    assert one.quiet[Kind.STEP] == 4  # 1, 2, 7, 8: not 3, not the session right after
    assert one.loud[Kind.STEP] == 4
    assert one.begun[Kind.STEP] == 1  # 7 and 8 go on from 5


def test_the_simple_rules_are_what_they_are_called() -> None:
    calm = [Point(n, x) for n, x in enumerate((80.0, 82.0, 78.0, 80.0, 80.0), 1)]

    assert one_point_drop(calm, Point(6, 77.5))
    assert not one_point_drop(calm, Point(6, 78.0))
    assert below_cut([], Point(1, 89.9))
    assert not below_cut([], Point(1, 90.0))
    own = deviation(2, own=True, pooled=False)  # mean 80, own spread 1.41
    assert own(calm, Point(6, 77.0))
    assert not own(calm, Point(6, 77.5))
    assert not deviation(2, own=True, pooled=True)(calm, Point(6, 77.0))
    assert chart(3)(calm, Point(6, 73.9))  # mean range 2: limit 80 - 3 * 2 / 1.128 = 74.68
    assert not chart(3)(calm, Point(6, 74.7))
    assert not chart(3)(calm[:4], Point(5, 0.0))
