"""What the parts of a definition say about one another: every contradiction, in sentences that say what to do."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.feedback.measures.domain.building import build
from services.feedback.measures.domain.evidence import Threshold
from services.feedback.measures.domain.licences import LicenceClass
from services.feedback.measures.domain.model import Construct, Fill, Item, Kind, Measure, Method, Scoring, Subscale
from services.feedback.measures.domain.wording import content_hash, wording_of

MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file: where (a JSON path from `$`), and a plain sentence."""

    path: str
    sentence: str


Found = Iterator[Problem]


def contradictions(raw: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with a definition whose shape is right, in the order of the file's parts."""
    problems = list(_ratings(raw))
    if problems:
        return problems
    measure = build(raw)
    return [problem for check in _CHECKS for problem in check(measure)]


def _ratings(raw: Mapping[str, Any]) -> Found:
    """A rating's codes are its numbers; before that is so, nothing can be built of it."""
    defaults = raw.get("item_defaults", {})
    for place, entry in enumerate(raw["items"]):
        item, path = {**defaults, **entry}, f"$.items[{place}]"
        if "kind" not in item:
            yield Problem(f"{path}.kind", "Is missing, here and in item_defaults.")
            continue
        if item["kind"] != Kind.RATING:
            continue
        if not item.get("options") and not (isinstance(item.get("min"), int) and isinstance(item.get("max"), int)):
            yield Problem(path, "A rating needs its options, or whole numbers as min and max.")
        elif not item.get("options") and item["max"] - item["min"] > MOST_STEPS:
            yield Problem(path, f"A rating has at most {MOST_STEPS} steps.")
        codes = [option["code"] for option in item.get("options", ())]
        if not all(re.fullmatch(r"-?[0-9]{1,3}", code, re.ASCII) for code in codes):
            yield Problem(f"{path}.options", "The codes of a rating are the numbers that count, such as 0, 1, 2.")
        elif codes and sorted(map(int, codes)) != list(range(min(map(int, codes)), max(map(int, codes)) + 1)):
            yield Problem(f"{path}.options", "The numbers of a rating follow one another without a gap or a double.")


def _names(measure: Measure) -> Found:
    yield from _doubles((item.id for item in measure.items), "$.items", "question")
    yield from _doubles((part.id for part in measure.subscales), "$.subscales", "subscale")


def _items(measure: Measure) -> Found:
    before: dict[str, Item] = {}
    for place, item in enumerate(measure.items):
        path = f"$.items[{place}]"
        yield from _answers(item, path)
        condition, any_condition = item.shown_when, item.shown_when_any
        if condition:
            if condition.item not in before:
                yield Problem(f"{path}.shown_when", f"Depends on {condition.item}, which does not come before it.")
            elif unknown := set(condition.any_of) - before[condition.item].codes:
                yield Problem(f"{path}.shown_when", f"{condition.item} has no answer {_listed(unknown)}.")
        if any_condition and (late := set(any_condition.items) - before.keys()):
            yield Problem(f"{path}.shown_when_any", f"Depends on {_listed(late)}, which do not come before it.")
        before[item.id] = item


def _answers(item: Item, path: str) -> Found:
    if item.kind.is_number and not item.minimum < item.maximum:
        yield Problem(path, "A scale needs two ends: min below max.")
    elif item.kind in {Kind.SCALE, Kind.RATING} and {item.minimum % 1, item.maximum % 1, item.step % 1} != {0}:
        yield Problem(path, 'Takes whole numbers; for tenths its kind is "decimal".')
    elif item.kind.is_number and not _leads(item.minimum, item.maximum, item.step):
        yield Problem(f"{path}.step", f"Steps of {item.step:g} from {item.minimum:g} never arrive at {item.maximum:g}.")
    if item.kind is Kind.CHOICE and not item.options:
        yield Problem(f"{path}.options", "A choice needs options.")
    if item.kind not in {Kind.CHOICE, Kind.RATING} and item.options:
        yield Problem(f"{path}.options", "Only a choice or a rating has options.")
    if item.kind is Kind.TEXT and item.max_length < 1:
        yield Problem(f"{path}.max_length", "A text needs a greatest length.")
    yield from _doubles((option.code for option in item.options), f"{path}.options", "answer")


def _leads(first: float, last: float, step: float) -> bool:
    return abs((steps := (last - first) / step) - round(steps)) < 1e-6  # tenths are not exact in binary


def _scores(measure: Measure) -> Found:
    rule = measure.scoring
    yield from _counted(measure, rule, "$.scoring")
    for place, part in enumerate(measure.subscales):
        yield from _counted(measure, part, f"$.subscales[{place}]")
    counted = set(rule.items).union(*(part.items for part in measure.subscales))
    typed = rule.method is Method.TYPED
    if not typed and (idle := rule.reversed - counted):
        yield Problem("$.scoring.reversed", f"Turns {_listed(idle)} round, which nothing counts.")
    if rule.needed < len(rule.items) and rule.missing is None:
        yield Problem("$.scoring.needed", "Lets items be left out, but does not say who says so (missing).")
    if unknown := (set(rule.stand_ins) | set(rule.stand_ins.values())) - set(rule.items):
        yield Problem("$.scoring.stand_ins", f"Names {_listed(unknown)}, which the total does not count.")
    if rule.leaves_out:
        asked = measure.item(rule.leaves_out.item)
        if asked is None or set(rule.leaves_out.any_of) - asked.codes or rule.leaves_out.leaves_out not in rule.items:
            yield Problem("$.scoring.leaves_out", "Names a question, an answer or an item that is not there.")
    if measure.construct is Construct.ALLIANCE and measure.is_usable and not rule.has_total:
        yield Problem("$.scoring.method", "What is about the alliance is read by its total, so it needs one.")
    if rule.method is Method.SUBSCALES and not measure.subscales:
        yield Problem("$.subscales", "The total is made of subscales, and there are none.")


def _counted(measure: Measure, rule: Scoring | Subscale, path: str) -> Found:
    yield from _doubles(rule.items, f"{path}.items", "item")
    wrong = [name for name in rule.items if (item := measure.item(name)) is None or not item.kind.is_number]
    if wrong:
        yield Problem(f"{path}.items", f"Counts {_listed(wrong)}: no question of this name that takes a number.")
        return
    if rule.method is not Method.NONE and not rule.minimum < rule.maximum:
        yield Problem(path, "Points need two ends: min below max.")
        return
    items = [item for name in dict.fromkeys(rule.items) if (item := measure.item(name))]
    by_answers = rule.method in {Method.SUM, Method.MEAN, Method.TABLE}
    if by_answers != bool(items):
        yield Problem(f"{path}.items", f"A {rule.method} {'needs' if by_answers else 'counts no'} items.")
        return
    if items and not 1 <= rule.needed <= len(items):
        yield Problem(f"{path}.needed", f"Must be from 1 to {len(items)}, the number of items.")
    if by_answers and (problem := _wrong_range(rule, items)):
        yield Problem(path, problem)


def _wrong_range(rule: Scoring | Subscale, items: list[Item]) -> str:
    low, high = float(sum(item.minimum for item in items)), float(sum(item.maximum for item in items))
    if rule.method is Method.MEAN:
        low, high = low / len(items) * rule.factor, high / len(items) * rule.factor
    if isinstance(rule, Scoring) and rule.method is Method.TABLE:
        sums = range(int(low), int(high) + 1)
        if len(rule.table) != len(sums) or any(points not in sums for points in rule.table):
            return f"The table must have every sum from {low:g} to {high:g}, and no other."
        low, high = min(rule.table.values()), max(rule.table.values())
    if rule.fill is not Fill.MEAN or abs(rule.minimum - low) + abs(rule.maximum - high) < 1e-9:
        return ""
    return f"Goes from {low:g} to {high:g} by its items, not from {rule.minimum:g} to {rule.maximum:g}."


def _risks(measure: Measure) -> Found:
    for name, least in measure.risk_items.items():
        item = measure.item(name)
        if item is None or not item.kind.is_number:
            yield Problem(f"$.risk_items.{name}", "There is no question of this name that takes a number.")
        elif not item.minimum < least <= item.maximum:
            yield Problem(f"$.risk_items.{name}", f"Must lie above {item.minimum:g}, up to {item.maximum:g}.")
    on_paper = measure.licence.licence_class is LicenceClass.SCORE_ENTRY_ONLY
    if measure.risk_items and not measure.notice and not on_paper:
        yield Problem("$.notice", "A measure with a risk item tells the client so beforehand.")


def _licence(measure: Measure) -> Found:
    licence = measure.licence
    some_words = any(item.text or any(option.text for option in item.options) for item in measure.items)
    if licence.licence_class.ships_wording and not measure.has_wording:
        yield Problem("$.items", f"A measure of class {licence.licence_class} carries all of its words.")
    if not licence.licence_class.ships_wording and (some_words or measure.stem):
        where = "in a pack of its own" if licence.licence_class is LicenceClass.OPEN_ND_NC else "with the clinic"
        yield Problem(
            "$.items", f"The words of class {licence.licence_class} stay {where}; here is the structure only."
        )
    if licence.licence_class is LicenceClass.OPEN_ND_NC and not licence.attribution_line:
        yield Problem("$.licence.attribution_line", "Is missing: the licence asks for it wherever the words are shown.")
    if not licence.contexts_allowed:
        yield Problem("$.licence.contexts_allowed", "Allows no use at all.")
    if licence.licence_class is LicenceClass.OWN and measure.validated:
        yield Problem("$.validated", "A form of our own is not validated.")
    if measure.has_wording:
        made = content_hash(wording_of(measure))
        if measure.content_hashes.get(measure.language) != made:
            yield Problem(
                f"$.content_hashes.{measure.language}",
                f"Does not fit the words: they changed without a new version, or by mistake. Theirs is {made}.",
            )


def _evidence(measure: Measure) -> Found:
    evidence, rule = measure.evidence, measure.scoring
    thresholds: list[tuple[str, Scoring | Subscale, Threshold]] = []
    thresholds += [("$.evidence.cut_off", rule, evidence.cut_off)] if evidence.cut_off else []
    thresholds += [("$.evidence.further_thresholds", rule, threshold) for threshold in evidence.further_thresholds]
    for place, part in enumerate(measure.subscales):
        thresholds += [(f"$.subscales[{place}].thresholds", part, threshold) for threshold in part.thresholds]
    for path, scale, threshold in thresholds:
        if not scale.minimum <= threshold.points <= scale.maximum:
            yield Problem(path, f"Lies outside of {scale.minimum:g} to {scale.maximum:g}.")
    starts = [band.at_least for band in evidence.bands]
    if starts != sorted(set(starts)) or any(not rule.minimum <= start <= rule.maximum for start in starts):
        yield Problem("$.evidence.bands", f"Must rise, within {rule.minimum:g} to {rule.maximum:g}.")
    for change in (evidence.reliable_change, *evidence.further_changes):
        if change and change.points > rule.maximum - rule.minimum:
            yield Problem("$.evidence.reliable_change", "Is more than the whole scale.")
        if change and change.confidence is not None and not 50 <= change.confidence < 100:
            yield Problem("$.evidence.reliable_change.confidence", "Is a percentage such as 90 or 95.")
    for reliability in (evidence.reliability, *evidence.further_reliabilities):
        if reliability and not 0 < reliability.value <= (reliability.up_to or 1) <= 1:
            yield Problem("$.evidence.reliability", "Lies between 0 and 1.")


def _totals(measure: Measure) -> Found:
    rule = measure.scoring
    if rule.method is Method.TYPED and not measure.accepts_totals:
        yield Problem("$.accepts_totals", "A total that can only be typed must be accepted as one.")
    if measure.accepts_totals and rule.method is Method.NONE and not measure.subscales:
        yield Problem("$.accepts_totals", "There is neither a total nor a subscale to type.")


def _doubles(names: Iterable[str], path: str, what: str) -> Found:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(path, f"The {what} {name} stands {'twice' if count == 2 else f'{count} times'}.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


_CHECKS: tuple[Callable[[Measure], Found], ...] = (_names, _items, _scores, _risks, _licence, _evidence, _totals)
