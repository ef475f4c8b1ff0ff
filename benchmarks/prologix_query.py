"""Host time of one 1260 query over a Prologix adapter, ours against pyvisa-py's own, in one run.

    python -m benchmarks.prologix_query [socket://HOST:PORT] [--address 4] [--queries 500]

Without an address a served simulation is started at its highest speed, so that the instrument's own time (about
1 ms a character) takes next to nothing of the host's. What the server itself needs is measured with a bare socket
that sends the question and `++read eoi`, and is taken off.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from solbench.drivers.clock import SystemClock
from solbench.drivers.links.link import Link, LinkSettings
from solbench.drivers.links.prologix import PrologixAdapter

QUERY = "?FR"
BUDGET_MS = 0.3
SERVER = [sys.executable, "-m", "solbench.cli.main", "simulate", "--listen", "127.0.0.1:0", "--speed", "3600"]
# Lines end with EOI as they do on a 1260 that was set so: otherwise an adapter waits for more until its own time is up.
BENCH = """
name: simulated bench
kind: simulated
positive_terminal: we_re2
simulation: {unit: ideal}
"""


def times_s(query: Callable[[], object], queries: int) -> list[float]:
    query()
    taken = []
    for _ in range(queries):
        started_s = perf_counter()
        query()
        taken.append(perf_counter() - started_s)
    return taken


def bare(address: str, gpib: int, queries: int) -> list[float]:
    host, port = address.removeprefix("socket://").split(":")
    with socket.create_connection((host, int(port))) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.sendall(b"++mode 1\n++auto 0\n++eos 3\n++eoi 1\n++addr %d\n" % gpib)

        def query() -> None:
            connected.sendall(f"{QUERY}\n++read eoi\n".encode())
            while not connected.recv(4096).endswith(b"\n"):
                pass

        return times_s(query, queries)


def ours(address: str, gpib: int, queries: int) -> list[float]:
    adapter = PrologixAdapter(address)
    try:
        link = Link(adapter.instrument(gpib), SystemClock(), "1260", LinkSettings(status_mask=16))
        return times_s(lambda: link.query(QUERY), queries)
    finally:
        adapter.close()


def pyvisa_py(address: str, gpib: int, queries: int) -> list[float]:
    import pyvisa
    from pyvisa.resources import MessageBasedResource

    host, port = address.removeprefix("socket://").split(":")
    manager = pyvisa.ResourceManager("@py")
    try:
        interface = manager.open_resource(f"PRLGX-TCPIP0::{host}::{port}::INTFC")
        interface.timeout = 2000
        instrument = manager.open_resource(f"GPIB0::{gpib}::INSTR")
        assert isinstance(instrument, MessageBasedResource)
        return times_s(lambda: instrument.query(QUERY), queries)
    finally:
        manager.close()


@contextmanager
def server() -> Iterator[str]:
    """Start a served simulation; yields the address of its adapter."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [*SERVER, "--bench", _bench(Path(folder))],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["adapter"]
        finally:
            process.terminate()


def _bench(folder: Path) -> str:
    file = folder / "bench.yaml"
    file.write_text(BENCH)
    return str(file)


def report(address: str, gpib: int, queries: int) -> bool:
    """Measure both and print a line each; return whether ours is within its budget."""
    bare_ms = 1e3 * median(bare(address, gpib, queries))
    print(f"bare       median {bare_ms:7.3f} ms")
    taken = sorted(ours(address, gpib, queries))
    ours_ms = 1e3 * median(taken)
    print(f"ours       median {ours_ms:7.3f} ms   p99 {1e3 * taken[int(0.99 * len(taken))]:7.3f} ms")
    try:
        theirs_ms = 1e3 * median(pyvisa_py(address, gpib, min(queries, 50)))
        print(f"pyvisa-py  median {theirs_ms:7.3f} ms")
    except Exception as error:  # noqa: BLE001 - a comparison that cannot be made is no failure of ours
        print(f"pyvisa-py  could not be measured: {error}")
    print(f"ours beyond the bare socket: {ours_ms - bare_ms:.3f} ms (budget {BUDGET_MS} ms)")
    return ours_ms - bare_ms <= BUDGET_MS


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("adapter", nargs="?")
    parser.add_argument("--address", type=int, default=4)
    parser.add_argument("--queries", type=int, default=500)
    arguments = parser.parse_args()
    if arguments.adapter:
        return 0 if report(arguments.adapter, arguments.address, arguments.queries) else 1
    with server() as adapter:
        return 0 if report(adapter, arguments.address, arguments.queries) else 1


if __name__ == "__main__":
    raise SystemExit(main())
