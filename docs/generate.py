"""
Write the generated pages of docs/, or check that they are fresh.

    python -m docs.generate            write
    python -m docs.generate --check    exit 1 and name the stale ones
"""

import sys
import tempfile
from pathlib import Path

import click

from checkin.__main__ import SETTINGS as CHECKIN
from docs import access, evidence, measures, supply_chain
from embedded.settings import SETTINGS as EMBEDDED
from portal.process import SETTINGS as PORTAL
from shared.backup.standing import UPKEEP_METRICS
from shared.cli.backup import SETTINGS as BACKUP
from shared.contracts.__main__ import write as write_contracts
from shared.metrics import DISK_METRICS, WEB_METRICS
from shared.metrics_pipeline import PIPELINE_METRICS
from shared.process import SETTINGS as SERVICE
from shared.settings import Setting
from shared.start_checks import CHECKS

HERE = Path(__file__).parent
GENERATED = "<!-- Written by `make docs` from what the code declares. Do not edit. -->"


def configuration() -> str:
    """Every setting of every process."""
    parts = [
        "# Configuration",
        "",
        GENERATED,
        "",
        "All settings are environment variables. A secret `NAME` may also be given as a file: `NAME_FILE`.",
        "A process that lacks settings ends with code 78 and names all of them in one line.",
        "",
    ]
    parts += _table("A clinic in one process (`make run`)", EMBEDDED)
    for process, settings in SERVICE.items():
        parts += _table(f"A service's `{process}` (`python -m services.<name> {process}`)", settings)
    for name, wanted in PORTAL.items():
        parts += _table(f"Portal, `{name}` (`python -m portal {name}`)", wanted)
    parts += _table("A backup where no clinic is found (`rapport backup`)", BACKUP)
    parts += _table("Check-in (`python -m checkin`)", CHECKIN)
    parts += ["## What a start refuses", "", "| refused | accepted with |", "|---|---|"]
    parts += [f"| {check.name} | {f'`RAPPORT_ACCEPT={check.accepts}`' if check.accepts else '-'} |" for check in CHECKS]
    parts += [""]
    return "\n".join(parts)


def metrics() -> str:
    """Every metric with its labels."""
    rows = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(metric.labels) or '-'} | {metric.help} |"
        for metric in (*WEB_METRICS, *DISK_METRICS, *PIPELINE_METRICS, *UPKEEP_METRICS)
    ]
    head = [
        "# Metrics",
        "",
        GENERATED,
        "",
        "Exposed at `/metrics` on the inner listener of every process. No label ever",
    ]
    head += ["holds an id, a name or free text.", "", "| metric | kind | labels | meaning |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _table(title: str, settings: tuple[Setting, ...]) -> list[str]:
    rows = [f"| `{s.name}`{' (secret)' if s.secret else ''} | {_shown(s)} | {s.help} |" for s in settings]
    return [f"## {title}", "", "| setting | default | meaning |", "|---|---|---|", *rows, ""]


def _shown(setting: Setting) -> str:
    if setting.default is None:
        return "required"
    return f"`{setting.default}`" if setting.default else "-"


def write(folder: Path) -> None:
    """Write all generated pages into `folder`."""
    (folder / "configuration.md").write_text(configuration())
    (folder / "metrics.md").write_text(metrics())
    (folder / "measures.md").write_text(measures.page(GENERATED))
    (folder / "security").mkdir(exist_ok=True)
    for one in evidence.lists():
        (folder / "security" / f"{one.name}.md").write_text(evidence.page(one, GENERATED))
    (folder / "security" / "parts.cdx.json").write_text(supply_chain.bill_of_materials())
    (folder / "security" / "access.md").write_text(access.page(GENERATED))
    write_contracts(folder)


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when a page is stale.")
def main(*, check: bool) -> None:
    """Write the generated pages of docs/."""
    if not check:
        write(HERE)
        return
    with tempfile.TemporaryDirectory() as made:
        write(Path(made))
        fresh = {path.relative_to(made): path.read_bytes() for path in sorted(Path(made).rglob("*")) if path.is_file()}
    stale = [str(name) for name, content in fresh.items() if not _same(HERE / name, content)]
    if stale:
        click.echo(f"stale, run `make docs`: {', '.join(stale)}", err=True)
        sys.exit(1)


def _same(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


if __name__ == "__main__":
    main()
