"""The page of measures: which there are, how each is scored, what is known and who says so."""

from collections.abc import Iterator

from services.feedback.measures.domain import Measure, Method
from services.feedback.measures.domain.evidence import Evidence, ReliableChange, Threshold
from services.feedback.measures.store.definitions import measures

_HEAD = """Every measure is a file in `services/feedback/measures/registry/`, one per version; `./rapport measures
check FILE` says what is wrong with one. Classes: `public_domain` and `own` ship with their words. `open_nd_nc` comes
as a pack of its own. `byo_wording` is structure alone: the clinic imports the words it is licensed to use.
`score_entry_only` takes numbers from licensed paper.

Marks: *stated* by a public source, *expert* knowledge that nobody verified here, *doubtful*, *computed*, or *ours*.
What is not established is left out; nothing is filled in by guess."""


def page(generated: str) -> str:
    """The whole page."""
    known = list(measures().values())
    head = [
        "# Measures",
        "",
        generated,
        "",
        _HEAD,
        "",
        "| id, version | name | class | questions | scoring | may be left out |",
    ]
    rows = [
        f"| `{m.id}` {m.version} | {m.name} | {m.licence_class} | {len(m.items)} | {_total(m)} | {_left(m)} |"
        for m in known
    ]
    parts = [*head, "|---|---|---|---|---|---|", *rows, ""]
    for measure in known:
        parts += [f"## {measure.name}", "", *(f"- {line}" for line in _facts(measure)), ""]
    return "\n".join(parts)


def _total(measure: Measure) -> str:
    rule = measure.scoring
    span = f"{rule.minimum:g} to {rule.maximum:g}"
    if rule.method is Method.NONE:
        return (
            f"subscales: {', '.join(part.id for part in measure.subscales)}" if measure.subscales else "not established"
        )
    made = {
        Method.SUM: f"sum, {span}",
        Method.MEAN: f"mean times {rule.factor:g}, {span}" if rule.factor != 1 else f"mean, {span}",
        Method.TABLE: f"sum through a table, {span}",
        Method.TYPED: f"typed from paper, {span}",
        Method.SUBSCALES: f"sum of the subscales, {span}",
    }[rule.method]
    turned = f"; turned round: {', '.join(i for i in rule.items if i in rule.reversed)}" if rule.reversed else ""
    return made + (turned if rule.items else "")


def _left(measure: Measure) -> str:
    rule = measure.scoring
    if not rule.items:
        return "-"
    allowed = len(rule.items) - rule.needed
    known = f" [{rule.missing.mark}]" if rule.missing else ", not established"
    return (f"{allowed}" if allowed else "none") + known


def _facts(measure: Measure) -> list[str]:
    licence, rule = measure.licence, measure.scoring
    facts = [f"From: {measure.instrument_source}.", f"Licence: {licence.holder}. {licence.reference}."]
    if licence.attribution_line:
        facts.append(f"Shown with the words: {licence.attribution_line}")
    facts.append(f"Points: {measure.evidence.better} is better. Rule `{rule.rule_id}`.")
    if rule.missing:
        facts.append(f"Left out: {rule.missing.source} [{rule.missing.mark}].")
    facts += [f"Subscale {p.id}: {p.minimum:g} to {p.maximum:g}." + _limits(p.thresholds) for p in measure.subscales]
    facts += [*_thresholds(measure.evidence), *_changes(measure.evidence), *_norms(measure.evidence)]
    if measure.risk_items:
        facts.append(f"Raises a risk answer: {', '.join(f'{item} at {n}' for item, n in measure.risk_items.items())}.")
    if measure.not_established:
        facts.append(f"Not established: {'; '.join(measure.not_established)}.")
    return facts


def _thresholds(evidence: Evidence) -> Iterator[str]:
    if evidence.cut_off:
        yield "Cut-off:" + _limits((evidence.cut_off,))
    if evidence.further_thresholds:
        yield "Further thresholds:" + _limits(evidence.further_thresholds)
    if evidence.bands:
        bands = ", ".join(f"{band.code} from {band.at_least:g}" for band in evidence.bands)
        yield f"Bands: {bands}. {evidence.bands_source} [{evidence.bands_mark}]."


def _changes(evidence: Evidence) -> Iterator[str]:
    for change in (evidence.reliable_change, *evidence.further_changes):
        if change:
            yield f"Reliable change: {_change(change)}"
    if evidence.important_change:
        yield f"Important change: {_change(evidence.important_change)}"


def _norms(evidence: Evidence) -> Iterator[str]:
    for name, norm in (("in treatment", evidence.clinical), ("in general", evidence.general)):
        if norm:
            people = f", n = {norm.n}" if norm.n else ""
            yield f"People {name}: mean {norm.mean:g}, SD {norm.sd:g}{people}. {norm.source} [{norm.mark}]."
    for known in (evidence.reliability, *evidence.further_reliabilities):
        if known:
            up_to = f" to {known.up_to:g}" if known.up_to else ""
            yield f"Reliability ({known.kind}): {known.value:g}{up_to}. {known.source} [{known.mark}]."


def _limits(thresholds: tuple[Threshold, ...]) -> str:
    return "".join(f" {t.code} {t.points:g}. {t.source} [{t.mark}]." for t in thresholds)


def _change(change: ReliableChange) -> str:
    sure = f"{change.confidence}%" if change.confidence else "confidence not established"
    return f"{change.points:g} points ({sure}). {change.source} [{change.mark}]."
