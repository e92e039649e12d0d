"""
Make the secrets of an installation of several processes: one file each in a 0700 folder, never overwritten.

    python -m deploy.secrets FOLDER [--server HOST:PORT] [--from KEYS]

docker-compose.yml mounts them under /run/secrets; each process is given only its own.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import click

from embedded.keys import Keys, KeysRefused, load_keys
from shared.backup.archive import new_identity
from shared.backup.plan import RECIPIENT, RECOVERY_KEY
from shared.database.roles import BACKUP_ROLE, database_name
from shared.process import role_password
from shared.security.tokens import key_from_seed, public_part

SERVICES = ("intake", "scheduling", "feedback")
ISSUERS = ("portal", "checkin", "operator")


def make_secrets(folder: Path, server: str, *, admin: str = "postgres", keys: Keys | None = None) -> list[str]:
    """
    Write what is missing; returns the names of the files written.

    Args:
        folder: Made with mode 0700 if absent.
        server: What follows the `@` of a PostgreSQL URL: "host:port/{database}?...", where
            {database} stands for the database's name.
        admin: The role that may create databases and roles.
        keys: Of a clinic in one process that moves here: what sealed and signed there opens and proves here.
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

    def own(label: str) -> str:
        """A secret of its own, or the one that the clinic has had under this label."""
        return base64.urlsafe_b64encode(keys.secret(label)).decode() if keys else _random()

    admin_password = keep("postgres_password", _random())
    seed = keep("db_password_seed", _random())
    keep("admin_url", _url(server, admin, admin_password, "postgres"))
    for name in (*SERVICES, "portal"):
        keep(f"{name}_master_key", own(f"vault|{name}"))
        keep(f"{name}_checkpoint_key", own(f"audit|{name}"))
        for role in ("app", "relay", "sealer"):
            user = f"{role}_{name}"
            keep(f"{name}_{role}_url", _url(server, user, role_password(seed, user), database_name(name)))
    keep("backup_seed", own("backup"))
    keep("backup_url", _url(server, BACKUP_ROLE, role_password(seed, BACKUP_ROLE), "postgres"))
    if not (folder / RECIPIENT).exists():
        recovery_key, recipient = new_identity()
        keep(RECOVERY_KEY, recovery_key)
        keep(RECIPIENT, recipient)
    seeds = {issuer: keep(f"{issuer}_token_seed", own(f"token|{issuer}")) for issuer in ISSUERS}
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
@click.option(
    "--from",
    "keys",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The key folder of a clinic in one process that moves here.",
)
def main(folder: Path, server: str, keys: Path | None) -> None:
    """Make the secrets that docker-compose.yml asks for, in FOLDER."""
    try:
        written = make_secrets(folder, server + "/{database}", keys=load_keys(keys) if keys else None)
    except KeysRefused as error:
        raise click.ClickException(str(error)) from error
    if written:
        click.echo(f"Wrote {len(written)} secrets to {folder}. Keep a copy of the master keys apart from the data.")


if __name__ == "__main__":
    main()
