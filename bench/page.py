"""The results as text: a table for the terminal, and docs/benchmarks.md."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import Better, Figure

COLUMNS = ("Measured", "Rapport", "Beside it", "Ratio", "Aim", "", "Our slowest run")
VERDICTS = {True: "met", False: "**missed**", None: ""}


@dataclass(frozen=True, slots=True)
class Part:
    """What one measurement said: its name, how it works in its own words, its figures."""

    name: str
    about: str
    figures: tuple[Figure, ...]
    seconds: float


def number(value: float) -> str:
    """
    Three figures that a person can compare.

    >>> [number(v) for v in (12345.6, 234.5, 23.45, 2.345, 0.1234)]
    ['12,300', '234', '23.4', '2.35', '0.123']
    """
    if value >= 999.5:
        return f"{round(value, 2 - len(str(int(value))) + 1):,.0f}"
    return f"{value:.3g}"


def aim_of(figure: Figure) -> str:
    """The aim as a ratio, such as "≥ 0.4"; empty without one."""
    if figure.aim is None:
        return ""
    return f"{'≥' if figure.better is Better.MORE else '≤'} {figure.aim:g}"


def cells(figure: Figure) -> tuple[str, ...]:
    """One row of the table."""
    return (
        f"{figure.what}, {figure.unit}",
        number(figure.ours.typical),
        f"{figure.peer.name}: {number(figure.peer.typical)}",
        f"{figure.ratio:.2f}",
        aim_of(figure),
        VERDICTS[figure.met],
        number(figure.slowest),
    )


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table, aligned so that it can be read as it is."""
    rows = [COLUMNS, *(cells(figure) for figure in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(COLUMNS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def page(parts: Sequence[Part], *, machine: Sequence[tuple[str, str]], day: str) -> str:
    """docs/benchmarks.md, whole."""
    figures = [figure for part in parts for figure in part.figures]
    lines = [
        "# Benchmarks",
        "",
        "Written by `python -m bench --write`; do not edit. Every figure stands beside a peer or a limit that was",
        "measured on the same machine in the same run, in turns. Absolute figures belong to the machine below; the",
        "ratio (ours through theirs, median of the runs) is what to compare. Where more is better, a ratio below 1",
        "means that the peer is faster.",
        "",
        table(figures),
        "",
        *_losses(figures),
        f"Measured on {day}:",
        "",
        *(f"- {name}: {value}" for name, value in machine),
    ]
    for part in parts:
        lines += ["", f"## {part.name}", "", part.about, "", *_runs(part), f"Took {part.seconds:.0f} s."]
    return "\n".join(lines) + "\n"


def _losses(figures: Sequence[Figure]) -> list[str]:
    missed = [figure for figure in figures if figure.met is False]
    if not missed:
        return ["All aims were met in this run.", ""]
    lines = ["Aims missed in this run:", ""]
    lines += [f"- {f.what}: {f.ratio:.2f} instead of {aim_of(f)}, beside {f.peer.name}." for f in missed]
    return [*lines, ""]


def _runs(part: Part) -> list[str]:
    lines = []
    for figure in part.figures:
        ours = " · ".join(number(run) for run in figure.ours.runs)
        theirs = " · ".join(number(run) for run in figure.peer.runs)
        proven = f" {figure.proven}" if figure.proven else ""
        lines.append(f"- {figure.what}, {figure.unit}: {figure.ours.name} {ours}; {figure.peer.name} {theirs}.{proven}")
    return [*lines, ""]
