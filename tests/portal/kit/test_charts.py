"""The picture of a course: what it must show, what it must never show, and the same in words."""

import os
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clients.feedback.course import Course, Restart
from portal.kit.charts.course import course_chart
from portal.kit.charts.frame import WIDTH, Frame, flag_rows, spread, text_width
from portal.kit.charts.glance import GLANCE_WIDTH, SESSIONS, glance_chart
from tests.portal.kit.chart_courses import (
    FORM,
    course,
    episode,
    long_and_open,
    point,
    session_day,
    steady,
    strain_and_repair,
    two_therapists,
)

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
COURSES = {
    "empty": course([]),
    "one": steady(1),
    "two": steady(2),
    "three": steady(3),
    "strain-and-repair": strain_and_repair(),
    "two-therapists": two_therapists(),
    "forty": long_and_open(),
}


def drawing(svg: str) -> ET.Element:
    return ET.fromstring(str(svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def marked(svg: str, *classes: str) -> list[ET.Element]:
    return [one for one in drawing(svg).iter() if set(classes) <= set((one.get("class") or "").split())]


def words(svg: str) -> list[str]:
    return [one.text or "" for one in drawing(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", COURSES)
def test_the_picture_is_the_one_we_looked_at_and_liked(name: str) -> None:
    kept = GOLDEN / f"{name}.svg"
    drawn = str(course_chart(COURSES[name]).svg).replace("><", ">\n<") + "\n"
    if os.environ.get("RAPPORT_GOLDEN") == "write":
        kept.write_text(drawn)

    assert drawn == kept.read_text(), "look at it, then run once with RAPPORT_GOLDEN=write"


@pytest.mark.parametrize("name", COURSES)
def test_a_picture_needs_no_style_and_no_script_and_speaks_to_assistive_technology(name: str) -> None:
    figure = course_chart(COURSES[name])
    root = drawing(figure.svg)

    assert "style=" not in figure.svg
    assert not [one for one in root.iter() if one.tag in {f"{SVG}style", f"{SVG}script", f"{SVG}foreignObject"}]
    assert not re.search(r"\son\w+=", figure.svg)
    assert root.get("role") == "img"
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    assert set((root.get("aria-labelledby") or "").split()) <= set(ids)
    assert (root[0].text, root[1].text) == (figure.title, figure.description)
    assert all(float(one.get("font-size") or 0) >= 12 for one in root.iter(f"{SVG}text"))


def test_two_courses_on_one_page_share_no_id() -> None:
    first, second = steady(3), strain_and_repair()
    other = Course(**{**{f: getattr(second, f) for f in second.__dataclass_fields__}, "course_id": first.client_id})

    ids = [set(re.findall(r' id="([^"]+)"', course_chart(one).svg)) for one in (first, other)]

    assert ids[0].isdisjoint(ids[1])


def test_a_gap_is_never_bridged() -> None:
    figure = course_chart(course([point(1, 80), point(2, 82), point(3, None, reason="declined"), point(4, 78)]))

    lines = marked(figure.svg, "line", "client")
    assert [line.get("d", "").count("L") for line in lines] == [1]  # only from 1 to 2; 4 stands alone
    assert len(marked(figure.svg, "pt", "client")) == 3 + 1  # and the one beside the name
    assert len(marked(figure.svg, "missing")) == 1
    assert "declined" in words(figure.svg)


def test_a_therapists_gap_is_not_bridged_either() -> None:
    figure = course_chart(course([point(1, 80, therapist=70), point(2, 82), point(3, 78, therapist=72)]))

    assert marked(figure.svg, "line", "therapist") == []


@pytest.mark.parametrize("reason", ["not_shared", "shared_later"])
def test_answers_the_client_did_not_share_are_drawn_nowhere_even_if_they_arrive(reason: str) -> None:
    hidden = point(2, 31.7, reason=reason, said=("yes", None))

    figure = course_chart(course([point(1, 80), hidden]))

    told = figure.svg + figure.caption + figure.description + str(figure.rows)
    assert "31.7" not in told
    assert marked(figure.svg, "said") == []
    assert figure.rows[1][2] == "none"
    assert figure.rows[1][-1] == reason.replace("_", " ")


@pytest.mark.parametrize("name", COURSES)
def test_the_table_says_what_the_picture_shows(name: str) -> None:
    figure = course_chart(COURSES[name])
    sessions = [dict(zip(figure.header, row, strict=True)) for row in figure.rows if row[0] != "no session"]

    shown = {
        side: re.findall(rf"<title>Session (\d+), {side}: ([\d.]+)</title>", figure.svg)
        for side in ("client", "therapist")
    }
    assert shown["client"] == [(row["Session"], row["Client"]) for row in sessions if row["Client"] != "none"]
    assert shown["therapist"] == [(row["Session"], row["Therapist"]) for row in sessions if row["Therapist"] != "none"]
    strains = sum("yes" in row["Strain said"] or "a little" in row["Strain said"] for row in sessions)
    columns = {one.get("d", "").split("l")[0].split(" ")[0] for one in marked(figure.svg, "said")}
    key = {one.get("d", "").split("l")[0].split(" ")[0] for one in marked(figure.svg, "said", "key")}
    assert len(columns - key) == strains
    absences = [row for row in figure.rows if row[0] == "no session"]
    kinds = {row[-1] for row in absences}
    assert len(marked(figure.svg, "absence")) == len(absences) + len(kinds)  # each once, and once in the key


def test_rows_stand_in_the_order_of_the_picture() -> None:
    figure = course_chart(strain_and_repair())

    assert [row[0] for row in figure.rows] == ["1", "2", "3", "4", "no session", "5", "6", "7", "8", "no session", "9"]


def test_sessions_are_evenly_spaced_whatever_the_calendar_says() -> None:
    figure = course_chart(steady(7))

    xs = [float(one.get("cx") or 0) for one in marked(figure.svg, "pt", "client")][:7]
    assert len({round(b - a, 0) for a, b in pairwise(xs)}) == 1


def test_the_axis_shows_the_whole_range() -> None:
    assert {"0", "50", "100"} <= set(words(course_chart(strain_and_repair()).svg))


def test_an_open_episode_runs_to_the_right_edge() -> None:
    points = [point(1, 80), point(2, 50, state="rupture"), point(3, 52, state="rupture")]

    figure = course_chart(course(points, episodes=[episode("rupture", 2, None)]))

    (area,) = marked(figure.svg, "episode")
    last = max(float(one.get("cx") or 0) for one in marked(figure.svg, "pt", "client")[:3])
    assert float(area.get("x") or 0) + float(area.get("width") or 0) > last


def test_an_episode_is_shaded_from_the_strain_that_led_into_it() -> None:
    figure = course_chart(strain_and_repair())

    (area,) = marked(figure.svg, "episode")
    fifth = [float(one.get("cx") or 0) for one in marked(figure.svg, "pt", "client")][3]  # session 3 has none
    assert float(area.get("x") or 0) < fifth


def test_only_an_unrepaired_episode_is_hatched() -> None:
    assert marked(course_chart(strain_and_repair()).svg, "hatched") == []
    assert len(marked(course_chart(two_therapists()).svg, "hatched")) == 1


def test_every_state_is_named_above_its_sessions() -> None:
    figure = course_chart(long_and_open())

    named = [one.text for one in marked(figure.svg, "state-name")]
    assert named == ["strained", "strained", "rupture", "repairing", "repaired", "strained", "rupture"]


def test_no_line_and_no_band_crosses_a_change_of_therapist() -> None:
    figure = course_chart(
        course([point(n, 80, therapist=75, usual=(70, 90)) for n in (1, 2, 3, 4)], restarts=[RESTART])
    )

    assert [line.get("d", "").count("L") for line in marked(figure.svg, "line", "client")] == [1, 1]
    assert [line.get("d", "").count("L") for line in marked(figure.svg, "line", "therapist")] == [1, 1]
    assert len(marked(figure.svg, "band")) == 2 + 1  # and the one beside its name
    assert [one.text for one in marked(figure.svg, "restart-name")] == ["new therapist"]
    assert figure.rows[2][-1] == "from here: new therapist"


RESTART = Restart(3, "change_of_therapist")


def test_a_frozen_range_has_dashed_edges() -> None:
    frozen = [point(1, 80, usual=(70, 90)), point(2, 60, usual=(70, 90), frozen=True)]

    figure = course_chart(course(frozen))

    assert len(marked(figure.svg, "band-frozen")) == 2 + 1  # above, below, and in the key


def test_a_cut_off_is_drawn_only_where_the_measure_has_one() -> None:
    with_cut = type(FORM)("srs", "3", "srs", 0, 40, validated=True, cut=36)

    assert marked(course_chart(steady(3)).svg, "cut") == []
    licensed = course_chart(course([point(1, 38), point(2, 35)], measure=with_cut))
    assert len(marked(licensed.svg, "cut")) == 1
    assert "cut-off 36" in words(licensed.svg)


def test_the_own_form_always_says_that_it_is_not_validated_and_a_validated_one_does_not() -> None:
    validated = type(FORM)("srs", "3", "srs", 0, 40, validated=True, cut=None)

    assert "not a validated instrument" in course_chart(steady(2)).label
    assert course_chart(course([point(1, 38)], measure=validated)).label == ""


def test_strain_that_one_of_the_two_felt_is_outlined_and_named() -> None:
    said = [point(1, 80, said=("a_little", "no")), point(2, 80, said=("yes", "yes")), point(3, 80, said=("yes", None))]

    figure = course_chart(course(said))

    assert (
        len(marked(figure.svg, "one-side")) == 1 + 1
    )  # session 1 and the key; nobody asked the other side in session 3
    assert "seen by one of you" in words(figure.svg)
    assert [row[5] for row in figure.rows] == [
        "client: a little; therapist: no (seen by one of you)",
        "client: yes; therapist: yes",
        "client: yes",
    ]


def test_without_the_therapists_view_nothing_of_it_is_left() -> None:
    figure = course_chart(strain_and_repair(), therapist=False)

    assert marked(figure.svg, "therapist") == []
    assert "Therapist" not in figure.header
    assert "seen by one of you" not in figure.svg
    assert all(len(row) == len(figure.header) for row in figure.rows)


def test_hours_missed_are_small_marks_between_the_sessions() -> None:
    figure = course_chart(strain_and_repair())

    tick = float(marked(figure.svg, "absence", "missed")[0].get("x") or 0)
    fourth, fifth = (float(marked(figure.svg, "pt", "client")[n].get("cx") or 0) for n in (2, 3))
    assert fourth < tick < fifth


def test_the_caption_gives_the_arithmetic_and_no_verdict() -> None:
    assert course_chart(strain_and_repair()).caption == (
        "Session 9: 88, 3 points higher than last time; the usual range for this client is about 73 to 96.5. "
        "Rules 2026.1; 8 check-ins in 9 sessions, 1 gap."
    )
    assert "than in session 9" in course_chart(two_therapists()).caption  # two gaps lie between
    assert "too early" in course_chart(steady(1)).caption
    assert course_chart(course([])).caption.startswith("No sessions yet")
    assert course_chart(course([point(1, None, reason="absent")])).caption.startswith("No answers yet.")


@pytest.mark.parametrize("name", COURSES)
def test_no_label_lies_on_another(name: str) -> None:
    boxes = []
    for one in drawing(course_chart(COURSES[name]).svg).iter(f"{SVG}text"):
        if one.get("transform"):
            continue
        width = text_width(one.text or "") * 0.85  # the estimate is generous on purpose
        x, y = float(one.get("x") or 0), float(one.get("y") or 0)
        x -= {"end": width, "middle": width / 2}.get(one.get("text-anchor") or "", 0)
        boxes.append((x, y - 9, x + width, y + 2, one.text))

    pairs = [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :]]
    clashes = [(a[4], b[4]) for a, b in pairs if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]
    assert clashes == []


def test_forty_sessions_still_fit_a_page_and_two_hundred_grow_to_the_right() -> None:
    assert Frame(40, 0, 100, 12).width == WIDTH
    assert Frame(200, 0, 100, 12).width > 2000
    assert len(marked(course_chart(steady(200)).svg, "pt", "client")) == 201


def test_a_code_from_tomorrow_is_shown_as_words() -> None:
    figure = course_chart(course([point(1, None, reason="moved_house", state="much_better")]))

    assert "moved house" in words(figure.svg)
    assert figure.rows[0][6] == "much better"


def test_a_name_of_a_measure_cannot_become_markup() -> None:
    figure = course_chart(course([point(1, None, reason="<b>x</b>")]))

    assert "<b>" not in figure.svg


@pytest.mark.parametrize("wanted", [[50, 50, 50], [10, 12, 14], [190, 191], [100]])
def test_labels_at_line_ends_keep_their_distance_and_stay_inside(wanted: list[float]) -> None:
    heights = sorted(spread(wanted, apart=16, low=10, high=190))

    assert all(b - a >= 15.99 for a, b in pairwise(heights))
    assert heights[0] >= 10
    assert heights[-1] <= 190


@given(st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["strained", "unrepaired"])), max_size=40))
def test_no_flag_lies_on_another_or_on_a_pole(flags: list[tuple[int, str]]) -> None:
    flags = list({x: (x, word) for x, word in flags}.values())

    rows = flag_rows([(float(x), word) for x, word in flags])

    for (x, _), row in zip(flags, rows, strict=True):
        if row is not None:
            below = [flag for flag, other in zip(flags, rows, strict=True) if other is not None and other <= row]
            assert not [start for start, words in below if start < x < start + text_width(words)]


def test_a_course_with_strain_every_other_week_stays_readable() -> None:
    wavering = course(point(n, 70, state="strained" if n % 2 else "steady") for n in range(1, 41))

    svg = course_chart(wavering).svg

    assert len(marked(svg, "state-bar")) == 20
    assert 5 <= len(marked(svg, "state-name")) < 20


def test_days_between_years_carry_their_year() -> None:
    assert session_day(60).year == 2027
    assert any(word.endswith("2027") for word in words(course_chart(steady(60)).svg))


@pytest.mark.parametrize("sessions", [1, 2, 9, 10, 40])
def test_the_last_sessions_at_a_glance_fit_a_telephone_however_many_there_are(sessions: int) -> None:
    figure = glance_chart(steady(sessions))

    assert f'width="{GLANCE_WIDTH:.0f}"' in figure.svg
    assert len(figure.rows) == len(marked(figure.svg, "pt", "client")) == min(sessions, SESSIONS)
    assert figure.rows[-1][0] == str(sessions)
    for one in marked(figure.svg, "pt", "client"):
        assert 0 < float(one.get("cx") or 0) < GLANCE_WIDTH


def test_at_a_glance_an_answer_that_was_not_shared_is_a_gap_with_its_reason() -> None:
    figure = glance_chart(course([point(1, 80), point(2, 41, reason="not_shared"), point(3, 80)]))

    assert not [one for one in drawing(figure.svg).iter() if "41" in (one.text or "")]
    assert "41" not in figure.description + str(figure.rows)
    assert "session 2: not shared" in figure.description
    assert len(marked(figure.svg, "pt", "client")) == 2
