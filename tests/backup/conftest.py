"""One clinic, backed up once, for all tests of a process; and once brought back."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from embedded.backups import read_identities
from embedded.house import House
from embedded.keys import make_recovery_key
from embedded.postgres import EmbeddedPostgres
from embedded.restoring import Restored, restore_into_folder
from shared.backup.plan import NEWEST_KEY, RECIPIENT, RECOVERY_KEY, BackupPlan
from shared.backup.taking import Taken, take
from shared.clock import utc_now
from shared.database.provision import backup_url
from shared.database.roles import with_database
from shared.security.audit.checkpoints import Checkpoints
from tests.cast import ANA
from tests.clinic import TEST_KEYS, Clinic, SetClock
from tests.conftest import FAST_NOT_DURABLE, opened
from tests.leaks import canaries


@dataclass
class BackedUp:
    """A clinic with a client whose names stand nowhere else, its key folder, and a backup of it."""

    clinic: Clinic
    server: EmbeddedPostgres
    plan: BackupPlan
    taken: Taken
    signed: dict[str, int]  # trail -> how many of its entries were signed when the backup was made

    @property
    def keys(self) -> Path:
        assert self.plan.keys is not None
        return self.plan.keys

    @property
    def recovery_key(self) -> list[str]:
        return read_identities([self.keys / RECOVERY_KEY])

    @property
    def newest_key(self) -> list[str]:
        return read_identities([self.keys / NEWEST_KEY])


@pytest.fixture(scope="session")
def backed_up(
    installation: tuple[House, SetClock, list[str]],
    clinic_server: EmbeddedPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[BackedUp]:
    """Taken from the clinic of this process; other tests may empty that one afterwards."""
    place = tmp_path_factory.mktemp("backed-up")
    keys = place / "clinic.keys"
    keys.mkdir(mode=0o700)
    (keys / "master.key").write_text(TEST_KEYS.master.hex())
    (keys / "master.key").chmod(0o400)
    make_recovery_key(keys)
    plan = BackupPlan(
        server=backup_url(clinic_server.url(), TEST_KEYS.password),
        recipient=(keys / RECIPIENT).read_text().strip(),
        seed=TEST_KEYS.secret("backup"),
        folder=place / "clinic.backups",
        keys=keys,
        apart_from=(place / "clinic", keys),
    )
    with opened(installation) as clinic:
        client = clinic.client_of(person=canaries.PERSON)
        clinic.hold(clinic.book(client, ANA))
        clinic.settle()
        signed = {
            name: sign_trail(clinic_server, name, keys) for name in ("intake", "scheduling", "feedback", "portal")
        }
        taken = take(plan, utc_now())
        yield BackedUp(clinic, clinic_server, plan, taken, signed)


def sign_trail(server: EmbeddedPostgres, name: str, keys: Path) -> int:
    """A checkpoint of a trail as it is now, as its sealer would have signed it; gives its length."""
    with psycopg.connect(with_database(server.url(), f"rapport_{name}")) as connection:
        [(no, head)] = connection.execute("SELECT no, hash FROM audit_head").fetchall()
    Checkpoints(keys / "audit", name, TEST_KEYS.secret(f"audit|{name}")).write(no, head, utc_now())
    return int(no)


@dataclass
class BroughtBack:
    """A data folder made from the backup, and what was said while it was made."""

    folder: Path
    restored: Restored
    said: list[str]


@pytest.fixture(scope="session")
def brought_back(backed_up: BackedUp, tmp_path_factory: pytest.TempPathFactory) -> BroughtBack:
    folder = tmp_path_factory.mktemp("back") / "clinic"
    said: list[str] = []
    restored = restore_into_folder(
        backed_up.taken.file,
        folder,
        TEST_KEYS,
        backed_up.recovery_key,
        checkpoints=backed_up.keys / "audit",
        say=said.append,
    )
    return BroughtBack(folder, restored, said)


@pytest.fixture(scope="session")
def there(brought_back: BroughtBack) -> Iterator[EmbeddedPostgres]:
    """The server of the clinic that came back, started as any start does."""
    server = EmbeddedPostgres(brought_back.folder / "postgres", TEST_KEYS.password("admin"), settings=FAST_NOT_DURABLE)
    server.start()
    yield server
    server.stop()
