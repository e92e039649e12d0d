"""`python -m bench.simulation [--quick]`: run the study, write docs/simulation.md and docs/simulation.svg."""

import os
import time
from pathlib import Path

import click

from bench.simulation.page import page
from bench.simulation.picture import picture
from bench.simulation.study import PER_KIND, fingerprint, run

DOCS = Path(__file__).resolve().parents[2] / "docs"


@click.command()
@click.option("--quick", is_flag=True, help="A small run that writes nothing: shows that it works.")
def main(*, quick: bool) -> None:
    """Simulate courses, read them by every rule, write what came of it."""
    began = time.monotonic()
    per_kind = 60 if quick else PER_KIND
    found = run(per_kind=per_kind, workers=os.cpu_count() or 1)
    text = page(found, per_kind=per_kind, fingerprint=fingerprint())
    if quick:
        click.echo(text)
    else:
        (DOCS / "simulation.md").write_text(text)
        (DOCS / "simulation.svg").write_text(picture(found))
    click.echo(f"{time.monotonic() - began:.0f} s", err=True)


if __name__ == "__main__":
    main()
