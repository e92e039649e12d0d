"""
Reports how long modules and functions are, part by part: `make sizes`.

A report and no test. A limit on lines makes splinters; what matters is whether a module holds one
subject. Look at the tail: a long module may hold two, a short one may be half of its neighbour's.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    "services/intake",
    "services/scheduling",
    "services/feedback",
    "shared",
    "portal",
    "checkin",
    "embedded",
    "tests",
)
_WIDTHS = (8, 9, 8, 7, 9, 7, 20)
SPLINTER = 40  # lines; up to here a module is looked at as half a subject


@dataclass(frozen=True, slots=True)
class Sizes:
    """Lines of the modules of one part, package markers left out, and of its functions."""

    modules: dict[Path, int]
    functions: list[int]


def sizes_of(folder: Path) -> Sizes:
    """Measure every module below a folder."""
    modules: dict[Path, int] = {}
    functions: list[int] = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text()
        if path.name != "__init__.py":
            modules[path] = len(text.splitlines())
        functions += _functions(ast.parse(text))
    return Sizes(modules, functions)


def _functions(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def _high(values: list[int]) -> int:
    return sorted(values)[int(len(values) * 0.9)]


def main() -> None:
    """Print one line a part, then the longest modules."""
    found = {part: sizes_of(ROOT / part) for part in PARTS}
    out = sys.stdout.write
    heads = ("lines", "modules", "median", "90 %", "longest", f"<= {SPLINTER}", "functions 50/90 %")
    out(f"{'part':22}" + "".join(f"{head:>{width}}" for head, width in zip(heads, _WIDTHS, strict=True)) + "\n")
    for part, sizes in found.items():
        lines = list(sizes.modules.values())
        said = (
            f"{sum(lines):,}",
            len(lines),
            round(median(lines)),
            _high(lines),
            max(lines),
            sum(n <= SPLINTER for n in lines),
            f"{median(sizes.functions):.0f} / {_high(sizes.functions)}",
        )
        out(f"{part:22}" + "".join(f"{value:>{width}}" for value, width in zip(said, _WIDTHS, strict=True)) + "\n")
    everything = {path: n for part, sizes in found.items() if part != "tests" for path, n in sizes.modules.items()}
    out("\nlongest:\n")
    for path, n in sorted(everything.items(), key=lambda pair: -pair[1])[:12]:
        out(f"  {n:>5}  {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
