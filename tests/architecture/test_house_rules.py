"""Rules of the house that a program can check; each names the decision it guards."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("intake", "scheduling", "feedback")
CODE = ("services", "shared", "portal", "checkin", "embedded", "deploy", "bench", "docs", "tests")
CLINIC_WORDS = re.compile(
    r"\b(client_id|patient|therapist|practitioner|appointment|referral|consent|rupture|alliance|check-?in|checkin)s?\b",
    re.IGNORECASE,
)


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
    return found


ROOMS = {"domain", "events", "schemas", "store", "commands", "queries", "api"}
COMPOSED = {"app", "cli", "consumers", "jobs", "routes", "migrations"}  # what puts the slices of a service together


def slices(service: str) -> Iterator[Path]:
    folder = ROOT / "services" / service
    yield from (
        path for path in sorted(folder.iterdir()) if path.is_dir() and path.name not in {"migrations", "__pycache__"}
    )


def room_of(path: Path) -> str:
    """In which room of its slice a module lies; the module of the service itself is its own."""
    inside = path.relative_to(ROOT / "services").parts[1:]
    return inside[1 if len(inside) > 1 else 0].removesuffix(".py")


@pytest.mark.parametrize("service", SERVICES)
def test_a_domain_knows_the_standard_library_alone(service: str) -> None:
    """docs/adr/0014: and the domains of slices below, which the layers see to."""
    domain = re.compile(rf"services\.{service}\.\w+\.domain(\.|$)")
    seen = 0
    for path in python_files(f"services/{service}"):
        if room_of(path) == "domain":
            seen += 1
            strangers = {
                name
                for name in imports(path)
                if name.split(".")[0] not in sys.stdlib_module_names and not domain.match(name)
            }
            assert not strangers, f"{path}: {strangers}"
    assert seen


@pytest.mark.parametrize("service", SERVICES)
def test_a_domain_and_commands_never_ask_a_clock(service: str) -> None:
    """docs/adr/0014: `now` is a parameter."""
    for path in python_files(f"services/{service}"):
        if room_of(path) in {"domain", "commands"}:
            assert not re.search(r"\.(now|utcnow|today)\(\)|datetime\.now\(|time\.time\(", path.read_text()), path


@pytest.mark.parametrize("service", SERVICES)
def test_sql_lives_in_the_store_alone(service: str) -> None:
    """docs/adr/0014"""
    statement = re.compile(r'"""?\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s', re.IGNORECASE)
    for path in python_files(f"services/{service}"):
        if room_of(path) != "store":
            found = [
                line for line in path.read_text().splitlines() if statement.search(line) and "update the" not in line
            ]
            assert not found, f"{path}: {found}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_slice_has_the_same_rooms(service: str) -> None:
    """docs/adr/0014: a room may be missing, never renamed."""
    folder = ROOT / "services" / service
    composed = {p.stem for p in folder.glob("*.py") if not p.name.startswith("__")}
    assert composed <= COMPOSED
    assert {"app", "consumers", "routes"} <= composed
    found = list(slices(service))
    assert found
    for slice_ in found:
        here = [p for p in slice_.iterdir() if not p.name.startswith("__") and (p.is_dir() or p.suffix == ".py")]
        rooms = {p.name.removesuffix(".py") for p in here}
        assert rooms - {"registry"} <= ROOMS, slice_


def test_plumbing_speaks_no_word_of_the_clinic() -> None:
    """docs/adr/0001; only the contracts, which are what travels, name what they are about."""
    for path in python_files("shared"):
        if "contracts" in path.parts or path.match("shared/eventlog/kafka/settings.py"):
            continue  # in Kafka's settings a client is a program
        # `checkin` is also the name of a package, and of what signs its tokens.
        found = CLINIC_WORDS.findall(path.read_text().replace('"checkin', '"'))
        assert not found, f"{path}: {sorted(set(found))}"


def test_nothing_is_called_a_heap_of_odds_and_ends() -> None:
    heaps = {"utils.py", "helpers.py", "common.py", "constants.py", "misc.py", "util.py"}
    assert [p for p in python_files(*CODE) if p.name in heaps] == []


def test_decisions_are_numbered_once_and_listed() -> None:
    pages = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    numbers = [page.name[:4] for page in pages]
    listed = (ROOT / "docs/adr/README.md").read_text()

    assert numbers == [f"{n:04}" for n in range(1, len(pages) + 1)]
    assert all(page.name in listed for page in pages)


def test_every_command_the_readme_names_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    named = {(page.name, word) for page in pages for word in re.findall(r"`make ([a-z-]+)", page.read_text())}

    assert named
    assert [(page, word) for page, word in sorted(named) if not re.search(rf"^{word}:", makefile, re.MULTILINE)] == []


def test_locks_pin_every_package_with_its_hashes_and_no_address() -> None:
    for lock in sorted((ROOT / "locks").glob("*.txt")):
        text = lock.read_text()
        assert "://" not in text, lock
        entries = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
        assert entries
        assert all("==" in line for line in entries), lock
        assert text.count("--hash=sha256:") >= len(entries), lock


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
    dead = []
    for page in pages:
        targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
        dead += [(page.name, t) for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert dead == []


# `.date()` on anything, and cutting a timestamp's text: a day taken there is UTC's, whatever the clinic's clocks say.
_A_DAY_OF_UTC = re.compile(
    r"\.date\(\)|isoformat\(\)\[:10\]|(?<!\)s)::date\b|(?i:date_trunc|AT TIME ZONE|CURRENT_DATE)"
)
_WHERE_DAYS_ARE_TAKEN = {
    "portal/clinic_time.py",
    "services/feedback/care/domain/days.py",
    "services/intake/people/domain/moments.py",
    "shared/fields.py",  # `LocalDay`, by the zone of the transaction
    "shared/backup/retention.py",  # a backup is named by UTC, on whatever machine it lies
}


def test_a_moment_becomes_a_day_in_one_place_of_each_box() -> None:
    """A day is the clinic's: what reads, lists, counts or exports by days asks the one function that knows the zone."""
    for path in python_files("portal", "checkin", "services/feedback", "services/intake", "shared"):
        place = path.relative_to(ROOT).as_posix()
        if place not in _WHERE_DAYS_ARE_TAKEN:
            found = [line.strip() for line in path.read_text().splitlines() if _A_DAY_OF_UTC.search(line)]
            assert not found, f"{place}: {found}"
