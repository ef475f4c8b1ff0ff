"""One spectrum with the 1260 alone, on a sample without an EMF: the 1287 is not on the cell and only looks on."""

from collections.abc import Generator

from solbench.acquisition.engine.actions import Action, Emit
from solbench.acquisition.engine.set_points import require_as_set
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.techniques.amplitude import (
    lost_amplitude,
    point_with_amplitude,
    probed_Hz,
)
from solbench.acquisition.engine.techniques.points import sweep_points
from solbench.acquisition.errors import Fault
from solbench.acquisition.record.events import SpectrumStart
from solbench.drivers.roles import ImpedancePoint
from solbench.protocols.segments import Sweep

Measured = tuple[list[ImpedancePoint], float | None]
"""The points of a sweep, and the voltage (V) at which the cell is still held, None where nothing holds it."""

WITHOUT_EMF_V = 0.010  # above it the generator's 50 ohm would discharge the sample


def sweep_alone(station: Station, segment: Sweep) -> Generator[Action, float | None, Measured]:
    """Measure from the first to the last frequency; the generator is the only thing that drives the sample."""
    station.prepare_open_circuit()
    before = station.measure(sure=True)
    yield before
    if abs(before.voltage_V) > WITHOUT_EMF_V:
        raise Fault(
            f"the leads of the potentiostat show {before.voltage_V:.4f} V; an analyzer alone measures only samples "
            "without a voltage of their own, because it would discharge others through its generator"
        )
    analyzer = station.analyzer
    analyzer.prepare_impedance(segment.amplitude_V, without_emf=True)
    analyzer.apply_ac()
    point_with_amplitude(analyzer, probed_Hz(segment)[0])
    conditions = SpectrumStart(
        spectrum=segment.spectrum,
        role=segment.role,
        fraction=segment.fraction,
        instruments="1260",
        step_charge_C=station.step_charge_C() + segment.begun_C,
        dc_voltage_V=before.voltage_V,
        dc_current_A=0.0,
        rest_slope_V_s=station.rest_slope_V_s,
        amplitude_V=segment.amplitude_V,
        integration_s=segment.integration_s,
        settings=analyzer.impedance_settings(),
    )
    yield Emit(conditions)
    points, last = yield from sweep_points(station, segment, analyzer)
    lost = lost_amplitude(analyzer, last, probed_Hz(segment)[0])
    analyzer.remove_ac()
    require_as_set(station.bench)
    if lost is not None:
        raise lost
    return points, None
