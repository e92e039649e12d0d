"""One clinic on one data folder: how it starts, refuses, stops and recovers."""

import re
import signal
import socket

import psutil
import pytest

from tests.embedded.program import Program, nobody_left


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_empty_clinic_starts_with_a_one_time_code_and_leaves_no_process_behind(
    program: Program, how: signal.Signals
) -> None:
    program.start()
    assert re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", program.said())
    assert program.get("/set-up") == 200

    program.end(how)

    assert nobody_left(program)


def test_a_second_start_on_the_same_data_refuses_in_one_line_and_disturbs_nobody(program: Program) -> None:
    program.start()
    second = Program(program.data)

    said = second.refused()

    assert said.count("\n") == 1
    assert "already runs on" in said
    assert program.get("/sign-in") == 200


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


def test_it_listens_on_this_machine_alone_and_postgresql_on_no_port(program: Program) -> None:
    program.start()

    heard = {
        connection.laddr
        for process in program.family()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }

    assert {(address.ip, address.port) for address in heard} == {("127.0.0.1", program.port)}


def test_an_outside_postgresql_that_does_not_answer_is_named(program: Program) -> None:
    said = program.refused(RAPPORT_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert "RAPPORT_DATABASE_URL does not answer" in said
    assert said.count("\n") == 1


def test_wrong_settings_are_one_line(program: Program) -> None:
    said = program.refused(RAPPORT_ZONE="Mars/Olympus", DEMO="perhaps")

    assert said.count("\n") == 1
    assert "RAPPORT_ZONE" in said
    assert "DEMO" in said
