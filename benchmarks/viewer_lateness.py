"""How much later readings come with viewers that misbehave: python -m benchmarks.viewer_lateness

Two runs of the same protocol at real speed on a served bench, one alone, one with a viewer that is killed, one
that is stopped, one that floods garbage and one that connects and sends nothing; prints p50, p99 and worst lateness.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from tests.end_to_end.served import ServedBench, served_bench

from solbench.acquisition.host.platform import state_folder
from solbench.acquisition.record.reader import from_journal

SECONDS = 60
PROTOCOL = f"""
name: minute
build: half
conditions: {{temperature: unknown, stack_pressure: unknown}}
record: {{every: 1 s}}
steps:
  - {{name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {{time: {SECONDS} s}}}}
"""


def lateness_ms(run: Path) -> np.ndarray:
    """Return how much later than a second after the one before each reading came, in ms."""
    samples = from_journal(run.with_suffix(".journal")).samples
    gaps = np.diff(samples["time_s"][3:-1])
    return (gaps - 1.0) * 1e3


class Pests:
    """Viewers that misbehave, until they are called off."""

    def __init__(self, bench: ServedBench) -> None:
        os.environ["SOLBENCH_STATE"] = bench.environment["SOLBENCH_STATE"]
        entry = json.loads(next((state_folder() / "runs").glob("*.json")).read_text())
        self._port, self._environment = entry["port"], bench.environment
        self._over = False
        self._attached: list[subprocess.Popen[bytes]] = []
        self._threads = [
            threading.Thread(target=work) for work in (self._flood, self._be_silent, self._attach)
        ]
        for thread in self._threads:
            thread.start()

    def call_off(self) -> None:
        """End them all."""
        self._over = True
        for thread in self._threads:
            thread.join()
        for process in self._attached:
            process.kill()
            process.wait()

    def _flood(self) -> None:
        while not self._over:
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=1.0) as pest:
                    pest.sendall(os.urandom(1 << 16))
            except OSError:
                time.sleep(0.05)

    def _be_silent(self) -> None:
        with socket.create_connection(("127.0.0.1", self._port)):
            while not self._over:
                time.sleep(0.1)

    def _attach(self) -> None:
        for number in range(6):
            if self._over:
                return
            viewer = subprocess.Popen(
                [sys.executable, "-m", "solbench", "attach", "--json"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environment,
            )
            self._attached.append(viewer)
            time.sleep(4.0)
            viewer.send_signal(signal.SIGKILL if number % 2 else signal.SIGSTOP)


def measure(folder: Path, with_pests: bool) -> np.ndarray:
    """Run once; return the lateness of its readings in ms."""
    with served_bench(folder) as bench:
        run = folder / "run.h5"
        engine = bench.start(run, PROTOCOL)
        reader = threading.Thread(target=engine.stdout.read)  # type: ignore[union-attr]
        reader.start()
        time.sleep(14.0)
        pests = Pests(bench) if with_pests else None
        time.sleep(SECONDS * 0.7)
        stopped = time.monotonic()
        bench.call("stop")
        print(f"  stop took {time.monotonic() - stopped:.2f} s", file=sys.stderr)
        if pests is not None:
            pests.call_off()
        reader.join()
        engine.wait()
        return lateness_ms(run)


def main() -> None:
    """Measure both and print them."""
    for name, with_pests in (("alone", False), ("with misbehaving viewers", True)):
        with tempfile.TemporaryDirectory() as folder:
            late = measure(Path(folder), with_pests)
        p50, p99 = np.percentile(late, [50, 99])
        print(
            f"{name:<26} {len(late)} readings, lateness p50 {p50:.2f} ms, p99 {p99:.2f} ms, worst {late.max():.2f} ms"
        )


if __name__ == "__main__":
    main()
