"""What docs/security/ claims is shown by a test, or said to be open."""

from pathlib import Path

import pytest

from docs import evidence

HERE = "tests/architecture/test_evidence.py"
HEAD = 'title = "Faults"\nabout = "What may fail."\n'


def test_a_claim_whose_test_did_not_pass_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = f"{HERE}::{test_a_claim_whose_test_did_not_pass_is_found.__name__}"
    every = _lists(tmp_path, monkeypatch, f'tests = ["{named}"]')

    assert evidence.not_shown(every, ["tests/other.py::test_other"]) == [named]
    assert evidence.not_shown(every, [f"{named}[with-a-parameter]"]) == []


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("", "exactly one"),
        ('reason = "no mail is sent"\nopen = "to be written"', "exactly one"),
        (f'tests = ["{HERE}::test_of_somebody_s_imagination"]', "no such test"),
        ('tests = ["tests/nowhere.py::test_a"]', "no such test"),
        ('reason = "so"\n[[row]]\nid = "F1"\nasks = "Again"\nreason = "so"', "told twice"),
    ],
)
def test_a_row_that_says_nothing_or_two_things_or_names_no_test_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, complaint: str
) -> None:
    with pytest.raises(evidence.EvidenceWrong, match=complaint):
        _lists(tmp_path, monkeypatch, row)


def test_a_page_counts_what_is_shown_and_names_what_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = evidence.page(_lists(tmp_path, monkeypatch, 'open = "a disk that is full"')[0], "<!-- generated -->")

    assert "1 rows: 0 shown by tests, 0 do not apply, 1 open." in page
    assert "| F1 | Crash | **open**: a disk that is full |" in page


def _lists(folder: Path, monkeypatch: pytest.MonkeyPatch, row: str) -> list[evidence.Evidence]:
    (folder / "faults.toml").write_text(f'{HEAD}\n[[row]]\nid = "F1"\nasks = "Crash"\n{row}\n')
    monkeypatch.setattr(evidence, "LISTS", folder)
    return evidence.lists()
