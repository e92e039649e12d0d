"""What holds for every course, whatever people answer."""

from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.feedback.alliance.domain.details import detail_of
from services.feedback.alliance.domain.reader import Memory, advance, read
from services.feedback.alliance.domain.rules import PROJECT_FORM, READER_2, ReaderRules
from services.feedback.alliance.domain.sentences import TEMPLATES
from services.feedback.alliance.domain.series import (
    Decision,
    DecisionKind,
    Mirror,
    Missing,
    SaidSo,
    Series,
    Session,
    State,
    Talked,
)
from services.feedback.alliance.domain.states import ALLOWED
from tests.feedback.alliance.series import SRS_LIKE, read_totals, states
from tests.feedback.conftest import NOW

# From best to worst; STEADY and REPAIRED are both "nothing is open".
WORSE = {
    State.STEADY: 0,
    State.REPAIRED: 0,
    State.STRAINED: 1,
    State.REPAIRING: 1,
    State.RUPTURE: 2,
    State.UNREPAIRED: 2,
}

marks = st.integers(0, 50).map(lambda points: points * 2.0)
saids = st.sampled_from([None, *SaidSo])
talks = st.sampled_from([None, *Talked])


@st.composite
def sessions(draw: st.DrawFn, number: int = 1) -> Session:
    mirror = draw(st.none() | st.builds(Mirror, st.none() | marks, saids, st.booleans()))
    if draw(st.integers(0, 4)) == 0:
        return Session(number, missing=draw(st.sampled_from(list(Missing))), mirror=mirror)
    said = draw(saids)
    talked = draw(talks) if said in (SaidSo.YES, SaidSo.A_LITTLE) else None
    return Session(number, total=draw(st.none() | marks), said=said, talked=talked, answered=5, mirror=mirror)


@st.composite
def courses(draw: st.DrawFn, least: int = 0) -> Series:
    length = draw(st.integers(least, 14))
    found = [draw(sessions(number)) for number in range(1, length + 1)]
    decisions = draw(
        st.lists(
            st.builds(
                Decision,
                before=st.integers(1, 15),
                kind=st.sampled_from(list(DecisionKind)),
                reason=st.just("settled"),
                at=st.just(NOW),
                role=st.just("therapist"),
            ),
            max_size=2,
        )
    )
    return Series(found, decisions)


rules = st.sampled_from([PROJECT_FORM, READER_2, SRS_LIKE, replace(SRS_LIKE, sigma0=None)])
# A busy machine draws courses slowly; that says nothing about the reader.
patient = settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@patient
@given(courses())
def test_reading_on_is_the_same_as_reading_everything_again(course: Series) -> None:
    whole = read(Series(course.sessions), PROJECT_FORM)

    memory, readings = Memory(), []
    for session in course.sessions:
        memory, reading = advance(memory, session, PROJECT_FORM)
        readings.append(reading)

    assert tuple(readings) == whole.readings
    assert memory.state is whole.state


@patient
@given(courses(least=1), st.data())
def test_no_reading_depends_on_a_later_session(course: Series, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(course.sessions)))

    whole = read(Series(course.sessions), PROJECT_FORM)
    first = read(Series(course.sessions[:cut]), PROJECT_FORM)

    assert first.readings == whole.readings[:cut]


@patient
@given(courses(least=1), marks, marks)
def test_a_higher_answer_never_makes_its_own_session_read_worse(course: Series, one: float, other: float) -> None:
    """
    Only its own session: earlier answers move the usual range, see the next test.
    """
    *before, last = course.sessions
    low, high = sorted((one, other))

    def state_with(total: float) -> State:
        session = Session(last.number, total=total, said=last.said, talked=last.talked, answered=5)
        return read(Series([*before, session]), PROJECT_FORM).readings[-1].state

    assert WORSE[state_with(high)] <= WORSE[state_with(low)]


def test_a_higher_answer_may_make_a_later_session_read_worse() -> None:
    """It raises what is usual: the same later answer then lies further below."""
    assert states(read_totals(60, 60, 60, 60, 52))[-1] == "steady"
    assert states(read_totals(60, 62, 62, 68, 52))[-1] == "strained"


@patient
@given(courses(), rules)
@example(Series([Session(1, said=SaidSo.YES), Session(2, total=80.0, said=SaidSo.YES)]), PROJECT_FORM)
def test_states_follow_one_another_only_as_the_table_says(course: Series, by: ReaderRules) -> None:
    """Apart from decisions, after which a course begins anew."""
    previous = State.STEADY
    for reading in read(Series(course.sessions), by).readings:
        assert reading.state in ALLOWED[previous] or reading.missing or reading.state is previous
        previous = reading.state


@patient
@given(courses(), rules)
def test_every_course_can_be_read_and_every_sentence_said(course: Series, by: ReaderRules) -> None:
    result = read(course, by)

    for reading, session in zip(result.readings, course.sessions, strict=True):
        detail = detail_of(reading, session, by)
        for sentence in (detail["sentence"], *detail["signals"]):
            assert set(sentence["params"]) == TEMPLATES[sentence["template"]]
    assert result.sentence.template in TEMPLATES


@patient
@given(courses())
def test_an_open_episode_is_the_last_one_and_the_only_one(course: Series) -> None:
    episodes = read(course, PROJECT_FORM).episodes

    assert all(not episode.is_open for episode in episodes[:-1])
    assert [e.opened for e in episodes] == sorted(e.opened for e in episodes)


@patient
@given(courses())
def test_what_is_not_there_is_never_filled_in(course: Series) -> None:
    """A session without answers has no total, no z and no signal but silence and what the therapist noted."""
    for reading in read(course, PROJECT_FORM).readings:
        if reading.missing:
            assert (reading.total, reading.z) == (None, None)
            assert {s.code.value for s in reading.signals} <= {"S8"}


@patient
@given(courses())
def test_what_is_usual_lies_within_the_scale(course: Series) -> None:
    for reading in read(course, PROJECT_FORM).readings:
        if reading.usual:
            low, high = reading.usual
            assert 0 <= low <= high <= PROJECT_FORM.maximum
