"""docs/simulation.svg: a line for each rule; what it sees on the left, its false alarms on the right."""

from collections.abc import Iterator, Mapping
from html import escape

from bench.simulation.model import EVENTFUL, QUIET, Kind
from bench.simulation.rules import RULES_COMPARED, Rule
from bench.simulation.study import Tally

ALL = (*QUIET, *EVENTFUL)
ROW, TOP, NAMES, SEEN, GAP, FALSE, RIGHT = 26, 74, 372, 300, 56, 220, 24
WIDTH = NAMES + SEEN + GAP + FALSE + RIGHT
MOST_FALSE = 25.0  # false alarms of 100 at the right edge
SHAPES = {Kind.DIP: "V-shaped", Kind.STEP: "lasting", Kind.HIDDEN: "at the top of the scale"}
STYLE = """
  svg { color-scheme: light dark; }
  .paper { fill: #ffffff; } .ink { fill: #1d2733; } .soft { fill: #4a5666; }
  .grid { stroke: #dfe4ea; } .stem { stroke: #b9c2cd; stroke-width: 2; }
  .ours { fill: #0b57a4; stroke: #0b57a4; } .theirs { fill: #8a4b00; stroke: #8a4b00; }
  .ours.open, .theirs.open { fill: none; stroke-width: 2; }
  .key { fill: #1d2733; stroke: #1d2733; } .key.open { fill: none; }
  text { font: 13px system-ui, sans-serif; } .head { font-weight: 600; } .small { font-size: 12px; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14181d; } .ink { fill: #e8edf2; } .soft { fill: #aab4c0; }
    .grid { stroke: #2b333c; } .stem { stroke: #4d5865; }
    .ours { fill: #7ab8f5; stroke: #7ab8f5; } .theirs { fill: #e0a35c; stroke: #e0a35c; }
    .ours.open, .theirs.open, .key.open { fill: none; } .key { fill: #e8edf2; stroke: #e8edf2; }
  }
"""


def picture(found: Mapping[str, Tally]) -> str:
    """The picture as SVG."""
    height = TOP + ROW * len(RULES_COMPARED) + 40
    parts = [*_frame(height)]
    for place, rule in enumerate(RULES_COMPARED):
        parts += _row(rule, found[rule.name], TOP + ROW * place + ROW / 2)
    told = "For each rule the ruptures seen, by kind, and its false alarms; the table of simulation.md has the numbers."
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d">',
            '<title id="t">What each rule sees, and how often it speaks without cause</title>',
            f'<desc id="d">{told}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _frame(height: float) -> Iterator[str]:
    bottom = height - 40
    yield _text("Ruptures seen, %", NAMES, 24, "ink head")
    yield _text("False alarms in 100 sessions", NAMES + SEEN + GAP, 24, "ink head")
    x = NAMES
    for kind, words in SHAPES.items():
        yield _mark(kind, x + 5, 42, "key")
        yield _text(words, x + 15, 46, "soft small")
        x += 30 + 7 * len(words)
    for value in range(0, 101, 25):
        at = _seen(value)
        yield f'<path class="grid" d="M{at:.1f} {TOP}V{bottom}"/>'
        yield _text(str(value), at, bottom + 18, "soft small", "middle")
    for value in range(0, 26, 5):
        at = _false(value)
        yield f'<path class="grid" d="M{at:.1f} {TOP}V{bottom}"/>'
        yield _text(str(value), at, bottom + 18, "soft small", "middle")


def _row(rule: Rule, one: Tally, y: float) -> Iterator[str]:
    who = "ours" if rule.ours else "theirs"
    yield _text(rule.name, NAMES - 14, y + 4, "ink", "end")
    seen = {kind: _seen(one.sensitivity(kind)) for kind in SHAPES}
    yield f'<path class="stem" d="M{min(seen.values()):.1f} {y}H{max(seen.values()):.1f}"/>'
    for kind, x in seen.items():
        yield _mark(kind, x, y, who)
    alarms = one.false_alarms(*ALL)
    yield f'<rect class="{who}" x="{_false(0):.1f}" y="{y - 6}" width="{_false(alarms) - _false(0):.1f}" height="12"/>'
    yield _text(f"{alarms:.1f}", _false(alarms) + 6, y + 4, "ink small")


def _mark(kind: Kind, x: float, y: float, class_: str) -> str:
    if kind is Kind.DIP:
        return f'<path class="{class_}" d="M{x - 5:.1f} {y - 4}h10l-5 9z"/>'
    if kind is Kind.STEP:
        return f'<rect class="{class_}" x="{x - 4.5:.1f}" y="{y - 4.5}" width="9" height="9"/>'
    return f'<circle class="{class_} open" cx="{x:.1f}" cy="{y}" r="4.5"/>'


def _seen(percent: float) -> float:
    return NAMES + SEEN * percent / 100


def _false(alarms: float) -> float:
    return NAMES + SEEN + GAP + (FALSE - 34) * min(alarms, MOST_FALSE) / MOST_FALSE


def _text(words: str, x: float, y: float, class_: str, anchor: str = "start") -> str:
    return f'<text class="{class_.strip()}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
