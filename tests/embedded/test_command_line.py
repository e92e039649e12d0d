"""`rapport` beside a clinic: it finds it by itself, and what the documents say to type works as it stands."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest
from click.testing import CliRunner, Result

from deploy.secrets import make_secrets
from embedded.clinic import find
from embedded.keys import load_or_make_keys
from embedded.postgres import EmbeddedPostgres
from shared.cli import main
from shared.cli.clinics import Away, Clinic, Finder, find_clinic, find_stack
from shared.contracts.catalogue import contract_of
from shared.database import Database
from shared.envelope import Event
from shared.eventlog.connect import open_log
from shared.outbox import publish
from tests.embedded.program import Program
from tests.faults.ground import until

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "operations.md", *sorted((ROOT / "docs" / "runbook").glob("*.md"))]
# Lines of a code block, and what stands between backticks; in the order of the pages, each once.
_LINE = re.compile(r"(?:^|`)(\./rapport [^`\n]+)", re.MULTILINE)
SAID = list(dict.fromkeys(line for page in PAGES for line in _LINE.findall(page.read_text())))
TO_FILL_IN = re.compile(r" [A-Z]{2,}\b|\.\.\.|^\./rapport token$")  # ID, FILE, NAME: not to be typed as it stands
SHOWS = {
    "events topics": "rapport.intake",
    "events tail": ".v1  ",
    "events lag": "rapport.feedback",
    "events refill": "Nothing was missing",
    "backup": "read back and whole",
    "events parked list": "Nothing is parked.",
    "audit verify": "feedback: the trail is whole",
    "measures list": "gad-7",
    "measures show": "",  # into the file that the next line checks
    "measures check": "can be used.",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with nothing in the environment that says where a clinic is."""
    for name in list(os.environ):
        if name.startswith("RAPPORT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_line_of_the_documents_works_beside_a_newcomers_clinic(here: Path) -> None:
    """In a checkout's folder, as after `make run`."""
    (here / ".venv").symlink_to(ROOT / ".venv")
    (here / "rapport").symlink_to(ROOT / "rapport")
    (here / "var").mkdir()
    program = Program(here / "var" / "clinic")
    try:
        program.start()
        _let_something_happen(find_clinic({}))
        done = {line: _shell(line) for line in SAID if not TO_FILL_IN.search(line)}
        program.end(signal.SIGTERM)
        stopped = _shell("./rapport events topics")
    finally:
        for process in program.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    assert {line: ran.stderr for line, ran in done.items() if ran.returncode != 0} == {}
    for words, shown in SHOWS.items():
        ran = [ran for line, ran in done.items() if line.startswith(f"./rapport {words}")]
        assert ran, f"no document says {words}"
        assert all(shown in one.stdout for one in ran), ran
    assert done["./rapport events lag"].stderr == f"The clinic in {program.data}:\n"
    assert stopped.returncode == 69
    assert stopped.stderr == f"Error: the clinic in {program.data} does not run: start it with `make run`\n"


def _let_something_happen(clinic: Clinic) -> None:
    """Events of the types that the documents ask for, told by their services, and heard by those who listen."""
    for name in ("intake.referral.received.v1", "feedback.reading.updated.v1", "feedback.episode.opened.v1"):
        contract = contract_of(f"rapport.{name}")
        [example, *_] = contract.schema["examples"]
        client = UUID(example["client_id"])
        event = Event(contract.service, contract.kind, f"example/{uuid4()}", client, 1, datetime.now(UTC), example)
        database = Database(clinic.databases[contract.service], name="tests", size=1).open()
        try:
            with database.transaction() as tx:
                publish(tx, event)
        finally:
            database.close()
    log = open_log(clinic.log, name="tests")
    try:
        assert until(lambda: sum(log.end_offsets("rapport.feedback").values()) == 2, 20)
        assert until(lambda: bool(log.offsets("rapport.feedback", "rapport.intake")), 20)
    finally:
        log.close()


def _shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("line", [line for line in SAID if TO_FILL_IN.search(line)])
def test_every_command_that_the_documents_name_is_there(line: str) -> None:
    words = [word for word in line.split()[1:] if word.islower() or word.startswith("--")]

    told = _rapport(*(word for word in words if not word.startswith("--")), "--help")

    assert told.exit_code == 0, told.output
    assert [word for word in words if word.startswith("--") and word not in told.output] == []


@pytest.mark.parametrize("command", ["events topics", "events parked list", "audit verify"])
def test_where_there_is_no_clinic_one_line_says_how_to_start_or_name_one(here: Path, command: str) -> None:
    said = _refused(*command.split())

    assert f"no clinic in {here}" in said
    assert "make run" in said
    assert "RAPPORT_DATA" in said


def test_a_folder_without_a_clinic_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_DATA", str(here / "nowhere"))

    assert f"no clinic in {here / 'nowhere'}" in _refused("events", "topics")
    assert list(here.iterdir()) == []  # looking makes nothing, no key least of all


def test_a_clinic_on_an_outside_server_asks_for_its_address(here: Path) -> None:
    (here / "var" / "clinic").mkdir(parents=True)
    load_or_make_keys(here / "var" / "clinic.keys", data=here / "var" / "clinic")

    assert "set RAPPORT_DATABASE_URL as for `make run`" in _refused("events", "topics")


def test_a_key_that_others_may_read_is_not_used(here: Path) -> None:
    load_or_make_keys(here / "var" / "clinic.keys", data=here / "var" / "clinic")
    (here / "var" / "clinic.keys").chmod(0o755)

    assert "others may read" in _refused("audit", "verify")


@pytest.mark.parametrize(("find", "folder"), [(find, "var/clinic.keys"), (find_stack, "var/stack/secrets")])
def test_a_clinic_of_somebody_else_is_not_spoken_to(here: Path, find: Finder, folder: str) -> None:
    (here / folder).mkdir(parents=True)

    with _as_somebody_else(here / folder), pytest.raises(Away, match="not yours to read"):
        find({})


@contextlib.contextmanager
def _as_somebody_else(folder: Path) -> Iterator[None]:
    folder.chmod(0o700 if os.geteuid() == 0 else 0)
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)
        folder.chmod(0o700)


def test_the_clinic_of_many_processes_is_found_by_its_secrets(here: Path, postgres: EmbeddedPostgres) -> None:
    secrets = here / "var" / "stack" / "secrets"
    make_secrets(secrets, f"/{{database}}?host={postgres.socket_dir}", admin="rapport_admin")
    (here / "var" / "stack" / "kafka.address").write_text("127.0.0.1:9092")

    found = find_clinic({})
    named = find_clinic({"RAPPORT_DATA": str(here / "var" / "stack")})

    assert found.log == named.log == "kafka://127.0.0.1:9092"
    assert found.databases["intake"] == (secrets / "intake_app_url").read_text()
    assert set(found.databases) == {"intake", "scheduling", "feedback", "portal"}


def test_a_stack_that_is_stopped_says_how_to_start_it(here: Path) -> None:
    make_secrets(here / "var" / "stack" / "secrets", f"/{{database}}?host={here}")
    (here / "var" / "stack" / "kafka.address").write_text("127.0.0.1:9092")

    assert "does not run: start it with `make stack`" in _refused("events", "lag")


def test_a_clinic_in_containers_says_where_to_ask(here: Path) -> None:
    make_secrets(here / "secrets", "postgres:5432/{database}")

    assert "docker compose exec intake-worker python -m shared.cli" in _refused("events", "lag")


def _refused(*arguments: str) -> str:
    result = _rapport(*arguments)
    assert result.exit_code == 69
    assert result.output.count("\n") == 1
    return result.output


def _rapport(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))
