"""Which backups are kept, when one is due, and what is said about them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.backups import due
from portal.kit.components.backups import backup_line, present_backups
from shared.backup.plan import BackupRefused, make_folder
from shared.backup.retention import DAYS, HOURS, MONTHS, WEEKS, kept
from shared.backup.standing import BackupMetrics, Standing, backups_in, name_of, note, read_standing
from shared.backup.taking import prune

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENTS = st.lists(st.integers(-3 * 24, 800 * 24).map(lambda hours: NOW - timedelta(hours=hours)), max_size=60)


@given(MOMENTS)
def test_the_newest_of_each_of_the_last_days_weeks_and_months_is_kept(made: list[datetime]) -> None:
    keep = kept(made, NOW)
    past = sorted((at for at in made if at <= NOW), reverse=True)

    assert keep <= set(made)
    for most, period in ((DAYS, "%Y-%m-%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        newest = {f"{at:{period}}": at for at in reversed(past)}
        assert set(sorted(newest.values(), reverse=True)[:most]) <= keep
    assert {at for at in made if at > NOW - HOURS} <= keep
    assert len([at for at in keep if at <= NOW - HOURS]) <= DAYS + WEEKS + MONTHS


def test_a_year_of_daily_backups_comes_to_two_dozen_files_at_most() -> None:
    keep: frozenset[datetime] = frozenset()
    for day in range(400):
        now = NOW + day * DAY
        keep = kept({*keep, now}, now)

    ages = sorted((now - at).days for at in keep)
    assert ages[:7] == [0, 1, 2, 3, 4, 5, 6]
    assert len(ages) <= 7 + 5 + 12
    assert ages[-1] >= 300


def test_months_without_backups_cost_no_older_ones() -> None:
    made = [NOW - 400 * DAY - number * DAY for number in range(7)]

    assert kept([*made, NOW], NOW) >= {NOW, *made[:6]}


def test_pruning_removes_only_what_the_rule_lets_go_of(tmp_path: Path) -> None:
    made = [NOW - number * DAY for number in range(40)]
    for at in made:
        (tmp_path / name_of(at)).touch()
    (tmp_path / "rapport-20261130T000000Z.tar.age.partial").touch()
    (tmp_path / "somebody's letter").touch()

    prune(tmp_path, NOW)

    assert set(backups_in(tmp_path)) == kept(made, NOW)
    assert sorted(path.name for path in tmp_path.iterdir() if "tar.age" not in path.name or "partial" in path.name) == [
        "somebody's letter"
    ]


@pytest.mark.parametrize(
    ("standing", "what"),
    [
        (Standing(), "take"),
        (Standing(made_at=NOW - timedelta(hours=23), drilled_at=NOW), None),
        (Standing(made_at=NOW - timedelta(hours=24), drilled_at=NOW), "take"),
        (Standing(made_at=NOW - 2 * DAY, failed_at=NOW - timedelta(minutes=59), drilled_at=NOW), None),
        (Standing(made_at=NOW - 2 * DAY, failed_at=NOW - timedelta(minutes=61), drilled_at=NOW), "take"),
        (Standing(made_at=NOW + DAY, drilled_at=NOW), "take"),  # a clock that has been put right
        (Standing(made_at=NOW), "drill"),
        (Standing(made_at=NOW, drilled_at=NOW - 7 * DAY), "drill"),
        (Standing(made_at=NOW, drilled_at=NOW - 6 * DAY), None),
        (Standing(made_at=NOW, drill_failed_at=NOW - timedelta(hours=23)), None),
        (Standing(made_at=NOW, drill_failed_at=NOW - timedelta(hours=25)), "drill"),
    ],
)
def test_a_clinic_is_backed_up_daily_and_its_newest_backup_is_tried_weekly(
    standing: Standing, what: str | None
) -> None:
    assert due(standing, DAY, NOW) == what


LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("standing", "last", "warned"),
    [
        (Standing(), "No backup yet", 0),
        (Standing(failed_at=NOW - DAY, failure="x"), "No backup yet", 1),
        (
            Standing(made_at=NOW - timedelta(hours=3), size=12_000_000, drilled_at=NOW - 2 * DAY),
            "3 hours ago, 12.0\N{NO-BREAK SPACE}MB",
            0,
        ),
        (Standing(made_at=NOW - timedelta(hours=27), drilled_at=NOW - 2 * DAY), "Last backup", 1),
        (Standing(made_at=NOW, drilled_at=NOW - 9 * DAY), "just now", 1),
        (Standing(made_at=NOW, drilled_at=NOW - DAY, drill_failed_at=NOW), "just now", 1),
    ],
)
def test_the_manager_reads_how_backups_stand_and_is_warned_when_somebody_has_to_look(
    standing: Standing, last: str, warned: int
) -> None:
    line = present_backups(standing, NOW, LONDON)

    assert last in line.last
    assert len(line.warnings) == warned


def test_a_disk_that_is_not_in_its_place_is_said(tmp_path: Path) -> None:
    line = backup_line(tmp_path / "gone", NOW, LONDON)

    assert line is not None
    assert "not there" in line.warnings[0]
    assert backup_line(None, NOW, LONDON) is None


def test_how_it_stands_is_kept_and_can_be_scraped(tmp_path: Path) -> None:
    def samples() -> dict[str, float]:
        return {one.name: one.value for family in BackupMetrics(tmp_path).collect() for one in family.samples}

    assert samples() == {}
    note(tmp_path, made_at=NOW, size=5)
    note(tmp_path, drilled_at=NOW - DAY, drilled_of=NOW - DAY)

    assert read_standing(tmp_path) == Standing(made_at=NOW, size=5, drilled_at=NOW - DAY, drilled_of=NOW - DAY)
    assert samples() == {
        "backup_last_success_timestamp_seconds": NOW.timestamp(),
        "restore_drill_last_success_timestamp_seconds": (NOW - DAY).timestamp(),
    }


@pytest.mark.parametrize("place", ["clinic", "clinic/backups", "clinic.keys/backups", "."])
def test_backups_lie_neither_in_the_data_nor_with_the_keys(tmp_path: Path, place: str) -> None:
    with pytest.raises(BackupRefused, match=r"what is lost with it is no backup|a folder of their own"):
        make_folder(tmp_path / place, apart_from=(tmp_path / "clinic", tmp_path / "clinic.keys"))

    assert list(tmp_path.iterdir()) == []
