"""Protocols that tests of several packages run."""

TINY = """
name: tiny
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - name: sodiation
    kind: constant_current
    current: -0.16 mA/cm2
    until: {capacity: 0.002 mAh/cm2}
    cut_short: {voltage: -4.5 V}
    spectra_at: [0 %, 100 %]
    rest: {time: 5 s}
    spectrum: {from: 1 MHz, to: 100 Hz, points_per_decade: 2, amplitude: 30 mV, integration: 0.2 s}
  - name: desodiation
    kind: constant_current
    current: 0.16 mA/cm2
    until: {voltage: 2.0 V}
"""
CURRENT_A = 0.16e-3 * 0.785  # on the area of the cell nbh
