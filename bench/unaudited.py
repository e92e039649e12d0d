"""The scheduling service's web process with its audit trail cut out: what recording a read costs is the difference."""

import sys

from services.scheduling.app import SERVICE
from shared.main import main
from shared.security import audit


def _record_nothing(*_args: object, **_named: object) -> None:
    """In place of `shared.security.audit.record`."""


audit.record = _record_nothing

if __name__ == "__main__":
    sys.exit(main(SERVICE, sys.argv[1:]))
