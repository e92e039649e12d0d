"""
The simulation by hand: `python -m tests.simulation --seeds 3000`, or one seed told step by step with `--seed N`.

`make interleavings` runs a minute of seeds that nobody has run before.
"""

import argparse
import sys
import time
from collections import Counter

from tests.simulation.bugs import PLANTED
from tests.simulation.clinic import Clinic, Wrong, live
from tests.simulation.world import Restless

KINDS: dict[str, type[Clinic]] = {"healthy": Clinic} | {kind.__name__: kind for kind in PLANTED}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="live through this one and tell every step")
    parser.add_argument("--seeds", type=int, default=1000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (default: %(default)s)")
    parser.add_argument("--minutes", type=float, help="as many as there is time for")
    parser.add_argument("--kind", choices=KINDS, default="healthy", help="which build: %(choices)s")
    asked = parser.parse_args()
    kind = KINDS[asked.kind]
    if asked.seed is not None:
        live(asked.seed, kind, print)
        return 0
    return many(asked.first, asked.seeds, asked.minutes, kind)


def many(first: int, seeds: int, minutes: float | None, kind: type[Clinic]) -> int:
    """Live through many; says what was found and how often each state was reached."""
    began, lived, found = time.monotonic(), 0, 0
    reached: Counter[str] = Counter()
    while (lived < seeds) if minutes is None else (time.monotonic() - began < minutes * 60):
        seed = first + lived
        lived += 1
        try:
            reached.update(live(seed, kind))
        except (Wrong, Restless) as error:
            found += 1
            print(f"seed {seed}: {type(error).__name__}: {error}")
    for what, times in reached.most_common():
        print(f"{times:7} {what}")
    took = time.monotonic() - began
    print(f"{lived} interleavings in {took:.1f} s, {lived / took * 60:.0f} a minute; {found} found something")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
