"""The experiments in which mistakes are played: those that ship, with fewer points, passes and shorter rests."""

from __future__ import annotations

from functools import cache

from solbench.protocols import Protocol, load_protocol, parse_protocol, with_settings

HEAD = """
conditions: {temperature: 25 degC, stack_pressure: unknown}
record: {every: 1 min}
interruptions: {wait_for_user: 1 min}
"""
SPECTRUM = "{from: 1 MHz, to: 10 Hz, points_per_decade: 5, amplitude: 30 mV, integration: 0.1 s}"
REST = "{slope: 1 mV/min, over: 60 s, at_least: 3 min, at_most: 20 min}"

HALF = f"""
name: half
build: half
{HEAD}
steps:
  - name: sodiation
    kind: constant_current
    current: -0.16 mA/cm2
    until: {{capacity: 95 %}}
    cut_short: {{voltage: -4.5 V}}
    spectra_at: [0 %, 50 %, 100 %]
    rest: {REST}
    spectrum: {SPECTRUM}
  - name: desodiation
    kind: constant_current
    current: 0.16 mA/cm2
    until: {{voltage: 2.0 V}}
"""
FULL = f"""
name: full
build: full
{HEAD}
steps:
  - {{name: zero, kind: rest, time: 10 min}}
  - name: cycling
    kind: loop
    count: 1
    steps:
      - name: charge
        kind: constant_current
        current: 0.064 mA/cm2
        until: {{voltage: 3.4 V, capacity: 100 %}}
      - {{name: discharge, kind: constant_current, current: -0.064 mA/cm2, until: {{voltage: 1.7 V}}}}
"""
HELD = f"""
name: held
build: full
{HEAD}
steps:
  - {{name: zero, kind: rest, time: 10 min}}
  - {{name: charge, kind: constant_current, current: 0.064 mA/cm2, until: {{voltage: 3.1 V, capacity: 0.5 mAh/cm2}}}}
  - name: holding
    kind: constant_voltage
    voltage: 3.1 V
    current_limit: 0.064 mA/cm2
    until: {{current: 10 uA, time: 30 min}}
"""
SYMMETRIC = f"""
name: symmetric
build: symmetric
{HEAD}
steps:
  - name: spectrum
    kind: impedance
    from: 1 MHz
    to: 10 Hz
    points_per_decade: 5
    amplitude: 30 mV
    integration: 0.1 s
  - {{name: forth, kind: constant_current, current: 0.1 mA/cm2, until: {{time: 30 min}}}}
  - {{name: back, kind: constant_current, current: -0.1 mA/cm2, until: {{time: 30 min}}}}
"""
PELLET = f"""
name: pellet
build: pellet
{HEAD}
steps:
  - name: spectrum
    kind: impedance
    from: 1 MHz
    to: 1 Hz
    points_per_decade: 10
    amplitude: 30 mV
    integration: 0.1 s
"""
DC = f"""
name: dc
build: dc_pristine
{HEAD}
steps:
  - name: polarization
    kind: dc_polarization
    voltage: 50 mV
    baseline: 10 min
    at_most: 2 h
    steady_within: 1 %
    steady_over: 600 s
"""
PLANS = {
    "half": HALF,
    "full": FULL,
    "held": HELD,
    "symmetric": SYMMETRIC,
    "pellet": PELLET,
    "dc": DC,
}


SHORTER = {
    "critical-current-density": (
        "currents=[0.1 mA/cm2, 0.2 mA/cm2, 0.3 mA/cm2]",
        "steps.currents.steps.plating.until.time=30 min",
        "steps.currents.steps.stripping.until.time=30 min",
    ),
    "bruce-vincent": ("steps.rest.time=5 min", "time=1 h"),
    "hebb-wagner": ("voltages=[0.25 V, 0.5 V, 0.75 V]",),
    "gitt": ("pulses=12", "steps.before.time=1 h"),
    "pitt": ("voltages={from: 0.1 V, to: 0.22 V, step: 20 mV}", "steps.before.time=1 h"),
    "electrochemical-window": ("steps.rest.time=5 min", "rate=0.3 mV/s"),
    "stepwise-cv": ("turns=[2.4 V, 2.5 V, 2.8 V]", "rate=0.3 mV/s", "steps.rest.time=5 min"),
    "linearity": (),
    "rate-capability": ("cycles=1",),
    "formation-and-cycling": ("formation=1", "blocks=2", "between=2"),
    "growth-at-rest": ("spectra=6",),
    "growth-after-pressing": ("waits=[1 min, 2 min, 5 min, 10 min, 20 min, 45 min, 1.5 h, 3 h]",),
    "conductivity-against-temperature": ("temperatures=[25 degC, 45 degC, 65 degC]", "spectra=3"),
    "pressure-series": ("pressures=[10 MPa, 75 MPa]",),
}
"""Experiments as they ship, but for these settings."""


@cache
def plan_of(name: str) -> Protocol:
    """Return one of the experiments."""
    if name in PLANS:
        return parse_protocol(PLANS[name], name)
    typed = ("conditions.temperature=25 degC", "interruptions.wait_for_user=1 min")
    return with_settings(load_protocol(name), (*SHORTER[name], *typed))
