"""Short runs of every kind for reports; each is made once for all tests of a session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.protocols import parse_protocol
from tests.acquisition.runs import request, run_it

CONDITIONS = "conditions: {temperature: 25 degC, stack_pressure: 75 MPa, operator: 'A. <Nobody>'}\n"
HEAD = f"{CONDITIONS}record: {{every: 1 s}}\n"
SELDOM = f"{CONDITIONS}record: {{every: 5 s}}\n"  # where a run takes its time, not its readings
SWEEP = "{from: 1 MHz, to: 1 Hz, points_per_decade: 5, amplitude: 30 mV, integration: 0.2 s}"
HALF = f"""
name: small half cell
build: half
{HEAD}
steps:
  - name: sodiation
    kind: constant_current
    current: -0.16 mA/cm2
    until: {{capacity: 0.03 mAh/cm2}}
    spectra_at: [0 %, 50 %, 100 %]
    rest: {{time: 40 s}}
    spectrum: {SWEEP}
  - name: desodiation
    kind: constant_current
    current: 0.16 mA/cm2
    until: {{voltage: 2.0 V}}
"""
FULL = f"""
name: small full cell
build: full
{SELDOM}
steps:
  - {{name: zero, kind: rest, time: 2 min}}
  - name: cycling
    kind: loop
    count: 2
    steps:
      - {{name: charge, kind: constant_current, current: 0.064 mA/cm2, until: {{time: 10 min}}}}
      - {{name: discharge, kind: constant_current, current: -0.064 mA/cm2, until: {{voltage: 1.7 V}}}}
"""
PELLET = f"""
name: small pellet
build: pellet
{HEAD}
steps:
  - {{name: spectrum, kind: impedance, {SWEEP[1:]}
"""
DC = f"""
name: small polarization
build: dc_pristine
{SELDOM}
steps:
  - name: polarization
    kind: dc_polarization
    voltage: 50 mV
    baseline: 2 min
    at_most: 25 min
    steady_within: 1 %
    steady_over: 600 s
"""
SYMMETRIC = f"""
name: small symmetric cell
build: symmetric
{HEAD}
steps:
  - {{name: there, kind: constant_current, current: 0.1 mA/cm2, until: {{time: 3 min}}}}
  - {{name: back, kind: constant_current, current: -0.1 mA/cm2, until: {{time: 3 min}}}}
"""


def made(folder: Path, name: str, text: str, cell: str, build: str | None = None, **more: Any) -> Path:
    """Carry out a protocol and return its file."""
    if build is not None:
        text = text.replace("build: dc_pristine", f"build: {build}")
    path = folder / f"{name}.h5"
    run_it(request(path, parse_protocol(text, "test"), cell, **more))
    return path


KINDS = {
    "half nyzc": (HALF, "nyzc", None),
    "half nbh": (HALF, "nbh", None),
    "full": (FULL, "nbh", None),
    "pellet": (PELLET, "nyzc", None),
    "pristine": (DC, "nyzc", None),
    "reduced": (DC, "nyzc", "dc_reduced"),
    "symmetric": (SYMMETRIC, "nbh", None),
}


class Runs(Mapping[str, Path]):
    """One run of each kind by name, carried out when it is asked for: not every test file needs all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Path] = {}

    def __getitem__(self, name: str) -> Path:
        if name not in self._made:
            text, cell, build = KINDS[name]
            self._made[name] = made(self._folder, name.replace(" ", "-"), text, cell, build)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)


def erring_bench() -> BenchFile:
    """Return the simulated bench with its usual errors of gain and offset."""
    return BenchFile(name="test bench", kind="simulated", positive_terminal="we_re2")
