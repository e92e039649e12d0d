"""docs/simulation.md: the words of page.md with the numbers of a run."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from bench.simulation.model import EVENTFUL, QUIET, Kind
from bench.simulation.rules import POOLED_SD, RULES_COMPARED
from bench.simulation.study import SEED, Tally

ALL = (*QUIET, *EVENTFUL)
COLUMNS = (
    "Rule",
    "V-shaped, % seen",
    "Lasting, % seen",
    "At the top, % seen",
    "Drift, % seen",
    "Delay, V and lasting",
    "Delay, drift",
    "False alarms of 100",
    "Flagged of 100",
    "Flagged of 100, low raters",
)


def page(found: Mapping[str, Tally], *, per_kind: int, fingerprint: str) -> str:
    """The page, whole."""
    words = files("bench.simulation").joinpath("page.md").read_text()
    return words.format(
        courses=per_kind * len(ALL),
        per_kind=per_kind,
        kinds=len(ALL),
        seed=SEED,
        quiet=sum(next(iter(found.values())).quiet.values()),
        table="\n".join(_table(found)),
        fingerprint=fingerprint,
        **_numbers(found),
    )


def _numbers(found: Mapping[str, Tally]) -> dict[str, Any]:
    dip, step, hidden, drift = Kind.DIP, Kind.STEP, Kind.HIDDEN, Kind.DRIFT
    silent, asked, _, strained, second, first = (found[rule.name] for rule in RULES_COMPARED[:6])
    larger, both = found["2 SD, larger of both"], found["2 SD, larger of both, with the question asked"]
    own, cut, drop = found["1 SD, own"], found["fixed cut-off"], found["one-point drop"]
    return {
        "cut_flagged": cut.flagged(*ALL),
        "cut_low": cut.flagged(Kind.LOW),
        "cut_hidden": cut.sensitivity(hidden),
        "drop_false": drop.false_alarms(*ALL),
        "silent_false": silent.false_alarms(*ALL),
        "silent_flagged": silent.flagged(*ALL),
        "silent_step": silent.sensitivity(step),
        "silent_dip": silent.sensitivity(dip),
        "silent_hidden": silent.sensitivity(hidden),
        "asked_hidden": asked.sensitivity(hidden),
        "asked_cost": asked.false_alarms(*ALL) - silent.false_alarms(*ALL),
        "asked_drift_delay": asked.delay(drift),
        "drift_missed": 100 - asked.sensitivity(drift),
        "drift_gain": second.sensitivity(drift) - strained.sensitivity(drift),
        "drift_calmer": first.flagged(*ALL) - second.flagged(*ALL),
        "strained_flagged": strained.flagged(*ALL),
        "larger_dip": larger.sensitivity(dip),
        "larger_step": larger.sensitivity(step),
        "larger_false": larger.false_alarms(*ALL),
        "larger_flagged": larger.flagged(*ALL),
        "both_dip": both.sensitivity(dip),
        "both_step": both.sensitivity(step),
        "both_hidden": both.sensitivity(hidden),
        "both_false": both.false_alarms(*ALL),
        "own_hidden": own.sensitivity(hidden),
        "own_top": own.flagged(Kind.TOP),
        "pooled": POOLED_SD,
    }


def _table(found: Mapping[str, Tally]) -> list[str]:
    rows = [COLUMNS, *(_cells(rule.name, found[rule.name]) for rule in RULES_COMPARED)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(COLUMNS))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in rows]
    ruler = "|" + "|".join("-" * (w + 1) + (":" if n else "-") for n, w in enumerate(widths)) + "|"
    return [lines[0], ruler, *lines[1:]]


def _cells(name: str, one: Tally) -> tuple[str, ...]:
    return (
        name,
        f"{one.sensitivity(Kind.DIP):.0f}",
        f"{one.sensitivity(Kind.STEP):.0f}",
        f"{one.sensitivity(Kind.HIDDEN):.0f}",
        f"{one.sensitivity(Kind.DRIFT):.0f}",
        f"{one.delay(Kind.DIP, Kind.STEP):.1f}",
        f"{one.delay(Kind.DRIFT):.1f}",
        f"{one.false_alarms(*ALL):.1f}",
        f"{one.flagged(*ALL):.1f}",
        f"{one.flagged(Kind.LOW):.1f}",
    )
