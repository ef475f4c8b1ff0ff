"""DC polarization on the simulated bench: what is told of it where no reading can show it."""

import h5py
import pytest

from solbench.acquisition.record.reader import open_run
from tests.acquisition.runs import quiet_bench, request, seen_run

SHORT = """
name: short
build: dc_pristine
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - name: polarization
    kind: dc_polarization
    voltage: VOLTAGE
    baseline: 20 s
    at_most: 60 s
    steady_within: 1 %
    steady_over: 30 s
"""


@pytest.mark.parametrize(("cell", "voltage"), [("nps", "35 mV"), ("nbh", "-71 mV")])
def test_a_charge_without_its_inrush_is_told_as_that(tmp_path, cell, voltage):
    seen = seen_run(request(tmp_path / "a.h5", SHORT.replace("VOLTAGE", voltage), cell, quiet_bench()))
    [step] = open_run(seen.result.run).steps
    true_C = seen.true_charge_C("segment_end", 0)
    assert abs(step.charge_C) < 0.9 * abs(true_C), "were it right, nothing would have to be told"
    assert "lacks the inrush" in step.end.text
    with h5py.File(seen.result.run) as file:
        assert "DC polarization lacks its inrush" in file["entry/samples"].attrs["charge"]
