"""A wire that can be cut: a TCP port on loopback in front of a PostgreSQL socket."""

import socket
import threading
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Wire:
    """Forwards every connection to the server's socket, until it is cut; `mend` uses the same port again."""

    def __init__(self, conninfo: str) -> None:
        parts = conninfo_to_dict(conninfo)
        self._target = str(Path(str(parts["host"])) / ".s.PGSQL.5432")
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]
        self.conninfo = make_conninfo("", **{**parts, "host": "127.0.0.1", "port": self.port})

    def cut(self) -> None:
        """End all connections and refuse new ones."""
        _hang_up(self._listener)  # closing alone would let the accept that is waiting take one more
        with self._lock:
            for pair in self._pairs:
                for end in pair:
                    _hang_up(end)
            self._pairs.clear()

    def mend(self) -> None:
        """Let connections through again."""
        self._listener = self._listen(self.port)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._target)
                with self._lock:
                    if listener.fileno() < 0:  # cut in this very moment
                        _hang_up(near)
                        return
                    self._pairs.append((near, far))
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _hang_up(sink)


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
