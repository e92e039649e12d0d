"""How the backups stand, in words."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from portal.kit.wording.times import ago
from shared.backup.standing import Standing, read_standing


@dataclass(frozen=True, slots=True)
class BackupLine:
    """What the manager and the operator read; each warning is a sentence of its own."""

    last: str
    proved: str
    warnings: tuple[str, ...]


def backup_line(folder: Path | None, now: datetime, zone: ZoneInfo) -> BackupLine | None:
    """How the backups of a folder stand; None where there is no folder to look into."""
    if folder is None:
        return None
    if not folder.is_dir():
        return BackupLine("", "", (f"The folder of the backups is not there: {folder}. Is its disk in its place?",))
    return present_backups(read_standing(folder), now, zone)


def present_backups(standing: Standing, now: datetime, zone: ZoneInfo) -> BackupLine:
    """When the last backup was, how large, when one was last proved by a restore; and what somebody has to look at."""
    warnings = []
    if standing.is_too_old(now) and standing.made_at is not None:
        warnings.append(f"The last backup was made {ago(standing.made_at, now, zone)}. Somebody has to look why.")
    elif standing.failed_at is not None:
        warnings.append(f"A backup failed {ago(standing.failed_at, now, zone)}. It is tried again by itself.")
    if standing.drill_failed_at is not None:
        warnings.append(
            f"The last backup could not be restored when it was tried, {ago(standing.drill_failed_at, now, zone)}."
        )
    elif standing.made_at is not None and standing.drilled_at is not None and standing.is_undrilled(now):
        warnings.append(f"No backup has been tried since {ago(standing.drilled_at, now, zone)}.")
    if standing.made_at is None:
        return BackupLine("No backup yet: the first is made a few minutes after the start.", "", tuple(warnings))
    size = max(0.1, standing.size / 1_000_000)
    last = f"Last backup {ago(standing.made_at, now, zone)}, {size:.1f}\N{NO-BREAK SPACE}MB."
    if standing.drilled_at is None:
        return BackupLine(last, "None was tried by a restore yet; that is done once a week.", tuple(warnings))
    took = f"{standing.drill_seconds:.0f}\N{NO-BREAK SPACE}s"
    proved = f"A restore was last tried and proved {ago(standing.drilled_at, now, zone)}, in {took}."
    return BackupLine(last, proved, tuple(warnings))
