"""A start refuses what would let somebody in or lose something, with one line each."""

from dataclasses import replace
from pathlib import Path

import pytest

from embedded.postgres import EmbeddedPostgres
from shared.start_checks import (
    ACCEPTABLE,
    CHECKS,
    Configuration,
    DatabaseFacts,
    Listens,
    Place,
    StartRefused,
    in_short,
    read_accepted,
    refusals,
    require,
    taken_on,
)
from shared.start_facts import database_facts, debug_switches, place, trusts

DATA, KEYS = Path("/srv/clinic"), Path("/srv/clinic.keys")
INTAKE = DatabaseFacts(
    "intake", settings={"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on"}
)
GOOD = Configuration(
    listens=(Listens("the staff's pages", "127.0.0.1"), Listens("health and metrics", "::1", inner=True)),
    checkin_url="http://127.0.0.1:8001",
    services=("http://localhost:8101",),
    log="kafka://127.0.0.1:9092",
    data=Place(DATA),
    key=Place(KEYS / "master.key", 0o400),
    key_folder=Place(KEYS),
    backup_target=Path("/mnt/second-disk"),
    databases=(INTAKE,),
    secrets={"RAPPORT_MASTER_KEY": bytes(range(32))},
)
OPEN = (Listens("the staff's pages", "0.0.0.0"),)


def with_database(**facts: object) -> Configuration:
    return replace(GOOD, databases=(replace(INTAKE, **facts),))  # type: ignore[arg-type]  # of the table below


def with_setting(name: str) -> Configuration:
    return with_database(settings={**INTAKE.settings, name: "off"})


REFUSED = {
    "listening everywhere without TLS": (replace(GOOD, listens=OPEN), "without TLS"),
    "listening on a clinic's network without TLS": (
        replace(GOOD, listens=(Listens("the check-in", "192.168.1.7"),)),
        "the check-in would listen on 192.168.1.7",
    ),
    "metrics for everybody": (
        replace(GOOD, listens=(Listens("health and metrics", "0.0.0.0", inner=True),)),
        "belongs on 127.0.0.1",
    ),
    "an API for everybody, even with TLS": (
        replace(GOOD, listens=(Listens("the API", "10.0.0.1", tls=True, inner=True),)),
        "belongs on 127.0.0.1",
    ),
    "cookies without TLS behind a proxy": (replace(GOOD, proxies=True, secure_cookies=False), "cookies would travel"),
    "links to nowhere": (replace(GOOD, checkin_url="https://0.0.0.0:8001"), "leads nowhere"),
    "clients answer without TLS": (replace(GOOD, checkin_url="http://forms.clinic.example"), "without TLS"),
    "a service asked without TLS": (replace(GOOD, services=("http://10.0.0.2:8000",)), "asked without TLS"),
    "Kafka without TLS": (replace(GOOD, log="kafka://127.0.0.1:9092,kafka-2:9092"), "kafkas://"),
    "a database without TLS": (with_database(host="db.example"), "would not be checked"),
    "a database whose certificate anybody may sign": (
        with_database(host="db.example", sslmode="require"),
        "verify-full",
    ),
    "a data folder that all may enter": (replace(GOOD, data=Place(DATA, 0o777)), "chmod 700 /srv/clinic"),
    "a data folder that a group may enter": (replace(GOOD, data=Place(DATA, 0o750)), "may look into"),
    "somebody else's data folder": (replace(GOOD, data=Place(DATA, mine=False)), "belongs to another user"),
    "a key that all may read": (replace(GOOD, key=Place(KEYS / "master.key", 0o444)), "others may read"),
    "a key folder that all may enter": (replace(GOOD, key_folder=Place(KEYS, 0o755)), "others may read"),
    "somebody else's key": (replace(GOOD, key=Place(KEYS / "master.key", 0o400, mine=False)), "could change it"),
    "the key inside the data": (replace(GOOD, key=Place(DATA / "keys/master.key", 0o400)), "lies inside"),
    "the backup inside the data": (replace(GOOD, backup_target=DATA / "backup"), "would be lost with it"),
    "debugging": (replace(GOOD, debug=("FLASK_DEBUG",)), "FLASK_DEBUG is set"),
    "a superuser": (with_database(superuser=True), "superuser"),
    "a database without passwords": (with_database(trusts=True), "trust"),
    "fsync off": (with_setting("fsync"), "switch on fsync"),
    "full_page_writes off": (with_setting("full_page_writes"), "full_page_writes"),
    "synchronous_commit off": (with_setting("synchronous_commit"), "synchronous_commit"),
    "no page checksums": (with_setting("data_checksums"), "pg_checksums"),
    "a clock ahead": (with_database(seconds_off=6.0), "6 s ahead of"),
    "a clock behind": (with_database(seconds_off=-3600.0), "3600 s behind"),
    "migrations behind": (with_database(pending=2), "2 migrations of intake"),
    "an empty master key": (replace(GOOD, secrets={"RAPPORT_MASTER_KEY": b""}), "RAPPORT_MASTER_KEY is empty"),
    "a master key of zeros": (replace(GOOD, secrets={"RAPPORT_MASTER_KEY": bytes(32)}), "repeated"),
    "a default secret": (replace(GOOD, secrets={"RAPPORT_TOKEN_SEED": "changeme"}), "default"),
    "a database's default password": (
        with_database(host="db.example", sslmode="verify-full", password="postgres"),
        "the password of intake's database",
    ),
    "a database without a password": (
        with_database(host="db.example", sslmode="verify-full", password=""),
        "the password of intake's database",
    ),
}


def test_the_clinic_as_it_should_be_starts_without_a_word() -> None:
    assert require(GOOD) == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_configuration_is_refused_with_one_line_that_says_what_to_do(name: str) -> None:
    config, told = REFUSED[name]

    (line,) = refusals(config)

    assert told in line
    assert "\n" not in line
    with pytest.raises(StartRefused, match=r"\S"):
        require(config)


def test_every_check_refuses_something() -> None:
    looked = {check.name for check in CHECKS for config, _ in REFUSED.values() if list(check.look(config))}

    assert looked == {check.name for check in CHECKS}


def test_all_that_is_wrong_is_told_at_once() -> None:
    config = replace(GOOD, listens=OPEN, data=Place(DATA, 0o777), debug=("FLASK_DEBUG",))

    with pytest.raises(StartRefused) as refused:
        require(config)

    assert str(refused.value).count("\n") == 2


@pytest.mark.parametrize(
    "config",
    [
        replace(GOOD, listens=(Listens("the staff's pages", "0.0.0.0", tls=True),)),
        replace(GOOD, listens=OPEN, proxies=True),
        replace(GOOD, log="kafkas://rapport:secret@kafka:9092?ca=/ca.pem"),
        with_database(host="db.example", sslmode="verify-full", password="x8Fq3"),
        with_database(trusts=None),
    ],
)
def test_with_tls_it_may_be_reached_from_elsewhere(config: Configuration) -> None:
    assert refusals(config) == []


def test_what_was_accepted_is_said_and_nothing_else_is_let_through_with_it() -> None:
    config = replace(GOOD, listens=OPEN, debug=("FLASK_DEBUG",), accepted=read_accepted("plain-network"))

    (refused,) = refusals(config)
    (said,) = taken_on(config)

    assert "FLASK_DEBUG" in refused
    assert "without TLS" in said


def test_managers_read_what_endangers_the_records() -> None:
    config = replace(
        with_setting("fsync"), listens=OPEN, accepted=read_accepted("plain-network, not-durable, key-in-data")
    )

    assert in_short(config) == ["the database may lose what it confirmed"]


def test_only_what_there_is_can_be_accepted() -> None:
    assert read_accepted(" key-in-data, not-durable ") < ACCEPTABLE
    with pytest.raises(ValueError, match="everything: only key-in-data, not-durable, plain-network"):
        read_accepted("everything")


def test_a_database_is_asked_what_it_is(postgres: EmbeddedPostgres) -> None:
    facts = database_facts(postgres.url(), "intake")

    assert (facts.superuser, facts.settings["fsync"], facts.settings["data_checksums"]) == (True, "off", "on")
    assert abs(facts.seconds_off) < 5
    assert trusts(postgres.url()) is False
    assert {"superuser" in line or "fsync" in line for line in refusals(replace(GOOD, databases=(facts,)))} == {True}


def test_the_disk_and_the_environment_are_asked(tmp_path: Path) -> None:
    tmp_path.chmod(0o770)

    assert place(tmp_path) == Place(tmp_path, 0o770, mine=True)
    assert place(tmp_path / "none") is None
    assert debug_switches({"FLASK_DEBUG": "1", "FLASK_TESTING": "0"}) == ("FLASK_DEBUG",)
