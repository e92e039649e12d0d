"""
Counting. A rule sees a rupture when it speaks up in any of its sessions; the delay is how many sessions after the
first one. Where nothing was wrong, every session in which a rule speaks is one too many; the session right after a
rupture counts on neither side. All rules are counted alike.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from bench.simulation.model import EVENTFUL, QUIET, Kind, Simulated, courses
from bench.simulation.rules import RULES_COMPARED, Rule

SEED = 20261125
PER_KIND = 3_000
CHUNK = 250


@dataclass(slots=True)
class Tally:
    """What one rule did: ruptures seen and missed by kind, delays, and sessions spoken up in without cause."""

    seen: Counter[str] = field(default_factory=Counter)
    ruptures: Counter[str] = field(default_factory=Counter)
    delays: Counter[str] = field(default_factory=Counter)
    loud: Counter[str] = field(default_factory=Counter)
    begun: Counter[str] = field(default_factory=Counter)
    quiet: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Take another's counts in."""
        for name in ("seen", "ruptures", "delays", "loud", "begun", "quiet"):
            getattr(self, name).update(getattr(other, name))

    def sensitivity(self, *kinds: Kind) -> float:
        """Share of ruptures seen, in percent."""
        return 100 * sum(self.seen[k] for k in kinds) / sum(self.ruptures[k] for k in kinds)

    def delay(self, *kinds: Kind) -> float:
        """Sessions from the first of a rupture to the first word about it, where there was one; mean."""
        return sum(self.delays[k] for k in kinds) / max(1, sum(self.seen[k] for k in kinds))

    def flagged(self, *kinds: Kind) -> float:
        """Sessions spoken up in without cause, of 100."""
        return 100 * sum(self.loud[k] for k in kinds) / sum(self.quiet[k] for k in kinds)

    def false_alarms(self, *kinds: Kind) -> float:
        """Times a rule began to speak without cause, in 100 sessions: a run of sessions counts once."""
        return 100 * sum(self.begun[k] for k in kinds) / sum(self.quiet[k] for k in kinds)


def tally(rule: Rule, simulated: Iterable[Simulated]) -> Tally:
    """Count one rule over these courses."""
    found = Tally()
    for course in simulated:
        _count(found, course, rule.speaks(course.sessions))
    return found


def _count(found: Tally, course: Simulated, loud: frozenset[int]) -> None:
    answered = [s.number for s in course.sessions if s.missing is None]
    spoke = False
    for number in answered:
        if not course.strained_at(number) and number - 1 != course.last:
            found.quiet[course.kind] += 1
            found.loud[course.kind] += number in loud
            found.begun[course.kind] += number in loud and not spoke
        spoke = number in loud
    if course.first is not None:
        found.ruptures[course.kind] += 1
        first = next((n for n in answered if course.strained_at(n) and n in loud), None)
        if first is not None:
            found.seen[course.kind] += 1
            found.delays[course.kind] += first - course.first


def run(*, per_kind: int = PER_KIND, seed: int = SEED, workers: int = 1) -> dict[str, Tally]:
    """Every rule over every kind of course; the same whatever the number of workers."""
    parts = [(k, min(CHUNK, per_kind - at), seed, at) for k in (*QUIET, *EVENTFUL) for at in range(0, per_kind, CHUNK)]
    found = {rule.name: Tally() for rule in RULES_COMPARED}
    if workers == 1:
        counted = map(_part, parts)
        return _sum(found, counted)
    with ProcessPoolExecutor(workers) as pool:
        return _sum(found, pool.map(_part, parts))


def _sum(found: dict[str, Tally], counted: Iterable[Sequence[Tally]]) -> dict[str, Tally]:
    for tallies in counted:
        for rule, one in zip(RULES_COMPARED, tallies, strict=True):
            found[rule.name].add(one)
    return found


def _part(part: tuple[Kind, int, int, int]) -> list[Tally]:
    kind, count, seed, start = part
    simulated = list(courses(kind, count, seed, start))
    return [tally(rule, simulated) for rule in RULES_COMPARED]


def fingerprint() -> str:
    """Twelve letters that change when the model, a rule or the counting does: of a small run."""
    small = run(per_kind=12)
    counts = {
        name: [sorted(getattr(one, part).items()) for part in ("seen", "delays", "loud", "begun", "quiet")]
        for name, one in small.items()
    }
    return hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()[:12]
