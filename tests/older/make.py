"""
Keep the databases of this release for the upgrade tests of all later ones.

    python -m tests.older.make VERSION

A small fictional clinic is lived through by the real services, then each database is dumped into
tests/older/VERSION/. Made once per release and never again.
"""

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

from embedded.databases import prepare_databases
from embedded.house import House
from embedded.postgres import EmbeddedPostgres, binaries, new_password
from shared.logs import configure_logs
from tests.cast import ANA, BEN, MARA, NOOR
from tests.clinic import ADDRESS, TEST_KEYS, Clinic, SetClock
from tests.conftest import FAST_NOT_DURABLE

HERE = Path(__file__).parent
DATABASES = ("intake", "scheduling", "feedback", "portal", "log")
GOOD = {"b1": 8, "g1": 8, "t1": 8, "e1": 8, "o1": 8, "r1": "no", "s1": "now"}
BAD = {"b1": 3, "g1": 3, "t1": 4, "e1": 3, "o1": 3, "r1": "yes", "r2": "not_mentioned", "s1": "now"}


def live(house: House, clock: SetClock) -> None:
    """Two clients; one course with an open rupture, one that has just begun; an hour to come."""
    clinic = Clinic(house, clock).open()
    clinic.open_forms()
    mara, noor = clinic.client_of(ANA, MARA), clinic.client_of(BEN, NOOR)
    for day, answers in zip(("11-24", "12-01", "12-08", "12-15"), (GOOD, GOOD, GOOD, BAD), strict=True):
        clinic.hold(clinic.book(mara, ANA, at=f"2026-{day}T15:00"))
        clinic.fill_in(mara, **answers)
    clinic.book(noor, BEN, at="2027-01-12T10:00")
    clinic.settle()


def main(version: str) -> None:
    """Live through it and dump."""
    configure_logs(service="rapport", process="tests", level="WARNING")
    folder = HERE / version
    folder.mkdir()
    with tempfile.TemporaryDirectory(prefix="rapport-older-") as place:
        Path(place).chmod(0o755)
        server = EmbeddedPostgres(Path(place) / "pg", new_password(), settings=FAST_NOT_DURABLE)
        server.start()
        clock = SetClock()
        urls = prepare_databases(server.url(), TEST_KEYS.password)
        house = House(urls, TEST_KEYS, clock=clock, clinic="Riverside", zone="Europe/London", address=ADDRESS)
        live(house, clock)
        house.end()
        for name in DATABASES:
            command = [str(binaries() / "pg_dump"), "--no-owner", "--no-privileges", server.url(f"rapport_{name}")]
            dump = subprocess.run(command, check=True, capture_output=True).stdout
            (folder / f"{name}.sql.gz").write_bytes(gzip.compress(dump, mtime=0))
        server.stop()


if __name__ == "__main__":
    main(sys.argv[1])
