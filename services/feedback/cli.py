"""`rapport measures`: what is wrong with a definition file, and which measures there are."""

import json
from pathlib import Path
from typing import Any

import click

from services.feedback.measures.domain import Measure, Problem
from services.feedback.measures.domain.model import MeasureUnknown
from services.feedback.measures.store import definition_files, definitions
from shared.cli.connections import example, json_option, show

EX_DATAERR = 65
COLUMNS = ("id", "version", "name", "licence", "words", "items", "scoring")


class FileWrong(click.ClickException):
    """A definition cannot be used; what is wrong was said before."""

    exit_code = EX_DATAERR

    def show(self, file: Any = None) -> None:
        """Nothing more to say."""


@click.group(epilog=example("rapport measures list"))
def measures() -> None:
    """Measures: which there are, and what is wrong with a definition file."""


@measures.command(
    epilog=example(
        "rapport measures show gad-7 --json > my-measure.v1.json  # begin with one that resembles yours",
        "rapport measures check my-measure.v1.json",
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def check(file: Path, *, as_json: bool) -> None:
    """
    Say what is wrong with a definition FILE. Exit code 65 if anything is, 0 if it can be used.

    A measure is one JSON file per version, named ID.vVERSION.json. It says what is asked
    (items), how a total is made (scoring, subscales), what is known of it (evidence), and
    what its licence allows (licence). No code is written for a new measure.

    \b
    A few of the rules:
      - A number without source and mark has no place: what nobody knows is left out
        and listed under not_established.
      - Words stand in the file only for the classes public_domain and own.
      - Items may be left out only as far as a source (scoring.missing) says so.
      - Thresholds, bands and ranges must fit what the items can give.
      - content_hashes pins the words: changed words are a new version.
    """  # noqa: D301 - \b is how click is told to keep the lines
    problems = definition_files.check_file(file.read_bytes())
    if as_json:
        for problem in problems:
            click.echo(json.dumps({"path": problem.path, "sentence": problem.sentence}, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(f"{problem.path}: {problem.sentence}")
        click.echo(f"{file.name}: {_verdict(problems)}")
    if problems:
        raise FileWrong("wrong")


@measures.command("list", epilog=example("rapport measures list"))
@json_option
def list_(*, as_json: bool) -> None:
    """List the measures this program knows, the newest version of each."""
    rows = [
        {
            "id": measure.id,
            "version": measure.version,
            "name": measure.name,
            "licence": measure.licence_class,
            "words": "here" if measure.has_wording else "not here",
            "items": len(measure.items),
            "scoring": measure.scoring.method.value,
        }
        for measure in definitions.measures().values()
    ]
    show(rows, COLUMNS, as_json=as_json, empty="There are no measures.")


@measures.command("show", epilog=example("rapport measures show gad-7"))
@click.argument("measure_id", metavar="ID")
@click.option("--version", type=int, help="Which version; the newest if not said.")
@click.option("--json", "as_json", is_flag=True, help="The definition file itself.")
def show_(measure_id: str, version: int | None, *, as_json: bool) -> None:
    """Show one measure: how it is scored, what is known of it, and what is not."""
    known = definitions.measures()
    if measure_id not in known:
        raise click.UsageError(f"There is no measure {measure_id}; `rapport measures list` names them.")
    try:
        measure = definitions.measure(measure_id, version or known[measure_id].version)
    except MeasureUnknown as error:
        raise click.UsageError(str(error)) from error
    click.echo(definitions.source_of(measure) if as_json else _described(measure), nl=not as_json)


def _verdict(problems: list[Problem]) -> str:
    if not problems:
        return "can be used."
    return f"cannot be used yet, {len(problems)} thing{'s are' if len(problems) > 1 else ' is'} wrong."


def _described(measure: Measure) -> str:
    rule, evidence, licence = measure.scoring, measure.evidence, measure.licence
    lines = [
        f"{measure.name} ({measure.id}, version {measure.version})",
        f"about      {measure.construct}, {measure.moment} the session, {len(measure.items)} questions",
        f"licence    {licence.licence_class}, {licence.holder}: {licence.reference}",
        f"total      {rule.method}, {rule.minimum:g} to {rule.maximum:g}, {evidence.better} is better"
        if rule.has_total
        else "total      none, only subscales",
        f"needs      {rule.needed} of {len(rule.items)} items",
    ]
    if evidence.cut_off:
        cut = evidence.cut_off
        lines.append(f"cut-off    {cut.points:g} ({cut.code}): {cut.source} [{cut.mark}]")
    if evidence.reliable_change:
        change = evidence.reliable_change
        sure = f"{change.confidence}%" if change.confidence else "confidence not established"
        lines.append(f"reliable   change of {change.points:g} ({sure}): {change.source} [{change.mark}]")
    lines += [f"unknown    {what}" for what in measure.not_established]
    return "\n".join(lines)
