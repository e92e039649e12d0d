"""
Make the secrets of an installation of several processes: one file each in a 0700 folder, never overwritten.

    python -m deploy.secrets FOLDER [--server HOST:PORT]

docker-compose.yml mounts them under /run/secrets; each process is given only its own.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import click

from shared.database.roles import database_name
from shared.process import role_password
from shared.security.tokens import key_from_seed, public_part

SERVICES = ("intake", "scheduling", "feedback")
ISSUERS = ("portal", "checkin", "operator")


def make_secrets(folder: Path, server: str, *, admin: str = "postgres") -> list[str]:
    """
    Write what is missing; returns the names of the files written.

    Args:
        folder: Made with mode 0700 if absent.
        server: What follows the `@` of a PostgreSQL URL: "host:port/{database}?...", where
            {database} stands for the database's name.
        admin: The role that may create databases and roles.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: list[str] = []

    def keep(name: str, text: str) -> str:
        path = folder / name
        if not path.exists():
            # Containers read them as another user; the folder lets nobody else in.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
            written.append(name)
        return path.read_text()

    admin_password = keep("postgres_password", _random())
    seed = keep("db_password_seed", _random())
    keep("admin_url", _url(server, admin, admin_password, "postgres"))
    for name in (*SERVICES, "portal"):
        keep(f"{name}_master_key", _random())
        keep(f"{name}_checkpoint_key", _random())
        for role in ("app", "relay", "sealer"):
            user = f"{role}_{name}"
            keep(f"{name}_{role}_url", _url(server, user, role_password(seed, user), database_name(name)))
    seeds = {issuer: keep(f"{issuer}_token_seed", _random()) for issuer in ISSUERS}
    keep("token_keys.json", json.dumps(_public_keys(seeds)))
    return written


def _random() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _url(server: str, user: str, password: str, database: str) -> str:
    return f"postgresql://{user}:{password}@{server.format(database=database)}"


def _public_keys(seeds: Mapping[str, str]) -> dict[str, object]:
    keys = {issuer: key_from_seed(base64.urlsafe_b64decode(seed)) for issuer, seed in seeds.items()}
    return {issuer: public_part(key).as_dict() for issuer, key in keys.items()}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--server", default="postgres:5432", show_default=True, help="Host and port of PostgreSQL.")
def main(folder: Path, server: str) -> None:
    """Make the secrets that docker-compose.yml asks for, in FOLDER."""
    written = make_secrets(folder, server + "/{database}")
    if written:
        click.echo(f"Wrote {len(written)} secrets to {folder}. Keep a copy of the master keys apart from the data.")


if __name__ == "__main__":
    main()
