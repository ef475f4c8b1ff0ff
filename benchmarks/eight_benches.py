"""Eight benches, a broker and a catalogue that are restarted: python -m benchmarks.eight_benches [benches]

Eight served simulations, a run on each; the board of docs/board.md with a real broker, which is killed and begun anew,
and the finished runs sent to a real Tiled. At random moments of the sending either that server or the program that
sends is killed, and all is sent again. A program that runs is killed with its guardian. Told are how long the board
took until all was right again, how long until that cell was unknown, and what is in the catalogue. Exit code 1 where
the board took longer than 5 s, the cell 10 s, or a finished run is not there once, whole, with the samples of its file.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.environments import python_with
from benchmarks.four_benches import begun, end, family
from tests.end_to_end.served import served_bench

import solbench
from solbench.acquisition.record.columns import SAMPLE_COLUMNS
from solbench.acquisition.record.reader import Run, open_run
from solbench.cli.board.mqtt import Broker, listen

COUNT, SPEED, SECONDS = 8, 10.0, 900.0
RIGHT_S, UNKNOWN_S, PATIENCE_S = 5.0, 10.0, 120.0
BREAKS, WITHIN_S = 8, (0.0, 8.0)  # a sending takes some 8 s
COLUMNS = [column for column in SAMPLE_COLUMNS if column.field != "seq"]
TABLES = "tables.duckdb"
SOLBENCH = [sys.executable, "-m", "solbench"]
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
LOOK = """
import json, sys
from tiled.client import from_uri
runs = from_uri(sys.argv[1], api_key="secret")
found = {}
for uid, run in runs.items():
    samples = run["samples"].read()
    told = [samples[name].to_numpy().tolist() for name in sys.argv[2:]]
    found.setdefault(uid, []).append([bool(run.metadata.get("stop")), *told])
print(json.dumps(found))
"""


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def until(is_so: Callable[[], object], what: str) -> float:
    """Wait until something is so; return how long that took, in s."""
    begun_s = time.monotonic()
    while not is_so():
        if time.monotonic() - begun_s > PATIENCE_S:
            raise SystemExit(f"{what}: not within {PATIENCE_S:g} s")
        time.sleep(0.05)
    return time.monotonic() - begun_s


def answers(port: int) -> bool:
    """Say whether a server listens at a port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


class Server:
    """A server that can be killed and begun anew."""

    def __init__(self, order: Sequence[str], port: int) -> None:
        self._order, self._port = order, port
        self.begin()

    def begin(self) -> None:
        """Begin, and wait until it answers."""
        self._process = subprocess.Popen(self._order, **QUIET)
        until(lambda: answers(self._port), self._order[0])

    def kill(self) -> None:
        """Kill it and what it has begun."""
        for one in reversed(family(self._process.pid)):
            one.kill()
        self._process.wait()


@contextmanager
def broker(folder: Path, port: int) -> Iterator[Server]:
    """Serve MQTT."""
    config = folder / "broker.yaml"
    config.write_text(
        f"listeners:\n  default:\n    type: tcp\n    bind: 127.0.0.1:{port}\n"
        "plugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n    allow_anonymous: true\n"
    )
    server = Server([str(Path(python_with("amqtt") or "").with_name("amqtt")), "-c", str(config)], port)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def catalogue(folder: Path, port: int) -> Iterator[Server]:
    """Serve Tiled, with a catalogue that outlives the server."""
    order = [
        str(Path(python_with("tiled") or "").with_name("tiled")),
        "serve",
        "catalog",
        str(folder / "catalog.db"),
    ]
    order += [
        "--write",
        str(folder / "data"),
        "--write",
        f"duckdb:///{folder / TABLES}",
        "--init",
        "--api-key",
        "secret",
        "--port",
        str(port),
    ]
    server = Server(order, port)
    try:
        yield server
    finally:
        server.kill()


def published(runs: Sequence[Path], url: str, folder: Path) -> subprocess.Popen[str]:
    """Send runs with the Python that has the client of Tiled, and Solbench's own packages besides."""
    late = folder / "late"
    late.mkdir(exist_ok=True)
    site = [path for path in sys.path if path.endswith("site-packages")]
    (late / "sitecustomize.py").write_text(f"import sys\nsys.path += {site!r}\n")
    source = str(Path(next(iter(solbench.__path__))).parent)
    there = os.environ | {"TILED_API_KEY": "secret", "PYTHONPATH": os.pathsep.join([source, str(late)])}
    order = [str(python_with("tiled")), "-m", "solbench", "publish", *map(str, runs), "--to", url, "--json"]
    return subprocess.Popen(order, env=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def samples_of(run: Run) -> list[list[float]]:
    """Return the columns of the samples of a run that are sent."""
    return [run.samples[column.field].tolist() for column in COLUMNS]


def broken_off(server: Server, send: Callable[[], subprocess.Popen[str]]) -> int:
    """Send again and again, and kill the server or who sends at a random moment; return how many sendings ended so."""
    moments, broken = random.Random(7), 0
    for k in range(BREAKS):
        sending = send()
        time.sleep(moments.uniform(*WITHIN_S))
        if k % 2:
            sending.kill()
        else:
            server.kill()
            time.sleep(1.0)
            server.begin()
        sending.communicate(timeout=600.0)
        broken += bool(sending.returncode)
    return broken


def main() -> int:
    """Go through it all, and judge."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder = Path(name)
        os.environ["SOLBENCH_STATE"] = str(folder / "state")
        mqtt, http = free_port(), free_port()
        messages = stack.enter_context(broker(folder, mqtt))
        runs_kept = stack.enter_context(catalogue(folder, http))
        heard: dict[str, dict[str, Any]] = {}
        stack.callback(listen(Broker("127.0.0.1", mqtt), heard.__setitem__, lambda _text: None))
        order = [*SOLBENCH, "board", "publish", f"127.0.0.1:{mqtt}", "--every", "1"]
        board = subprocess.Popen(order, **QUIET)
        stack.callback(board.kill)
        benches = []
        for k in range(count):
            (folder / str(k)).mkdir()
            benches.append(stack.enter_context(served_bench(folder / str(k), "--speed", f"{SPEED:g}")))
            benches[-1].environment["SOLBENCH_STATE"] = str(folder / "state")
        runs = [begun(bench, SECONDS) for bench in benches]
        stack.callback(end, [process for process, _run in runs])

        def connected() -> int:
            return sum(state["cell"] == "connected" for state in heard.values())

        first_s = until(lambda: connected() == count, "all on the board")
        print(f"{count} benches, all on the board {first_s:.1f} s after the last start", flush=True)
        messages.kill()
        heard.clear()
        time.sleep(3.0)
        messages.begin()
        right_s = until(lambda: connected() == count, "all on the board again")
        print(f"right again {right_s:.1f} s after the broker came back", flush=True)
        victim, victims_run = runs[0]
        topic = next(topic for topic, state in heard.items() if state["path"] == str(victims_run))
        for one in family(victim.pid):
            one.send_signal(signal.SIGKILL)
        unknown_s = until(lambda: heard[topic]["cell"] == "unknown", "the cell unknown")
        print(f"unknown {unknown_s:.1f} s after a program and its guardian were killed", flush=True)
        done = []
        for process, run in runs[1:]:
            process.communicate(timeout=SECONDS)
            done.append(run)
        url = f"http://127.0.0.1:{http}"
        broken = broken_off(runs_kept, lambda: published(done, url, folder))
        became = ""
        for _ in range(2):  # the second time all is there already
            again = published(done, url, folder)
            became, err = again.communicate(timeout=600.0)
            assert again.returncode == 0, err
        look = [str(python_with("tiled")), "-c", LOOK, url, *(column.dataset for column in COLUMNS)]
        told = subprocess.run(look, capture_output=True, text=True, check=True)
        there = json.loads(told.stdout.splitlines()[-1])
        meant = {opened.header.run: [[True, *samples_of(opened)]] for opened in map(open_run, done)}
        is_sent_once = set(json.loads(became)["published"].values()) == {"there already"}
    is_whole = there == meant and is_sent_once
    print(
        f"{len(there)} of {len(meant)} finished runs in the catalogue, {'each' if is_whole else 'NOT'} once and whole, "
        f"after {broken} sendings that were broken off"
    )
    return 0 if right_s <= RIGHT_S and unknown_s <= UNKNOWN_S and is_whole else 1


if __name__ == "__main__":
    raise SystemExit(main())
