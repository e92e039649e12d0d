"""One clinic on one data folder: how it starts, refuses, stops and recovers."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from deploy.smoke import of_one_process
from embedded.supervisor import Tries
from tests.embedded.certificate import Certificate
from tests.embedded.program import Program, nobody_left
from tests.faults.ground import until


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.made(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One clinic for all tests that leave it running: a start is dear."""
    one = Program(tmp_path_factory.mktemp("running") / "clinic")
    yield one.start()
    one.end(signal.SIGTERM)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_empty_clinic_starts_with_a_one_time_code_and_leaves_no_process_behind(
    program: Program, how: signal.Signals
) -> None:
    program.start()
    assert re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", program.said())
    assert program.get("/set-up") == 200

    program.end(how)

    assert nobody_left(program)


def test_a_second_start_on_the_same_data_refuses_in_one_line_and_disturbs_nobody(running: Program) -> None:
    second = Program(running.data)

    said = second.refused()

    assert said.count("\n") == 1
    assert "already runs on" in said
    assert running.get("/sign-in") == 200


def test_a_taken_port_is_one_clear_line(program: Program) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", program.port))
        holder.listen()

        said = program.refused()

    assert said.count("\n") == 1
    assert f"port {program.port}" in said
    assert "RAPPORT_PORT" in said


def test_after_kill_9_the_next_start_recovers_by_itself(program: Program) -> None:
    program.start()
    program.add_account("ana")
    before = program.said()

    program.end(signal.SIGKILL)
    program.start()

    assert program.get("/sign-in") == 200
    assert "enter this code" not in program.said()[len(before) :]
    program.end(signal.SIGTERM)
    assert nobody_left(program)


def test_after_everything_was_killed_at_once_the_next_start_waits_and_opens(program: Program) -> None:
    program.start()
    for process in program.family():
        with contextlib.suppress(psutil.NoSuchProcess):  # some go with their parent
            process.kill()

    program.start()

    assert program.get("/sign-in") == 200
    program.end(signal.SIGTERM)


def test_it_listens_on_this_machine_alone_and_postgresql_on_no_port(running: Program) -> None:
    heard = {
        connection.laddr
        for process in running.family()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }

    ports = range(running.port, running.port + 3)
    assert {(address.ip, address.port) for address in heard} == {("127.0.0.1", port) for port in ports}


def test_each_door_opens_to_its_own_and_says_where_it_is(running: Program) -> None:
    paths = ["/sign-in", "/check-in/", "/api/intake/v1/openapi.json", "/metrics", "/api/intake/metrics"]
    doors = [f"http://127.0.0.1:{running.port + n}" for n in range(3)]

    found = [[httpx.get(door + path).status_code for path in paths] for door in doors]

    assert found == [[200, 404, 404, 404, 404], [404, 200, 404, 404, 404], [404, 404, 200, 200, 200]]
    assert all(f":{running.port + n}" in running.said() for n in range(3))
    assert running.ready()
    assert "disk_free_ratio 0." in httpx.get(f"{doors[2]}/metrics").text


def test_no_header_moves_one_app_behind_the_path_of_another(running: Program) -> None:
    portal, checkin = (f"http://127.0.0.1:{running.port + n}" for n in range(2))
    forged = {"SCRIPT_NAME": "/check-in", "Script-Name": "/check-in", "X-Forwarded-Prefix": "/check-in"}

    assert httpx.get(f"{portal}/check-in/sign-in", headers=forged).status_code == 404
    assert httpx.get(f"{checkin}/api/sign-in", headers=forged | {"SCRIPT_NAME": "/api"}).status_code == 404
    page = httpx.get(f"{portal}/sign-in", headers=forged | {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "e.vil"})
    assert "/check-in" not in page.text
    assert "e.vil" not in page.text


def test_slow_and_silent_sockets_close_no_door(running: Program) -> None:
    held = []
    for n in range(90):
        held.append(socket.create_connection(("127.0.0.1", running.port + n % 3)))
        held[-1].sendall([b"", b"GET / HTTP/1.1\r\nHost", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n1"][n // 30])
    began = time.monotonic()

    opened = [
        httpx.get(f"http://127.0.0.1:{running.port + n}{path}").status_code
        for n, path in enumerate(("/sign-in", "/check-in/", "/livez"))
    ]

    assert opened == [200, 200, 200]
    assert time.monotonic() - began < 3
    for one in held:
        one.close()


def test_make_smoke_finds_it_and_may_ask_its_apis(running: Program) -> None:
    story = of_one_process({"RAPPORT_DATA": str(running.data), "RAPPORT_PORT": str(running.port)})

    assert story is not None
    assert story.ask("intake", "GET", "/v1/clients")["items"] == []
    assert of_one_process({"RAPPORT_DATA": str(running.data), "RAPPORT_PORT": "1"}) is None


def test_what_it_writes_is_nobody_elses_to_read(running: Program) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in running.data.iterdir()}

    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
    assert {"rapport.log", "postgres.log", "reserve"} <= modes.keys()
    assert running.data.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("part", ["one of PostgreSQL's processes", "PostgreSQL", "the clinic's process"])
def test_a_part_that_is_killed_is_started_again_without_a_hand(running: Program, part: str) -> None:
    known = running.said().count("is started again")
    (server,) = [p for p in running.family() if p.name() == "postgres" and p.parent() in _parents(running)]
    victims = {
        "one of PostgreSQL's processes": running.query("postgres", "SELECT pid FROM pg_stat_activity")[0][0],
        "PostgreSQL": server.pid,
        "the clinic's process": _listening(running),
    }

    os.kill(victims[part], signal.SIGKILL)

    assert until(lambda: running.said().count("is started again") > known, 20)
    assert until(running.ready, 40)
    assert running.get("/sign-in") == 200


def _parents(program: Program) -> list[psutil.Process]:
    assert program.process is not None
    return [psutil.Process(program.process.pid)]


def _listening(program: Program) -> int:
    (child,) = [p for p in _parents(program)[0].children() if p.name() != "postgres"]
    return child.pid


def test_with_a_certificate_pages_and_check_in_speak_https_alone(program: Program, certificate: Certificate) -> None:
    program.launch(RAPPORT_TLS_CERT=str(certificate.chain), RAPPORT_TLS_KEY=str(certificate.key))
    portal, checkin, inner = (f"localhost:{program.port + n}" for n in range(3))
    assert until(program.ready, 120), program.said()

    page = httpx.get(f"https://{portal}/sign-in", verify=certificate.trusted())
    form = httpx.get(f"https://{checkin}/check-in/", verify=certificate.trusted())

    assert (page.status_code, form.status_code, httpx.get(f"http://{inner}/livez").status_code) == (200, 200, 200)
    cookies = page.headers.get_list("set-cookie")
    assert any(line.startswith("__Host-visit=") for line in cookies)
    assert all("Secure" in line for line in cookies)
    assert "max-age" in page.headers["strict-transport-security"]
    assert f"https://127.0.0.1:{program.port}/set-up" in program.said()
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://{portal}/sign-in")
    program.end(signal.SIGTERM)


def test_a_part_that_ends_again_and_again_ends_the_program() -> None:
    """In a process of its own, because it forks."""
    code = (
        "import sys\n"
        "from embedded.supervisor import GaveUp, Supervisor, Tries\n"
        "try:\n"
        "    Supervisor(None, lambda: sys.exit(3), tries=lambda: Tries(most=2)).run()\n"
        "except GaveUp as gave_up:\n"
        "    print(gave_up)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert "the clinic's process ended 3 times in 5 minutes, so Rapport ends" in done.stdout
    assert done.stderr.count("is started again") == 2


def test_starts_are_counted_within_five_minutes_and_wait_longer_each_time() -> None:
    tries = Tries()
    pauses = []
    for at in range(5):
        assert tries.again(at)
        pauses.append(tries.pause())

    assert pauses == [0, 1, 2, 5, 10]
    assert not tries.again(299)
    assert tries.again(301)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"RAPPORT_HOST": "0.0.0.0"}, "without TLS: give a certificate"),
        (
            {"RAPPORT_TLS_CERT": "/none.pem", "RAPPORT_TLS_KEY": "/none.pem"},
            "RAPPORT_TLS_CERT and RAPPORT_TLS_KEY name",
        ),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG is set"),
        ({"RAPPORT_KEYS": "{data}/keys"}, "lies inside the data folder"),
        ({"RAPPORT_DATA": "/sys/kernel/clinic"}, "cannot be written"),
        ({"RAPPORT_ACCEPT": "all"}, "only key-in-data, not-durable, plain-network can be accepted"),
    ],
)
def test_what_would_let_somebody_in_is_refused_before_anything_is_made(
    program: Program, settings: dict[str, str], told: str
) -> None:
    said = program.refused(**{name: value.format(data=program.data) for name, value in settings.items()})

    assert told in said
    assert "Traceback" not in said
    assert not (program.data / "postgres").exists()


def test_an_outside_postgresql_that_does_not_answer_is_named(program: Program) -> None:
    said = program.refused(RAPPORT_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert "RAPPORT_DATABASE_URL does not answer" in said
    assert said.count("\n") == 1


def test_wrong_settings_are_one_line(program: Program) -> None:
    said = program.refused(RAPPORT_ZONE="Mars/Olympus", DEMO="perhaps")

    assert said.count("\n") == 1
    assert "RAPPORT_ZONE" in said
    assert "DEMO" in said
