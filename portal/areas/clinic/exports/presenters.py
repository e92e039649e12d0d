"""Exports in words: the reasons, and what an export would hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.clients.feedback.exports import ExportAbout
from portal.kit.wording.times import count

_FILES = {
    "check-ins.csv": "Sessions: the total, or why there is none",
    "items.csv": "Single answers",
    "readings.csv": "Readings",
    "episodes.csv": "Strain and repair",
}


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What would be in it: whose, and line by line of the files."""

    clients: str
    files: Sequence[tuple[str, str]]
    is_empty: bool


def present_export(about: ExportAbout) -> ExportSummary:
    """The counts before anything leaves."""
    return ExportSummary(
        clients=count(about.clients, "client"),
        files=[(_FILES.get(file.name, file.name), count(file.rows, "line")) for file in about.files],
        is_empty=about.clients == 0,
    )
