"""Four benches on one computer at real speed: python -m benchmarks.four_benches [seconds [benches]]

Each is a served simulation at speed 1, with a run of its own that reads once a second, and its guardian. Told are how
much later than a second after the one before the readings came, which were missed, and the share of a core that the
runs and their guardians take together; the simulated instruments are counted apart, for on metal they are not there.
Exit code 1 where 1 % of the readings are later than 10 ms, one was missed, or all take more than 60 % of a core.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import psutil
from benchmarks.viewer_lateness import lateness_ms
from tests.end_to_end.served import ServedBench, served_bench

LATEST_MS, SHARE = 10.0, 0.6
WARM_S = 8.0  # after the last start: until then programs are loaded
PROTOCOL = """
name: minutes
build: half
conditions: {{temperature: unknown, stack_pressure: unknown}}
record: {{every: 1 s}}
steps:
  - {{name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {{time: {seconds:g} s}}}}
"""


def begun(bench: ServedBench, seconds: float) -> tuple[subprocess.Popen[str], Path]:
    """Begin a run on a bench; return its process and its run file."""
    bench.fresh_cell()
    (bench.folder / "protocol.yaml").write_text(PROTOCOL.format(seconds=seconds))
    run = bench.folder / "run.h5"
    order = [sys.executable, "-m", "solbench", "run", str(bench.folder / "protocol.yaml"), "--cell", "nbh"]
    order += ["--bench", str(bench.bench), "-o", str(run), "--json"]
    pipe = subprocess.PIPE
    return subprocess.Popen(order, env=bench.environment, stdout=pipe, stderr=pipe, text=True), run


def family(pid: int) -> list[psutil.Process]:
    """Return a process and those that it has started."""
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def end(processes: Iterable[subprocess.Popen[str]]) -> None:
    """Kill those runs that still go on, with their guardians."""
    for process in processes:
        if process.poll() is None:
            for one in family(process.pid):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            process.communicate()


def cpu_s(processes: list[psutil.Process]) -> float:
    """Return the processor time that living processes have taken, in s."""
    return sum(sum(one.cpu_times()[:2]) for one in processes)


def main() -> int:
    """Run them all, and judge."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 120.0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folders = [Path(name, str(k)) for k in range(count)]
        for folder in folders:
            folder.mkdir()
        benches = [stack.enter_context(served_bench(folder)) for folder in folders]
        runs = [begun(bench, seconds) for bench in benches]
        stack.callback(end, [process for process, _run in runs])
        time.sleep(WARM_S)
        engines = [one for process, _run in runs for one in family(process.pid)]
        simulators = [one for bench in benches for one in family(bench.process.pid)]
        began_s, before = time.monotonic(), [cpu_s(engines), cpu_s(simulators)]
        time.sleep(0.7 * seconds - WARM_S)
        took_s = time.monotonic() - began_s
        shares = [
            (cpu_s(some) - was) / took_s for some, was in zip((engines, simulators), before, strict=True)
        ]
        late_ms, missed = [], 0
        for process, run in runs:
            out, err = process.communicate(timeout=3.0 * seconds + 60.0)
            assert process.returncode == 0, err
            missed += sum(step["missed_readings"] for step in json.loads(out)["steps"])
            late_ms.append(lateness_ms(run))
    late = np.concatenate(late_ms)
    p50, p99 = np.percentile(late, [50, 99])
    print(
        f"{count} benches, {len(late)} readings: p50 {p50:.1f} ms, p99 {p99:.1f} ms, worst {late.max():.1f} ms late; "
        f"{missed} missed; runs and guardians {100 * shares[0]:.0f} % of a core, simulators {100 * shares[1]:.0f} %"
    )
    return 0 if p99 <= LATEST_MS and not missed and shares[0] <= SHARE else 1


if __name__ == "__main__":
    raise SystemExit(main())
