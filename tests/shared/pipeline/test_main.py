"""Starting and ending the processes of a service: what is missing is said in one line, SIGTERM ends in good order."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from embedded.postgres import EmbeddedPostgres
from shared.cli import main as rapport
from shared.clock import utc_now
from shared.main import main
from shared.process import SETTINGS, ServiceConfig, read_token_keys, role_password
from shared.security.tokens import TokenRefused, Verifier, key_from_seed
from shared.settings import ConfigurationError
from tests.faults.counting import COUNTING
from tests.shared.pipeline.house import MARA, House
from tests.shared.pipeline.test_worker import _until as until

SEED = "a seed of more than thirty-two characters"
KEY = base64.b64encode(bytes(range(32))).decode()
RUN = """
import sys
from shared.main import main
from tests.faults.counting import COUNTING
sys.exit(main(COUNTING, sys.argv[1:]))
"""


def test_every_missing_setting_is_named_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(COUNTING, ["worker"], {}) == 78

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    for name in ("RAPPORT_APP_URL", "RAPPORT_RELAY_URL", "RAPPORT_SEALER_URL", "RAPPORT_MASTER_KEY"):
        assert name in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RAPPORT_MASTER_KEY", "c2hvcnQ="),
        ("RAPPORT_MASTER_KEY", "not base64 at all"),
        ("RAPPORT_TOKEN_KEYS", "[]"),
        ("RAPPORT_TOKEN_KEYS", '{"portal": "c2hvcnQ="}'),
        ("RAPPORT_TOKEN_KEYS", '{"portal": {"kty": "oct", "k": "secret-secret"}}'),
        ("RAPPORT_PORT", "65536"),
        ("RAPPORT_WORKERS", "0"),
    ],
)
def test_a_wrong_setting_is_named_and_a_secret_is_not_repeated(name: str, value: str) -> None:
    env = {
        "RAPPORT_APP_URL": "postgresql://app@h/d",
        "RAPPORT_MASTER_KEY": KEY,
        "RAPPORT_TOKEN_KEYS": json.dumps({"portal": KEY}),
    }

    with pytest.raises(ConfigurationError, match=name) as refused:
        ServiceConfig.from_env({**env, name: value}, "web")

    assert "secret-secret" not in str(refused.value)
    assert not (name == "RAPPORT_MASTER_KEY" and value in str(refused.value))


def test_the_help_of_each_process_teaches_its_settings(capsys: pytest.CaptureFixture[str]) -> None:
    for process, settings in SETTINGS.items():
        with pytest.raises(SystemExit) as ended:
            main(COUNTING, [process, "--help"], {})
        told = capsys.readouterr().out
        assert ended.value.code == 0
        assert all(setting.name in told and setting.help in told for setting in settings)


def test_a_database_that_is_away_is_told_with_code_69(capsys: pytest.CaptureFixture[str]) -> None:
    env = _worker_env({f"RAPPORT_{role}_URL": "postgresql://x@127.0.0.1:1/none" for role in ("APP", "RELAY", "SEALER")})

    assert main(COUNTING, ["worker"], env) == 69
    assert "does not answer" in capsys.readouterr().err


def test_migrate_prepares_everything_and_the_worker_runs_until_sigterm(
    house: House, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    env = {"RAPPORT_ADMIN_URL": postgres.url(), "RAPPORT_DB_PASSWORD_SEED": SEED}
    try:
        assert main(COUNTING, ["migrate"], env) == 0
        assert main(COUNTING, ["migrate"], env) == 0  # safe to repeat
        made = CliRunner().invoke(rapport, ["urls", "counting"], env=env).output
        urls = dict(line.split("=", 1) for line in made.splitlines())
        worker = _start("worker", _worker_env(urls, tmp_path), port := _free_port())
        try:
            assert until(lambda: _answers(port), 20)
            _count_as(house, urls["RAPPORT_APP_URL"])
            assert until(
                lambda: house.log.end_offsets("rapport.counting") != house.log.start_offsets("rapport.counting")
            )
            ready = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).read())
            assert {check["state"] for check in ready["checks"]} == {"ok"}
        finally:
            worker.send_signal(signal.SIGTERM)
            said = worker.communicate(timeout=25)[1]
        assert worker.returncode == 0, said
    finally:
        _restore_passwords(postgres)


def test_web_refuses_to_start_on_a_strange_database_and_serves_until_sigterm_on_its_own(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = {
        "RAPPORT_APP_URL": house.counting_urls.log,  # a database, but not this service's
        "RAPPORT_MASTER_KEY": KEY,
        "RAPPORT_TOKEN_KEYS": json.dumps({"portal": KEY}),
        "RAPPORT_HOST": "127.0.0.1",
        "RAPPORT_PORT": str(outer := _free_port()),
        "RAPPORT_WORKERS": "1",
        "RAPPORT_METRICS_DIR": str(tmp_path),
    }
    assert main(COUNTING, ["web"], env) == 69
    assert "is RAPPORT_APP_URL this service's?" in capsys.readouterr().err

    env |= {"RAPPORT_APP_URL": house.counting_urls.app}
    assert main(COUNTING, ["web"], env | {"RAPPORT_HOST": "0.0.0.0"}) == 78
    refused = capsys.readouterr().err
    assert "the API would be reachable on 0.0.0.0" in refused
    assert "may lose what it confirmed" in refused  # this test's server is fast and forgetful

    web = _start("web", env, inner := _free_port())
    try:
        assert until(lambda: _answers(inner, "/readyz"), 20)
        assert not _answers(outer, "/readyz"), "health is for the inside alone"
        assert _answers(outer, "/v1/openapi.json")
    finally:
        web.send_signal(signal.SIGTERM)
        said = web.communicate(timeout=25)[1]
    assert web.returncode == 0, said


def test_a_token_made_by_an_operator_opens_the_service_it_is_for_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "operator.key"
    made = CliRunner().invoke(rapport, ["key", str(file)])
    again = CliRunner().invoke(rapport, ["key", str(file)])
    token = (
        CliRunner()
        .invoke(rapport, ["token", "--key-file", str(file), "--service", "intake", "--purpose", "smoke test"])
        .output.strip()
    )

    keys, allowed = read_token_keys(made.output), {"operator": frozenset({"operator"})}
    scope = Verifier(keys, "intake", allowed).verify(token, utc_now())

    assert (scope.roles, scope.purpose, scope.source) == (frozenset({"operator"}), "smoke test", "operator")
    assert again.exit_code == 1, "a key is never overwritten"
    assert file.stat().st_mode & 0o777 == 0o400
    with pytest.raises(TokenRefused):
        Verifier(keys, "feedback", allowed).verify(token, utc_now())


def test_token_keys_are_read_as_jwk_base64_or_list() -> None:
    public = key_from_seed(bytes(32)).as_dict(private=False)
    raw = base64.b64encode(base64.urlsafe_b64decode(str(public["x"]) + "=")).decode()

    keys = read_token_keys(json.dumps({"portal": public, "checkin": raw, "operator": [raw, public]}))

    assert len({key.thumbprint() for key in (keys["portal"], keys["checkin"], *keys["operator"])}) == 1  # type: ignore[misc]


def test_passwords_differ_by_role_and_follow_from_the_seed() -> None:
    assert role_password(SEED, "app_intake") == role_password(SEED, "app_intake")
    assert (
        len({role_password(seed, role) for seed in (SEED, SEED + "2") for role in ("app_intake", "relay_intake")}) == 4
    )


def _worker_env(urls: Mapping[str, str], checkpoints: Path = Path("unused")) -> dict[str, str]:
    more = {"RAPPORT_CHECKPOINTS": str(checkpoints), "RAPPORT_CHECKPOINT_KEY": KEY}
    return {**urls, **more, "RAPPORT_MASTER_KEY": KEY}


def _start(process: str, env: Mapping[str, str], port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, process],
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, "RAPPORT_ACCEPT": "not-durable", **env, "RAPPORT_HEALTH_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _count_as(house: House, app_url: str) -> None:
    from shared.database import Database
    from tests.faults.counting import count_and_tell

    database = Database(app_url, name="counting").open()
    database.run(lambda tx: count_and_tell(tx, MARA, now=utc_now()))
    database.close()


def _answers(port: int, path: str = "/livez") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _restore_passwords(postgres: EmbeddedPostgres) -> None:
    from shared.database.provision import provision
    from shared.eventlog.postgres import LogUser, migrate_log
    from tests.databases import test_password

    provision(postgres.url(), "counting", "tests.faults.counting.migrations", test_password)
    migrate_log(
        postgres.url(),
        [LogUser(role, topics="%", groups="%") for role in ("relay_counting", "relay_mirror")],
        test_password,
    )
