"""`python -m bench [name ...] [--quick] [--write]`: measure, print a table, write docs/benchmarks.md."""

import inspect
import logging
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import structlog

from bench import measurements
from bench.figures import Figure, NotProven
from bench.ground import Ground, pgbench
from bench.machine import describe
from bench.page import Part, number, page, table
from deploy.kafka.jars import BrokerFailed
from embedded.postgres import PostgresFailed
from shared.logs import silence_third_parties

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


@click.command(epilog="\b\nMeasurements:\n" + "\n".join(f"  {name}" for name in measurements.NAMES))
@click.argument("names", nargs=-1, type=click.Choice(measurements.NAMES), metavar="[NAME ...]")
@click.option("--quick", is_flag=True, help="One short run each, under 90 s: shows that it works, not how fast it is.")
@click.option("--write", is_flag=True, help="Write docs/benchmarks.md; only with a full run.")
def main(*, names: tuple[str, ...], quick: bool, write: bool) -> None:
    """Measure Rapport beside its peers on this machine; all of it unless names are given."""
    if write and (quick or names):
        raise click.UsageError("--write goes with a full run: the page shows figures of one run only")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers go down with us
    silence_third_parties()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    load = os.getloadavg()[0]
    try:
        with Ground(quick=quick) as ground:
            parts = [_measure(name, ground) for name in names or measurements.NAMES]
            machine = describe(ground.postgres.url(), pgbench()) if write else []
            machine.append(("Load before the run", f"{load:.1f} processes waiting for a core, our own not counted"))
    except NotProven as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(1)
    except (BrokerFailed, PostgresFailed, FileNotFoundError) as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(69)
    click.echo("\n" + table([figure for part in parts for figure in part.figures]))
    if write:
        PAGE.write_text(page(parts, machine=machine, day=f"{datetime.now(UTC):%Y-%m-%d}"))
        click.echo(f"\nWrote {PAGE}")


def _measure(name: str, ground: Ground) -> Part:
    module = measurements.find(name)
    click.echo(f"{name} ...")
    began = time.monotonic()
    figures: list[Figure] = module.measure(ground)
    for figure in figures:
        ours, theirs = number(figure.ours.typical), number(figure.peer.typical)
        click.echo(f"  {figure.what}: {ours} beside {theirs} {figure.unit}, ratio {figure.ratio:.2f}")
    return Part(_title(name), inspect.getdoc(module) or "", tuple(figures), time.monotonic() - began)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


if __name__ == "__main__":
    main()
