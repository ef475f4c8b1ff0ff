"""1000 cycles of a full cell: two years in minutes, and no more memory at the end than after ten cycles."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from solbench.acquisition.bench.bench_file import BenchFile, dump_bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.run.start import Request, start
from solbench.protocols import load_cell, load_protocol, with_settings
from solbench.protocols.quantities.quantity import Quantity

bench = BenchFile(
    name="test bench", kind="simulated", positive_terminal="we_re2",
    max_unwatched=Quantity("30 s", 30.0, "time"),
)
settings = [f"cycles={sys.argv[2]}", "record.every=60 s", "record.voltage_change=20 mV"]
protocol = with_settings(load_protocol("full-cell"), settings)
found = {}

def look(event):
    if event.kind == "segment":
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        found[event.body.step.cycle] = pages * resource.getpagesize()

result = start(Request(protocol, load_cell("nbh"), bench, dump_bench(bench), Path(sys.argv[1])), RunControl(), [look])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
answer = {
    "completed": result.completed, "cpu_s": time.process_time(),
    "tenth": found[10], "last": found[int(sys.argv[2])], "peak": peak,
}
print(json.dumps(answer))
"""


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc")
def test_a_thousand_cycles_take_minutes_and_no_more_memory_than_ten(tmp_path):
    from solbench.acquisition.record.reader import open_run
    from solbench.analysis.cycling import pairs_of

    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "a.h5"), "1000"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert found["completed"]
    assert found["cpu_s"] < 600  # of one core: what else the machine does is not counted
    assert found["last"] - found["tenth"] < 20e6
    assert found["peak"] - found["tenth"] < 60e6  # the final file is built in blocks
    efficiencies = [pair.coulombic_efficiency for pair in pairs_of(open_run(tmp_path / "a.h5").steps)]
    assert len(efficiencies) == 1000
    assert efficiencies[0] == pytest.approx(0.83, abs=0.03)
    assert all(0.99 < efficiency < 1.0 for efficiency in efficiencies[1:])
