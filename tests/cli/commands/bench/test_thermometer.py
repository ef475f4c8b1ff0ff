"""The command that reads thermometers and compares one."""

from __future__ import annotations

import json
from pathlib import Path

from solbench.acquisition.bench.gauges.shown import READ_FOR_S
from tests.acquisition.bench.gauges.test_comparing import TEXT
from tests.end_to_end.programs import solbench


def test_the_command_reads_and_compares(tmp_path: Path):
    assert READ_FOR_S > 0.0
    (tmp_path / "b.yaml").write_text(TEXT, encoding="utf-8")
    read = solbench(tmp_path, "thermometer", "b.yaml", "--json")
    assert read.code == 0, read.err
    assert [one["name"] for one in json.loads(read.out[0])["thermometers"]] == ["cell", "fine"]
    far = solbench(tmp_path, "thermometer", "b.yaml", "--gauge", "cell", "--ice", "--for", "5 min")
    assert far.code == 2
    assert "look whether it is this sensor" in far.err
    assert solbench(tmp_path, "thermometer", "b.yaml", "--ice").code == 2
    done = solbench(
        tmp_path, "thermometer", "b.yaml", "--gauge", "cell", "--against", "fine", "--for", "5 min"
    )
    assert done.code == 0, done.err
    assert "fine" in (tmp_path / "b.thermometers.yaml").read_text()
    again = solbench(tmp_path, "thermometer", "b.yaml")
    (shown,) = (float(line.split()[1]) for line in again.out if line.startswith("cell: "))
    assert abs(shown - 25.01) < 0.15
    none = solbench(tmp_path, "thermometer", "simulated")
    assert (none.code, "no thermometer" in none.err) == (0, True)
