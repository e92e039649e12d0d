"""
Make the figures of an export again, from its files alone.

    python docs/reproduce/figures.py EXPORT_DIR [--json]

EXPORT_DIR is an unpacked export.zip: check-ins.csv, items.csv, readings.csv, episodes.csv
and about.json. Needs Python 3.11 and nothing else. Every total is computed anew from its
items by the rule that about.json describes; exit code 1 says that one differs.
"""

import csv
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

Row = dict[str, str]
Key = tuple[str, ...]
RETURNED = {"", "not_shared", "shared_later"}  # why there are no answers to see; the form came back all the same
NOT_RETURNED = {"declined", "no_answer", "technical", "unable"}
MATURE_CHECKINS = 3  # earlier, nobody can say what becomes of a rupture that is still open
ROUNDING = 1e-9


def read_table(folder: Path, name: str) -> list[Row]:
    """One file of the export."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def read_measures(about: Mapping[str, Any]) -> dict[Key, Mapping[str, Any]]:
    """What about.json says of the measures, by id and version."""
    return {(measure["id"], str(measure["version"])): measure for measure in about["measures"]}


def total_of(measure: Mapping[str, Any], answers: Mapping[str, Row]) -> float | None:
    """The total of one form by its measure's rule; None where too few items were answered."""
    rule = measure["scoring"]
    ends = {item["id"]: Decimal(str(item["min"])) + Decimal(str(item["max"])) for item in measure["items"]}
    numbers = {name: Decimal(row["value"]) for name, row in answers.items() if row["value"]}
    turned = {name: ends[name] - value if name in rule["reversed"] else value for name, value in numbers.items()}
    if rule["method"] in {"none", "typed"}:
        return None
    if rule["method"] == "subscales":
        parts = [_part(part, turned) for part in measure["subscales"]]
        known = [part for part in parts if part is not None]
        return float(sum(Decimal(str(part)) for part in known)) if len(known) == len(parts) else None
    items, needed = _that_apply(rule, answers)
    stood_in = {name: turned[other] for name, other in rule["stand_ins"].items() if other in turned}
    values = [(stood_in | turned)[name] for name in items if name in turned or name in stood_in]
    if len(values) < needed or not values:
        return None
    found = float(sum(values))
    if rule["method"] == "table":
        return float(rule["table"][str(int(found))])
    times: float = rule["factor"] if rule["method"] == "mean" else len(items)
    return found * times / len(values)


def _that_apply(rule: Mapping[str, Any], answers: Mapping[str, Row]) -> tuple[list[str], int]:
    rest = rule["leaves_out"]
    if rest is None or rest["item"] not in answers or answers[rest["item"]]["code"] not in rest["any_of"]:
        return rule["items"], rule["needed"]
    items = [name for name in rule["items"] if name != rest["leaves_out"]]
    return items, len(items)


def _part(part: Mapping[str, Any], turned: Mapping[str, Decimal]) -> float | None:
    values = [turned[name] for name in part["items"] if name in turned]
    if part["method"] == "typed" or len(values) < part["needed"]:
        return None
    found = float(sum(values))
    if part["method"] == "mean":
        return found * float(part["factor"]) / len(values)
    if part["fill"] == "rounded_mean" and len(values) < len(part["items"]):
        return found + math.floor(found / len(values) + 0.5) * (len(part["items"]) - len(values))
    return found * len(part["items"]) / len(values)


def check_totals(check_ins: Sequence[Row], items: Iterable[Row], measures: Mapping[Key, Any]) -> dict[str, Any]:
    """Every total anew from its items, beside the one that was exported."""
    answers: dict[Key, dict[str, Row]] = defaultdict(dict)
    for row in items:
        answers[_form(row)][row["item"]] = row
    same, typed, differing = 0, 0, []
    for row in check_ins:
        if row["missing_reason"]:
            continue
        if row["scoring_rule"].startswith("typed-from-paper"):
            typed += 1  # nothing is known of its items
            continue
        made = total_of(measures[row["measure"], row["measure_version"]], answers[_form(row)])
        if made == (float(row["total"]) if row["total"] else None):
            same += 1
        else:
            differing.append({"client": row["client"], "session": row["session"], "made": made, "told": row["total"]})
    return {"same": same, "typed_from_paper": typed, "differing": differing}


def check_readings(readings: Iterable[Row]) -> dict[str, int]:
    """How far each total lies from usual, anew: (total - mean) / (sd * sqrt(1 + 1/n))."""
    same = differing = 0
    for row in readings:
        if not row["z"]:
            continue
        spread = float(row["usual_sd"]) * math.sqrt(1 + 1 / int(row["usual_n"]))
        z = (float(row["total"]) - float(row["usual_mean"])) / spread
        same, differing = (same + 1, differing) if abs(z - float(row["z"])) < ROUNDING else (same, differing + 1)
    return {"same": same, "differing": differing}


def completion(check_ins: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """For each measure: forms that came back to the clinic, of those that were offered and are no longer awaited."""
    found: dict[str, list[bool]] = defaultdict(list)
    for row in check_ins:
        if row["side"] == "client" and row["missing_reason"] in RETURNED | NOT_RETURNED:
            found[row["measure"]].append(row["missing_reason"] in RETURNED)
    return {name: {"n": len(back), "value": sum(back) / len(back)} for name, back in sorted(found.items())}


def totals(check_ins: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """For each measure: how many totals, their mean, and their standard deviation (n - 1)."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in check_ins:
        if row["total"]:
            found[row["measure"]].append(float(row["total"]))
    return {
        name: {"n": len(values), "mean": fmean(values), "sd": stdev(values) if len(values) > 1 else None}
        for name, values in sorted(found.items())
    }


def repair(episodes: Sequence[Row]) -> dict[str, Any]:
    """Repaired, of all ruptures that are closed or at least three check-ins old, and the median of days to it."""
    mature = [row for row in episodes if row["close_reason"] or int(row["checkins"]) >= MATURE_CHECKINS]
    days = [int(row["days"]) for row in mature if row["close_reason"] == "repaired"]
    return {
        "n": len(mature),
        "value": len(days) / len(mature) if mature else None,
        "days_to_repair": {"n": len(days), "median": median(days) if days else None},
    }


def reliable_change(check_ins: Iterable[Row], measures: Mapping[Key, Any]) -> dict[str, dict[str, int]]:
    """
    First against last total of each pair on a measure with a reliable change: better, worse, or neither.

    Source of the points: about.json, measure by measure (Jacobson & Truax 1991).
    """
    courses: dict[Key, list[tuple[int, float]]] = defaultdict(list)
    for row in check_ins:
        if row["total"] and row["side"] == "client":
            course = (row["measure"], row["measure_version"], row["client"], row["pair"])
            courses[course].append((int(row["session"]), float(row["total"])))
    found: dict[str, dict[str, int]] = {}
    for (name, version, *_), points in sorted(courses.items()):
        measure = measures[name, version]
        if measure["reliable_change"] is None or len(points) < 2:
            continue
        first, last = min(points)[1], max(points)[1]
        gain = (last - first) * (1 if measure["better"] == "higher" else -1)
        reliable = abs(gain) >= measure["reliable_change"]["points"] - ROUNDING
        counts = found.setdefault(name, {"n": 0, "improved": 0, "deteriorated": 0})
        counts["n"] += 1
        counts["improved"] += reliable and gain > 0
        counts["deteriorated"] += reliable and gain < 0
    return found


def figures(folder: Path) -> dict[str, Any]:
    """All figures of one export."""
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    check_ins, measures = read_table(folder, "check-ins"), read_measures(about)
    return {
        "export": about["export"],
        "clients": len({row["client"] for row in check_ins}),
        "check_of_totals": check_totals(check_ins, read_table(folder, "items"), measures),
        "check_of_readings": check_readings(read_table(folder, "readings")),
        "completion": completion(check_ins),
        "totals": totals(check_ins),
        "repair": repair(read_table(folder, "episodes")),
        "reliable_change": reliable_change(check_ins, measures),
    }


def _form(row: Row) -> Key:
    return tuple(row[name] for name in ("client", "pair", "session", "measure", "measure_version", "side"))


def _lines(found: Mapping[str, Any], before: str = "") -> Iterable[str]:
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{before}{name} ")
        else:
            yield f"{before}{name}: {value}"


def main(arguments: Sequence[str]) -> int:
    """Print the figures; 1 when a total or a distance from usual differs, 2 when no folder is named."""
    folders = [argument for argument in arguments if argument != "--json"]
    if len(folders) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    found = figures(Path(folders[0]))
    text = json.dumps(found, indent=1) if "--json" in arguments else "\n".join(_lines(found))
    sys.stdout.write(text + "\n")
    return 1 if found["check_of_totals"]["differing"] or found["check_of_readings"]["differing"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
