"""Checks a protocol against a cell record: everything that can be known without instruments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from solbench.protocols import steps as st
from solbench.protocols.cells import Build, BuildRecord, CellRecord
from solbench.protocols.check_currents import check_constant_current, check_constant_voltage, check_order
from solbench.protocols.errors import BadInput
from solbench.protocols.estimate import estimate
from solbench.protocols.findings import Finding, Findings, error, warning
from solbench.protocols.limits import SafetyLimits, limits_for
from solbench.protocols.model import join
from solbench.protocols.plausible import Instruments, Plausible
from solbench.protocols.protocol import Conditions, Protocol
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.settings import explain_path


def check(
    protocol: Protocol,
    record: CellRecord,
    build: str | None = None,
    plausible: Plausible = Plausible(),  # noqa: B008 - frozen
    instruments: Instruments = Instruments(),  # noqa: B008 - frozen
) -> list[Finding]:
    """Find errors and doubts of a protocol for one build of a record (the protocol's own, if None).

    Errors come first. An empty list means that nothing was found; no finding says that a run is harmless.
    """
    found = list(_check_all(protocol, record, build or protocol.build, plausible, instruments))
    if all(finding.grade == "warning" for finding in found):
        found += _check_duration(protocol, record.build(build or protocol.build), plausible)
    return sorted(found, key=lambda finding: finding.grade)


def walk(steps: tuple[st.AnyStep, ...], path: str = "steps") -> Iterator[tuple[str, st.AnyStep]]:
    """Get every step once with its path, the steps of a loop after the loop."""
    for step in steps:
        here = join(path, step.name)
        yield here, step
        if isinstance(step, st.Loop):
            yield from walk(step.steps, join(here, "steps"))


def _check_all(
    protocol: Protocol, record: CellRecord, name: str, plausible: Plausible, instruments: Instruments
) -> Findings:
    yield from _check_aliases(protocol)
    yield from _check_conditions(protocol.conditions, plausible)
    try:
        build = record.build(name)
    except BadInput as missing:
        yield error("build", missing.message, missing.cure)
        return
    yield from _check_record(record.builds[name], name, plausible)
    yield from _check_conductivity(build, plausible)
    yield from _check_balance(build)
    limits = limits_for(protocol.safety, build)
    yield from _check_safety(protocol, build, limits)
    for path, step in walk(protocol.steps):
        yield from _check_step(path, step, build, limits, plausible, instruments)
    yield from _check_wiring(protocol)
    yield from check_order(list(walk(protocol.steps)), build)


def measures_alone(protocol: Protocol) -> bool:
    """Say whether the 1260 measures by itself, so that the leads of the 1287 are not on the cell."""
    return any(_is_alone(step) for _, step in walk(protocol.steps))


def _is_alone(step: st.AnyStep) -> bool:
    return isinstance(step, st.Impedance) and step.instruments == "1260"


def _check_wiring(protocol: Protocol) -> Findings:
    """Nobody moves the leads during a run."""
    if not measures_alone(protocol):
        return
    for path, step in walk(protocol.steps):
        if not (_is_alone(step) or isinstance(step, st.Rest | st.Loop)):
            message = "this needs the 1287 on the cell, and another step the 1260 alone"
            yield error(path, message, "Make two protocols of it, and change the leads between them")


def _check_step(
    path: str,
    step: st.AnyStep,
    build: Build,
    limits: SafetyLimits,
    plausible: Plausible,
    instruments: Instruments,
) -> Findings:
    match step:
        case st.ConstantCurrent():
            yield from check_constant_current(path, step, build, limits, plausible, instruments)
            if step.spectrum:
                yield from check_spectrum(f"{path}.spectrum", step.spectrum, build, plausible, instruments)
        case st.ConstantVoltage():
            yield from check_constant_voltage(path, step, build, limits, instruments)
        case st.Impedance():
            yield from check_spectrum(path, step, build, plausible, instruments)
        case st.DcPolarization():
            yield from _check_polarization(path, step, build, limits)
        case st.Rest() | st.Loop():
            return
        case _:
            assert_never(step)


def _check_aliases(protocol: Protocol) -> Findings:
    for alias, path in protocol.aliases.items():
        field = f"aliases.{alias}"
        if alias in Protocol.model_fields:
            yield error(field, f"'{alias}' is the name of a field already", "Choose another alias")
        elif problem := explain_path(protocol, path):
            yield error(field, problem.message, problem.cure)


def _check_conditions(conditions: Conditions, plausible: Plausible) -> Findings:
    low, high = plausible.temperature_K
    if (kelvin := conditions.temperature_K) is not None and not low <= kelvin <= high:
        yield error(
            "conditions.temperature",
            f"'{conditions.temperature}' is {kelvin - 273.15:.0f} degC, which no cell here is run at",
            "Write for example '25 degC', or 'unknown'",
        )
    if (pascal := conditions.stack_pressure_Pa) is not None and pascal > plausible.pressure_max_Pa:
        yield error(
            "conditions.stack_pressure",
            f"'{conditions.stack_pressure}' is {pascal / 1e6:g} MPa, which no die stands",
            "Write for example '75 MPa', or 'unknown'",
        )


def _check_record(written: BuildRecord, name: str, plausible: Plausible) -> Findings:
    values = [
        ("area", written.area.value, str(written.area), plausible.area_m2),
        ("thickness", written.thickness.value, str(written.thickness), plausible.thickness_m),
    ]
    for field, mass, loadings in (
        ("tin_mass", written.tin_mass, plausible.tin_loading_kg_m2),
        ("cathode_mass", written.cathode_mass, plausible.cathode_loading_kg_m2),
    ):
        if mass:
            shown = f"{mass} on {written.area}"
            values.append((field, mass.value / written.area.value, shown, loadings))
    for field, value, shown, (low, high) in values:
        if not low <= value <= high:
            message = f"'{shown}' is implausible for these cells"
            yield error(f"builds.{name}.{field}", message, "Check the unit", "cell")


def _check_conductivity(build: Build, plausible: Plausible) -> Findings:
    low, high = plausible.ionic_conductivity_S_m
    if not low <= build.ionic_conductivity_S_m <= high:
        message = f"{build.ionic_conductivity_S_m / 100:g} S/cm is implausible for a solid electrolyte"
        yield error("electrolyte.ionic_conductivity", message, "Check the unit", "cell")


def _check_balance(build: Build) -> Findings:
    tin_C, nominal_C = build.theoretical_capacity_C, build.nominal_capacity_C
    if build.kind == "full" and tin_C and nominal_C and nominal_C > tin_C:
        message = (
            f"the tin takes up {tin_C / nominal_C:.2g} of the nominal capacity: sodium metal would be plated"
        )
        field = f"builds.{build.name}.nominal_capacity"
        yield warning(field, message, "Use more tin (N/P above 1), or correct the masses", "cell")


def _check_duration(protocol: Protocol, build: Build, plausible: Plausible) -> Findings:
    expected = estimate(protocol, build)
    if expected.duration_s > plausible.duration_warning_s:
        longest = max(expected.steps, key=lambda step: step.duration_s)
        message = f"the run takes {format_duration(expected.duration_s)}, most of it in this step"
        yield warning(longest.path, message, "Keep it only if the bench is free for so long")


def _check_safety(protocol: Protocol, build: Build, limits: SafetyLimits) -> Findings:
    low, high = build.voltage_window_V
    if limits.voltage_min_V >= limits.voltage_max_V:
        message = f"the lower safety limit, {limits.voltage_min_V:g} V, is not below the upper one"
        yield error("safety", f"{message}, {limits.voltage_max_V:g} V", "Write voltage_min below voltage_max")
    wider = [
        ("voltage_min", limits.voltage_min_V < low),
        ("voltage_max", limits.voltage_max_V > high),
        ("current_max", limits.current_max_A > build.current_max_A),
    ]
    for field, is_wider in wider:
        if is_wider:
            message = f"this is wider than the build '{build.name}' of '{build.record}' allows by itself"
            yield warning(f"safety.{field}", message, "Keep it only if the cell is known to stand it")


def check_spectrum(
    path: str,
    spectrum: st.Spectrum,
    build: Build,
    plausible: Plausible = Plausible(),  # noqa: B008 - frozen
    instruments: Instruments = Instruments(),  # noqa: B008 - frozen
) -> Findings:
    """Yield what is wrong or doubtful about a spectrum of a build; `path` is where it stands."""
    top, alone = spectrum.start, spectrum.instruments == "1260"
    if alone and build.live:
        yield error(
            f"{path}.instruments",
            f"the 1260 alone would discharge the live cell '{build.name}' through its 50 ohm generator",
            "Write 'pair', so that the 1287 holds the cell",
        )
    if top.value > instruments.frequency_max_Hz:
        yield error(f"{path}.from", f"'{top}' is above the 1260's 32 MHz", "Start lower")
    elif not alone and top.value > instruments.pair_frequency_max_Hz:
        cure = "Start at 1 MHz" if build.live else "Start at 1 MHz, or write 'instruments: 1260'"
        yield error(
            f"{path}.from", f"'{top}' is above 1 MHz, which the 1260 with the 1287 cannot measure", cure
        )
    if spectrum.stop.value < instruments.frequency_min_Hz:
        yield error(f"{path}.to", f"'{spectrum.stop}' is below the 1260's 10 uHz", "End higher")
    yield from _check_amplitude(f"{path}.amplitude", spectrum, plausible)


def _check_amplitude(field: str, spectrum: st.Spectrum, plausible: Plausible) -> Findings:
    amplitude = spectrum.amplitude
    if amplitude.value > plausible.amplitude_max_V:
        yield error(field, f"'{amplitude}' rms is implausible for a spectrum", "Write for example '30 mV'")
    elif amplitude.value > plausible.linear_amplitude_V:
        message = f"'{amplitude}' rms is more than 30 mV: the response may not be linear"
        yield warning(field, message, "Compare a spectrum at 10 mV once for this kind of cell")


def _check_polarization(path: str, step: st.DcPolarization, build: Build, limits: SafetyLimits) -> Findings:
    if build.live:
        yield error(
            path,
            f"a baseline at 0 V would short the live cell '{build.name}'",
            "Use a build with two blocking electrodes, such as dc_pristine",
        )
    signs = (1, -1) if step.both_signs else (1,)
    if not all(limits.voltage_min_V < sign * step.voltage.value < limits.voltage_max_V for sign in signs):
        window = f"{limits.voltage_min_V:g} V to {limits.voltage_max_V:g} V"
        message = f"'{step.voltage}' is not inside the safety window, {window}"
        yield error(f"{path}.voltage", message, "Polarize less, or use another build")
    if step.steady_over.value >= step.at_most.value:
        message = f"'{step.steady_over}' is not shorter than at_most '{step.at_most}': steady is never seen"
        yield error(f"{path}.steady_over", message, "Make at_most several times as long")
