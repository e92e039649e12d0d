"""Definition files: what ships keeps to the rules, and what is wrong with a file is said in plain sentences."""

import copy
import json
from collections.abc import Callable
from importlib.metadata import EntryPoint
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.cli import measures as command
from services.feedback.measures.domain import (
    Construct,
    Context,
    Fill,
    Kind,
    LicenceClass,
    Method,
    Moment,
    Rhythm,
    Side,
    content_hash,
    wording_of,
)
from services.feedback.measures.domain.evidence import Better, Mark
from services.feedback.measures.store.definition_files import check_definition
from services.feedback.measures.store.definitions import measures
from shared.cli import further

FOLDER = files("services.feedback.measures").joinpath("registry")
FILES = {file.name: json.loads(file.read_text("utf-8")) for file in FOLDER.iterdir()}
NEWEST = measures()
SHIPPED = {"phq-9", "phq-8", "phq-2", "phq-4", "gad-7", "gad-2", "session-checkin", "session-checkin-mirror"}
STRUCTURE = {
    *("core-10", "core-om", "ors", "cors", "srs", "csrs", "oq-45", "wsas", "wemwbs", "swemwbs", "psychlops"),
    *("gbo", "wai-sr", "sai", "arm-5", "haq-ii", "star-p", "c-nip", "panas"),
}


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_keeps_to_the_rules_and_is_named_after_its_measure(name: str) -> None:
    raw = FILES[name]

    assert check_definition(raw) == []
    assert name == f"{raw['id']}.v{raw['version']}.json"


def test_words_ship_only_where_the_licence_lets_them() -> None:
    assert {name for name, m in NEWEST.items() if m.has_wording} == SHIPPED
    assert NEWEST.keys() - SHIPPED == STRUCTURE
    for name in STRUCTURE:
        held = NEWEST[name]
        assert [item.text for item in held.items if item.text] == []
        assert [option.text for item in held.items for option in item.options if option.text] == []
        assert (held.stem, held.intro, held.languages) == ("", "", ())
        assert not any(item.low_label or item.high_label or item.hint for item in held.items)


def test_the_zero_of_the_gad_7_is_not_at_all() -> None:
    """Many reprints say "not at all sure" (Zorowitz 2021)."""
    for name in ("gad-7", "gad-2", "phq-9", "phq-8", "phq-2", "phq-4"):
        for item in NEWEST[name].items:
            if item.kind is Kind.RATING:
                assert [(o.code, o.text) for o in item.options] == [
                    ("0", "Not at all"),
                    ("1", "Several days"),
                    ("2", "More than half the days"),
                    ("3", "Nearly every day"),
                ]


def test_the_words_of_phq_and_gad_are_the_published_ones() -> None:
    phq, gad = NEWEST["phq-9"], NEWEST["gad-7"]

    assert (
        phq.stem
        == gad.stem
        == ("Over the last 2 weeks, how often have you been bothered by any of the following problems?")
    )
    assert [item.text for item in phq.items][:2] == [
        "Little interest or pleasure in doing things",
        "Feeling down, depressed, or hopeless",
    ]
    assert phq.items[5].text.startswith("Feeling bad about yourself — or that you are a failure")
    assert phq.items[8].text == "Thoughts that you would be better off dead or of hurting yourself in some way"
    assert phq.items[9].text.startswith("If you checked off any problems, how difficult have these problems made it")
    assert [item.text for item in gad.items][6] == "Feeling afraid as if something awful might happen"
    for short, of, places in (("phq-2", phq, (0, 1)), ("gad-2", gad, (0, 1)), ("phq-8", phq, range(8))):
        assert [i.text for i in NEWEST[short].items][: len(places)] == [of.items[place].text for place in places]
    assert [i.text for i in NEWEST["phq-4"].items] == [i.text for i in (*gad.items[:2], *phq.items[:2])]


def test_what_a_measure_with_a_risk_item_says_beforehand() -> None:
    at_risk = {name: m for name, m in NEWEST.items() if m.risk_items}

    assert {name: list(m.risk_items) for name, m in at_risk.items()} == {
        "phq-9": ["q9"],
        "core-10": ["q6"],
        "core-om": ["q6", "q9", "q16", "q22", "q24", "q34"],
        "oq-45": ["q8", "q11", "q26", "q32", "q44"],
    }
    assert at_risk["phq-9"].notice == (
        "One question asks about thoughts of hurting yourself. If you answer it with anything but 'Not at all', "
        "your clinic is told, so that someone can ask how you are."
    )


def test_published_numbers_are_the_published_numbers() -> None:
    def known(name: str) -> tuple[float | None, float | None, int | None]:
        evidence = NEWEST[name].evidence
        change = evidence.reliable_change
        return (NEWEST[name].cut, change.points if change else None, change.confidence if change else None)

    assert known("phq-9") == (10, 6, 95)
    assert known("gad-7") == (8, 4, 95)
    assert known("core-10") == (11, 6, 90)
    assert known("core-om") == (10, 5, None)
    assert known("ors") == (25, 6, 95)
    assert known("oq-45") == (64, 14, None)
    assert known("srs") == (36, None, None)
    for name in ("wai-sr", "sai", "arm-5", "haq-ii", "star-p", "session-checkin", "session-checkin-mirror"):
        assert known(name) == (None, None, None)


def test_what_is_not_established_is_listed_and_not_filled_in() -> None:
    for name, m in NEWEST.items():
        said = " ".join(m.not_established)
        if m.evidence.reliable_change is None and m.scoring.method is not Method.NONE:
            assert "reliable change" in said, name
        if m.scoring.missing is None and m.scoring.items:
            assert m.scoring.needed == len(m.scoring.items), name
            assert "how many items may be left out" in said, name
    assert not NEWEST["sai"].is_usable


def changed(name: str, change: Callable[[dict[str, Any]], Any]) -> list[str]:
    altered = copy.deepcopy(FILES[name])
    change(altered)
    return [f"{problem.path}: {problem.sentence}" for problem in check_definition(altered)]


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("phq-9.v1.json", lambda d: d.update(cutoff=10), "$.cutoff: Is not known here"),
        ("phq-9.v1.json", lambda d: d.pop("licence"), "$.licence: Is missing: say under which licence"),
        ("phq-9.v1.json", lambda d: d["items"].append(d["items"][0]), "$.items: The question q1 stands twice."),
        ("phq-9.v1.json", lambda d: d["items"][2].update(kind="slider"), "$.items[2].kind: Must be one of: scale, "),
        ("oq-45.v1.json", lambda d: d["scoring"].update(max=0), "$.scoring: Points need two ends: min below max."),
        ("oq-45.v1.json", lambda d: d["subscales"][2].update(max=0), "$.subscales[2]: Points need two ends"),
        ("panas.v1.json", lambda d: d.update(construct="alliance"), "$.scoring.method: What is about the alliance is"),
        ("phq-9.v1.json", lambda d: d["scoring"]["items"].append("q10"), "$.scoring.items: Counts q10: no question"),
        ("phq-9.v1.json", lambda d: d["scoring"]["items"].append("functioning"), "Counts functioning: no question"),
        ("phq-9.v1.json", lambda d: d["scoring"].update(max=36), "Goes from 0 to 27 by its items, not from 0 to 36."),
        ("phq-9.v1.json", lambda d: d["scoring"].update(needed=0), "$.scoring.needed: Must be from 1 to 9"),
        ("phq-9.v1.json", lambda d: d["scoring"].pop("missing"), "does not say who says so (missing)."),
        ("phq-9.v1.json", lambda d: d["scoring"].update(reversed=["q10"]), "Turns q10 round, which nothing counts."),
        (
            "phq-9.v1.json",
            lambda d: d["evidence"]["reliable_change"].pop("source"),
            "$.evidence.reliable_change.source: Is missing: a number whose source nobody names has no place here.",
        ),
        ("phq-9.v1.json", lambda d: d["evidence"]["reliable_change"].update(confidence=0.95), "such as 90 or 95."),
        ("phq-9.v1.json", lambda d: d["evidence"]["cut_off"].update(points=28), "Lies outside of 0 to 27."),
        ("phq-9.v1.json", lambda d: d["evidence"]["bands"]["from"].reverse(), "$.evidence.bands: Must rise"),
        ("phq-9.v1.json", lambda d: d["evidence"]["cut_off"].update(points=float("nan")), "Must be a number."),
        ("phq-9.v1.json", lambda d: d.pop("notice"), "$.notice: A measure with a risk item tells the client so"),
        ("phq-9.v1.json", lambda d: d["risk_items"].update(q9=0), "$.risk_items.q9: Must lie above 0, up to 3."),
        ("phq-9.v1.json", lambda d: d["items"][0].update(text="Little joy"), "$.content_hashes.en: Does not fit"),
        ("phq-9.v1.json", lambda d: d["items"][0].pop("text"), "A measure of class public_domain carries all of"),
        ("phq-9.v1.json", lambda d: d["items"][9]["shown_when_any"].update(items=["q99"]), "Depends on q99"),
        ("phq-9.v1.json", lambda d: d["item_defaults"]["options"].pop(1), "follow one another without a gap"),
        ("phq-9.v1.json", lambda d: d["item_defaults"]["options"][1].update(code="１"), "are the numbers that count"),
        ("phq-9.v1.json", lambda d: d["item_defaults"].pop("kind"), "$.items[0].kind: Is missing, here and in"),
        (
            "core-10.v1.json",
            lambda d: d["items"][0].update(text="Words"),
            "The words of class open_nd_nc stay in a pack",
        ),
        ("core-10.v1.json", lambda d: d["licence"].pop("attribution_line"), "$.licence.attribution_line: Is missing"),
        ("srs.v1.json", lambda d: d["items"][0].update(text="Words"), "The words of class byo_wording stay with the"),
        ("oq-45.v1.json", lambda d: d["items"][0].update(text="Words"), "The words of class score_entry_only stay"),
        ("oq-45.v1.json", lambda d: d.update(accepts_totals=False), "A total that can only be typed must be accepted"),
        ("swemwbs.v1.json", lambda d: d["scoring"]["table"].pop("20"), "The table must have every sum from 7 to 35"),
        ("swemwbs.v1.json", lambda d: d["scoring"]["table"].update(x=1), "$.scoring.table.x: Must stand for a sum"),
        ("psychlops.v1.json", lambda d: d["scoring"].update(stand_ins={"x": "y"}), "Names x, y, which the total"),
        ("wsas.v1.json", lambda d: d["scoring"]["leaves_out"].update(item="x"), "an answer or an item that is not"),
        ("session-checkin.v1.json", lambda d: d.update(validated=True), "A form of our own is not validated."),
        ("session-checkin.v1.json", lambda d: d["items"].insert(0, d["items"].pop(6)), "Depends on r1, which does not"),
        ("session-checkin.v1.json", lambda d: d["items"][0].update(step=0.5), 'for tenths its kind is "decimal".'),
        ("session-checkin.v1.json", lambda d: d["items"][6]["shown_when"].update(any_of=["maybe"]), "no answer maybe"),
        ("session-checkin.v1.json", lambda d: d.update(id="Session Form"), "$.id: Must be small letters"),
        ("session-checkin.v1.json", lambda d: d["licence"].update(retrieved_on="soon"), "Must be a date such as"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(name: str, change: Callable[[dict[str, Any]], Any], says: str) -> None:
    problems = changed(name, change)

    assert any(says in problem for problem in problems), problems


def test_everything_wrong_is_said_at_once() -> None:
    def change(raw: dict[str, Any]) -> None:
        raw["scoring"]["max"] = 30
        raw["risk_items"]["q1"] = 9
        raw["evidence"]["reliability"]["value"] = 84

    assert len(changed("phq-9.v1.json", change)) == 3


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


@given(name=st.sampled_from(sorted(FILES)), data=st.data())
def test_whatever_stands_in_a_file_is_answered_with_sentences(name: str, data: st.DataObject) -> None:
    raw = copy.deepcopy(FILES[name])
    place: Any = raw
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else list(range(len(place)))))
        deeper = place[key]
        if not isinstance(deeper, dict | list) or not deeper or data.draw(st.booleans()):
            break
        place = deeper
    place[key] = data.draw(ANYTHING)

    for problem in check_definition(raw):
        assert problem.path.startswith("$")
        assert problem.sentence.endswith((".", ")"))


@given(ANYTHING)
def test_a_file_that_is_no_definition_at_all_is_answered_too(raw: object) -> None:
    assert check_definition(raw) != []


def test_the_same_words_have_the_same_hash_and_others_another() -> None:
    words = wording_of(NEWEST["phq-9"])

    assert content_hash(words) == NEWEST["phq-9"].content_hashes["en"]
    assert content_hash(words) != content_hash(wording_of(NEWEST["phq-8"]))


def test_a_class_b_measure_names_its_line_and_asks_before_commercial_use() -> None:
    held = {name: m.licence for name, m in NEWEST.items() if m.licence.licence_class is LicenceClass.OPEN_ND_NC}

    assert set(held) == {"core-10", "core-om", "gbo"}
    assert all(licence.attribution_line and licence.confirm_commercial for licence in held.values())
    assert held["core-10"].attribution_line == ("© CORE System Trust: https://www.coresystemtrust.org.uk/copyright.pdf")
    assert (held["core-10"].may_modify, held["core-10"].may_translate) == (False, False)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, list(words))
    return result.exit_code, result.output


def test_the_command_says_that_a_file_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "gad-7.v1.json"
    file.write_text(json.dumps(FILES["gad-7.v1.json"]))

    assert run("check", str(file)) == (0, "gad-7.v1.json: can be used.\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "$: Is not JSON: Expecting property name"),
        (b"\xff\xfe", "$: Is not a text in UTF-8."),
        (b"[" * 100_000, "$: Is nested too deep for a definition."),
        (b"[]", "$: Must be an object."),
        (b'{"id": "a", "id": "b"}', "$: The key id stands twice in one object"),
    ],
)
def test_the_command_explains_what_is_wrong_with_a_file(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(content)

    code, said = run("check", str(file))

    assert code == 65
    assert says in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"version": ' + b"9" * 5_000 + b"}", "$.version: Must be a whole number."),
        (b'{"validated": true, "scoring": {"min": NaN, "max": Infinity}}', "$.scoring.min: Must be a number."),
        (b'{"scoring": {"min": -1e999}}', "$.scoring.min: Must be a number."),
        (b'{"id": "\\ud83d"}', "$: Holds half a letter"),
        (b'{"\\ud83d": 1}', "$: Holds half a letter"),
        (b'{"version": 1.0}', "$.version: Must be a whole number."),
        (b'{"id": "phq-9\\n"}', "$.id: Must be small letters"),
        (b'{"language": "en\\" x=\\""}', "$.language: Must be a language such as en or pt-BR."),
        (b'{"items": [{"id": "go"}, {"id": "form_token"}]}', "$.items[1].id: Must be small letters, digits and _"),
        (b'{"version": 1000000}', "$.version: Must be less than 1,000,000."),
    ],
)
def test_what_no_definition_can_hold_is_a_sentence_too(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(content)

    code, said = run("check", str(file))

    assert code == 65
    assert says in said


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("swemwbs.v1.json", lambda d: d["item_defaults"].update(kind="scale", max=99_999_999), "The table must have"),
        ("ors.v1.json", lambda d: d["item_defaults"].update(step=3), "$.items[0].step: Steps of 3 from 0 never arrive"),
        (
            "oq-45.v1.json",
            lambda d: d["subscales"][0].update(thresholds=[{**d["evidence"]["cut_off"], "points": 999}]),
            "$.subscales[0].thresholds: Lies outside of",
        ),
    ],
)
def test_numbers_nobody_can_reach_are_found(name: str, change: Callable[[dict[str, Any]], Any], says: str) -> None:
    problems = changed(name, change)

    assert any(says in problem for problem in problems), problems


def test_the_schema_of_a_definition_has_the_words_of_the_code() -> None:
    schema = json.loads(files("services.feedback.measures").joinpath("definition.schema.json").read_text("utf-8"))
    parts, words = schema["properties"], schema["$defs"]

    def listed(place: dict[str, Any]) -> set[str]:
        return set(place["enum"])

    assert listed(parts["side"]) == set(Side)
    assert listed(parts["construct"]) == set(Construct)
    assert listed(parts["moment"]) == set(Moment)
    assert listed(parts["frequency"]["properties"]["rhythm"]) == set(Rhythm)
    assert listed(parts["evidence"]["properties"]["better"]) == set(Better)
    assert listed(words["mark"]) == set(Mark)
    assert listed(words["kind"]) == set(Kind)
    assert listed(words["method"]) == set(Method)
    assert listed(words["fill"]) == set(Fill)
    assert listed(words["licence"]["properties"]["class"]) == set(LicenceClass)
    assert listed(words["licence"]["properties"]["contexts_allowed"]["items"]) == set(Context)


def test_the_command_speaks_to_machines(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(FILES["gad-7.v1.json"] | {"version": 0}))

    code, said = run("check", str(file), "--json")

    assert (code, json.loads(said)) == (65, {"path": "$.version", "sentence": "Counts from 1."})


def test_the_command_lists_and_shows_measures() -> None:
    assert {json.loads(line)["id"] for line in run("list", "--json")[1].splitlines()} == set(NEWEST)
    assert "change of 6 (90%): Barkham et al. 2013" in run("show", "core-10")[1]
    assert json.loads(run("show", "core-10", "--json")[1]) == FILES["core-10.v1.json"]
    assert run("show", "phq-10")[0] == 2
    assert run("show", "phq-9", "--version", "7")[0] == 2


def test_commands_of_a_service_that_is_not_here_are_left_out() -> None:
    def offered(place: str) -> EntryPoint:
        return EntryPoint("measures", place, "rapport.commands")

    assert further([offered("services.feedback.cli:measures")]) == [command]
    assert further([offered("services.elsewhere.cli:measures")]) == []
    with pytest.raises(AttributeError):
        further([offered("services.feedback.cli:lost")])


def test_the_pack_of_the_core_10_has_its_licence_its_line_and_a_place_for_every_word() -> None:
    pack = Path(__file__).resolve().parents[3] / "packs/core-10"
    template = json.loads((pack / "wording.en.template.json").read_text())
    core = NEWEST["core-10"]

    line = core.licence.attribution_line
    assert line
    assert line in (pack / "LICENCE").read_text()
    assert "CC BY-NC-ND 4.0" in (pack / "LICENCE").read_text()
    assert list(template["items"]) == [item.id for item in core.items]
    assert list(template["answers"]) == [option.code for option in core.items[0].options]
    assert {word for item in template["items"].values() for word in item.values()} == {""}
