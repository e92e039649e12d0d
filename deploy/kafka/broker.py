"""
Start and stop a real Apache Kafka of one or three nodes on this machine.

    python deploy/kafka/broker.py run [--port 9092] [--data DIR] [--nodes 3]

runs in the foreground until SIGTERM or Ctrl-C. `start` does the same in the background
and prints the address and the process to end. Listens on loopback only, without passwords.
"""

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

if __package__ in (None, ""):  # run as a file: the packages lie two folders up
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from deploy.kafka.jars import HERE, BrokerFailed, java, libraries

__all__ = ["Broker", "BrokerFailed", "free_ports", "main", "temporary_broker"]

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_MEMORY = ("-Xmx384m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
_HOST = "127.0.0.1"


class Node:
    """One node: a folder, two ports, a process."""

    def __init__(self, number: int, folder: Path, port: int, controller_port: int) -> None:
        self.number = number
        self.folder = folder
        self.port = port
        self.controller_port = controller_port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self.running() and self._process else None

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def configure(self, cluster_id: str, voters: str, nodes: int) -> None:
        """Write the settings and format the data folder if it is new."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [
            (HERE / "server.properties").read_text(),
            f"node.id={self.number}",
            f"controller.quorum.voters={voters}",
            f"listeners=PLAINTEXT://{_HOST}:{self.port},CONTROLLER://{_HOST}:{self.controller_port}",
            f"advertised.listeners=PLAINTEXT://{_HOST}:{self.port}",
            f"log.dirs={self.folder / 'data'}",
        ]
        if nodes > 1:
            lines += [f"{name}.replication.factor=3" for name in ("offsets.topic", "transaction.state.log")]
            lines += ["transaction.state.log.min.isr=2", "default.replication.factor=3", "min.insync.replicas=2"]
        self._settings.write_text("\n".join(lines) + "\n")
        if not (self.folder / "data" / "meta.properties").exists():
            self._format(cluster_id)

    def start(self) -> None:
        """Start the process; it ends with ours."""
        command = self._java("kafka.Kafka", str(self._settings))
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def end(self, how: signal.Signals) -> None:
        """Send the signal; `wait` for the end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)

    def wait(self, seconds: float) -> None:
        """Wait for the end of the process; kill it after `seconds`."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def last_words(self) -> str:
        """The last error in the node's log."""
        try:
            lines = (self.folder / "broker.log").read_text(errors="replace").splitlines()
        except OSError:
            return "no log"
        said = [line for line in lines if " ERROR " in line or " FATAL " in line or "Exception" in line]
        return (said or lines or ["it said nothing"])[-1][:300]

    @property
    def _settings(self) -> Path:
        return self.folder / "server.properties"

    def _format(self, cluster_id: str) -> None:
        command = self._java(
            "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(self._settings), "--ignore-formatted"
        )
        made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - as above
        if made.returncode != 0:
            lines = (made.stdout + made.stderr).strip().splitlines()
            raise BrokerFailed(f"Kafka could not format {self.folder}: {lines[-1] if lines else 'no message'}")

    def _java(self, main: str, *arguments: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
        return [java(), *_MEMORY, logging, "-cp", f"{libraries()}/*", main, *arguments]


class Broker:
    """
    A Kafka of one or three nodes; the first node listens on `port`, a free one if None.

    Args:
        data_dir: Where the nodes keep their data; made if absent, kept on `stop`.
        port: For clients of the first node; it stays the same over restarts of this object.
        nodes: 1, or 3 with three replicas of everything.
    """

    def __init__(self, data_dir: Path, port: int | None = None, *, nodes: int = 1) -> None:
        if nodes not in (1, 3):
            raise BrokerFailed("a Kafka of this kind has 1 or 3 nodes")
        self.data_dir = Path(data_dir)
        ports = free_ports(2 * nodes)
        if port is not None:
            ports[0] = port
        self.nodes = [
            Node(n + 1, self.data_dir / f"node-{n + 1}", ports[2 * n], ports[2 * n + 1]) for n in range(nodes)
        ]
        cluster_id = urlsafe_b64encode(uuid.uuid5(uuid.NAMESPACE_URL, str(self.data_dir)).bytes)[:22].decode()
        self._cluster_id = "A" + cluster_id[1:]  # one that begins with "-" would be read as an option

    @property
    def bootstrap(self) -> str:
        """Where clients begin, as host:port,host:port."""
        return ",".join(f"{_HOST}:{node.port}" for node in self.nodes)

    @property
    def url(self) -> str:
        """The same as the URL of an event log."""
        return f"kafka://{self.bootstrap}"

    def start(self) -> None:
        """
        Start all nodes that do not run; returns when the cluster takes topics and answers.

        Raises:
            BrokerFailed: Java or Maven is missing, or it did not come up.
        """
        libraries()
        voters = ",".join(f"{node.number}@{_HOST}:{node.controller_port}" for node in self.nodes)
        for node in self.nodes:
            if not node.running():
                node.configure(self._cluster_id, voters, len(self.nodes))
        for node in self.nodes:
            if not node.running():
                node.start()
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all nodes in good order; safe to call twice."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill all nodes as a power cut would."""
        self._end(signal.SIGKILL)

    def kill_node(self, number: int) -> None:
        """Kill one node, 1 to 3, of a cluster."""
        node = self.nodes[number - 1]
        node.end(signal.SIGKILL)
        node.wait(_STOP_SECONDS)

    def running(self) -> bool:
        return all(node.running() for node in self.nodes)

    def _end(self, how: signal.Signals) -> None:
        for node in self.nodes:
            node.end(how)
        for node in self.nodes:
            node.wait(_STOP_SECONDS)

    def _wait_until_it_answers(self) -> None:
        """Ask as a client would, for its log says 'started' before it takes a request."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            for node in self.nodes:
                if not node.running():
                    raise BrokerFailed(f"Kafka's node {node.number} ended at once: {node.last_words()}")
            if all(_listens(node.port) for node in self.nodes) and _answers(self.bootstrap, len(self.nodes)):
                return
            time.sleep(0.05)
        raise BrokerFailed(f"Kafka did not answer within {_START_SECONDS:.0f} s: {self.nodes[0].last_words()}")


@contextlib.contextmanager
def temporary_broker(nodes: int = 1) -> Iterator[Broker]:
    """A broker with a folder of its own, gone with all its data at the end."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-kafka-"))
    broker = Broker(folder, nodes=nodes)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str] | None = None) -> int:
    """Run or start a broker from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="broker.py", description="A real Apache Kafka without Docker, on loopback.")
    parser.add_argument("command", choices=("run", "start"), help="run: until SIGTERM; start: in the background")
    parser.add_argument("--port", type=int, default=9092, help="for clients of the first node (9092)")
    parser.add_argument(
        "--data", type=Path, help="where data is kept; without it, in a folder that goes with the broker"
    )
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--until", type=int, metavar="PID", help="end when this process has ended")
    asked = parser.parse_args(arguments)
    try:
        return _start(asked) if asked.command == "start" else _run(asked)
    except BrokerFailed as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's answer
        return 1


def _run(asked: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _setter(stop))
    if _listens(asked.port):
        raise BrokerFailed(f"port {asked.port} is taken: another broker runs, or give --port")
    folder = asked.data or Path(tempfile.mkdtemp(prefix="rapport-kafka-"))
    broker = Broker(folder, asked.port, nodes=asked.nodes)
    try:
        broker.start()
        print(f"Kafka answers on {broker.bootstrap}", flush=True)  # noqa: T201 - a command's answer
        while not stop.wait(0.5) and (asked.until is None or _lives(asked.until)):
            if not broker.running():
                raise BrokerFailed(f"Kafka ended by itself: {broker.nodes[0].last_words()}")
    finally:
        broker.stop()
        if asked.data is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _start(asked: argparse.Namespace) -> int:
    """Run this file again in the background and wait for its first line."""
    command = [sys.executable, str(Path(__file__).resolve()), "run", "--port", str(asked.port)]
    command += ["--nodes", str(asked.nodes)]
    command += ["--data", str(asked.data)] if asked.data else []
    command += ["--until", str(asked.until)] if asked.until else []
    child = subprocess.Popen(  # noqa: S603 - this very file
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True
    )
    assert child.stdout is not None
    assert child.stderr is not None
    answer = child.stdout.readline().decode().strip()
    if not answer:
        raise BrokerFailed(child.stderr.read().decode().strip() or "Kafka did not start")
    print(f"{answer}; stop it with: kill {child.pid}")  # noqa: T201 - a command's answer
    return 0


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _setter(stop: threading.Event) -> Callable[[int, FrameType | None], None]:
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    return on_signal


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now; held together while choosing, so that they differ."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((_HOST, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((_HOST, port)) == 0


def _answers(bootstrap: str, nodes: int) -> bool:
    """Tell whether all nodes are in the cluster and it takes a topic, a record and a reader."""
    from shared.eventlog.connect import open_log  # noqa: PLC0415 - not needed to explain that Java is missing
    from shared.eventlog.interface import LogError, NewRecord  # noqa: PLC0415

    log = open_log(f"kafka://{bootstrap}", name="rapport-readiness")
    topic = "readiness"  # no service's topic: who reads those should not meet it
    try:
        log.create_topic(topic, partitions=nodes)
        log.append(topic, [NewRecord(b"ready", os.urandom(8))])
        reader = log.reader([topic])
        try:
            return bool(reader.poll(5.0))
        finally:
            reader.close()
    except LogError:
        return False
    finally:
        log.close()


if __name__ == "__main__":
    sys.exit(main())
