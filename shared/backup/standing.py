"""How the backups of a folder stand: which there are, when the last was good, how the last drill went."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.files import write_whole
from shared.metrics import Metric

TOO_OLD = timedelta(hours=26)  # a daily backup and two hours of patience
DRILL_TOO_OLD = timedelta(days=8)
_STANDING = "standing.json"
_NAME = "rapport-%Y%m%dT%H%M%SZ.tar.age"

BACKUP_SUCCESS = Metric("backup_last_success_timestamp_seconds", "gauge", (), "When the newest good backup was made.")
DRILL_SUCCESS = Metric(
    "restore_drill_last_success_timestamp_seconds", "gauge", (), "When a backup was last restored and found whole."
)
UPKEEP_METRICS = (BACKUP_SUCCESS, DRILL_SUCCESS)


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What is known of the backups in a folder; None where it never happened.

    Attributes:
        made_at: The moment that the newest good backup holds.
        size: Of its file, bytes.
        seconds: How long it took.
        failed_at: When taking one last failed, if none was good since.
        failure: Why, in one sentence.
        drilled_at: When a drill last ended well.
        drilled_of: The moment of the backup that it restored.
        drill_seconds: How long it took.
        drill_failed_at: When a drill last failed, if none went well since.
        drill_failure: Why, in one sentence.
    """

    made_at: datetime | None = None
    size: int = 0
    seconds: float = 0.0
    failed_at: datetime | None = None
    failure: str = ""
    drilled_at: datetime | None = None
    drilled_of: datetime | None = None
    drill_seconds: float = 0.0
    drill_failed_at: datetime | None = None
    drill_failure: str = ""

    def is_too_old(self, now: datetime) -> bool:
        """Whether a clinic that is backed up daily has to look: none at all, or none for 26 hours."""
        return self.made_at is None or now - self.made_at > TOO_OLD

    def is_undrilled(self, now: datetime) -> bool:
        """Whether no backup was proved by a restore for 8 days, or the last try failed."""
        return self.drill_failed_at is not None or self.drilled_at is None or now - self.drilled_at > DRILL_TOO_OLD


def read_standing(folder: Path) -> Standing:
    """How it stands; what cannot be read counts as never."""
    try:
        told: dict[str, Any] = json.loads((folder / _STANDING).read_text())
        times = {name: datetime.fromisoformat(told[name]) for name in told if name in _TIMES and told[name]}
        return Standing(**{**told, **times})
    except (OSError, TypeError, ValueError):
        return Standing()


_TIMES = frozenset({"made_at", "failed_at", "drilled_at", "drilled_of", "drill_failed_at"})


def note(folder: Path, **changed: object) -> None:
    """Keep what has changed, whole or not at all."""
    told = asdict(replace(read_standing(folder), **changed))  # type: ignore[arg-type]
    text = json.dumps(
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in told.items()}
    )
    write_whole(folder / _STANDING, text.encode(), mode=0o644)


def first_line(error: Exception) -> str:
    """What went wrong, to be kept in clear: its first line, without the rows that a database's details repeat."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"[:300]


def name_of(made_at: datetime) -> str:
    """The name of a backup's file."""
    return made_at.astimezone(UTC).strftime(_NAME)


def backups_in(folder: Path) -> dict[datetime, Path]:
    """The whole backups of a folder by their moment, oldest first; what is being written is none."""
    found = {}
    for path in sorted(folder.glob("rapport-*.tar.age")):
        with contextlib.suppress(ValueError):
            found[datetime.strptime(path.name, _NAME).replace(tzinfo=UTC)] = path
    return found


class BackupMetrics(Collector):
    """Answers at each scrape what the folder says; what never happened gives no sample."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """What may come, without looking."""
        return [GaugeMetricFamily(metric.name, metric.help) for metric in UPKEEP_METRICS]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Both, as far as they are known."""
        standing = read_standing(self._folder)
        for metric, at in ((BACKUP_SUCCESS, standing.made_at), (DRILL_SUCCESS, standing.drilled_at)):
            family = GaugeMetricFamily(metric.name, metric.help)
            if at is not None:
                family.add_metric((), at.timestamp())
            yield family
