"""The sealer of the audit trail beside a measurement, in a process of its own as a worker has it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.ground import Ground
from shared.clock import utc_now
from shared.database.provision import ServiceUrls
from shared.metrics_pipeline import PipelineMetrics
from shared.security.audit.checkpoints import Checkpoints
from shared.security.audit.sealer import Sealer


@contextmanager
def sealing(urls: ServiceUrls, ground: Ground) -> Iterator[None]:
    """Entries are chained inside the block, once a second, and checkpoints signed."""
    folder = ground.folder / "checkpoints"
    process = subprocess.Popen([sys.executable, "-m", "bench.sealing", urls.sealer, str(folder)])
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    checkpoints = Checkpoints(Path(sys.argv[2]), "scheduling", b"bench".ljust(32, b"."))
    Sealer("scheduling", sys.argv[1], checkpoints, PipelineMetrics(), utc_now).run(threading.Event())
