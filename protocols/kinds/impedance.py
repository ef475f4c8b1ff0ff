"""Impedance: one spectrum at the open-circuit voltage found just before."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Literal

from solbench.protocols import segments as seg
from solbench.protocols.cells import Build, CellState
from solbench.protocols.costs import Cost, SoFar, point_s
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.amplitudes import check_amplitudes, set_on_cell
from solbench.protocols.kinds.fields import RestRule, Spectrum, StepBase
from solbench.protocols.kinds.record import (
    Ability,
    Bounds,
    Here,
    Leads,
    Needs,
    Placed,
    Segments,
    StepKind,
)
from solbench.protocols.kinds.words import shown
from solbench.protocols.plausible import USUAL_REST_S, Plausible

SETUP_SAMPLES = 14.0  # open circuit, probes and trim
DISCHARGES = Rule(
    "impedance.discharges",
    "error",
    "the 1260 alone would discharge the live cell '{build}' through its 50 ohm generator",
    "Write 'pair', so that the 1287 holds the cell",
)
ABOVE_1260 = Rule("impedance.above_1260", "error", "'{frequency}' is above the 1260's 32 MHz", "Start lower")
ABOVE_PAIR = Rule(
    "impedance.above_pair",
    "error",
    "'{frequency}' is above 1 MHz, which the 1260 with the 1287 cannot measure",
    "Start at 1 MHz{or_alone}",
)
BELOW_1260 = Rule("impedance.below_1260", "error", "'{frequency}' is below the 1260's 10 uHz", "End higher")
ABOVE_GALVANOSTAT = Rule(
    "impedance.above_galvanostat",
    "error",
    "'{frequency}' is above the 150 kHz up to which the 1287 sets an alternating current",
    "Start at 100 kHz, or write 'control: voltage'",
)
FEW_POINTS = Rule(
    "impedance.few_points",
    "warning",
    "{points} points, {per_decade} a decade, tell no arcs apart, and their quality cannot be judged",
    "Write 'points_per_decade: 10', or a wider range of frequencies",
)
NARROW = Rule(
    "impedance.narrow",
    "warning",
    "'{frequency}' is below the frequencies at which an electrolyte answers: its arcs are not seen",
    "Write for example '1 MHz'",
)
UNRESTED = Rule(
    "impedance.unrested",
    "warning",
    "the cell was driven by '{before}' and has rested {rested}: its voltage still moves during the spectrum",
    "Rest until the voltage is steady, at least 5 min",
)


class Impedance(StepBase, Spectrum):
    """One impedance spectrum at the open-circuit voltage found just before."""

    kind: Literal["impedance"] = "impedance"


def sweeps(
    ref: seg.StepRef, spectrum: Spectrum, numbers: Iterator[int], build: Build, fraction: float | None = None
) -> Iterator[seg.Sweep]:
    """Make the segments of a spectrum: itself, and the second sweep and the one for linearity where requested."""
    first = sweep(ref, spectrum, next(numbers), build, fraction)
    yield first
    if spectrum.twice:
        yield replace(first, spectrum=next(numbers), role="again")
    if spectrum.linearity:
        amplitude_V, amplitude_A = set_on_cell(spectrum, spectrum.linearity, build.resistance_ohm)
        other = replace(first, amplitude_V=amplitude_V, amplitude_A=amplitude_A)
        yield replace(other, spectrum=next(numbers), role="linearity")


def sweep(
    ref: seg.StepRef, spectrum: Spectrum, number: int, build: Build, fraction: float | None = None
) -> seg.Sweep:
    """Make the segment of a spectrum of a build, the `number`-th of the run."""
    amplitude_V, amplitude_A = set_on_cell(spectrum, spectrum.amplitude, build.resistance_ohm)
    return seg.Sweep(
        ref,
        frequencies_Hz=sweep_frequencies(spectrum),
        amplitude_V=amplitude_V,
        amplitude_A=amplitude_A,
        integration_s=spectrum.integration.value,
        spectrum=number,
        fraction=fraction,
        instruments=spectrum.instruments,
        repeat_above=spectrum.repeat_above.value if spectrum.repeat_above else None,
        repeats=(spectrum.repeats or 1) if spectrum.repeat_above else 0,
    )


def sweep_frequencies(spectrum: Spectrum) -> tuple[float, ...]:
    """Make the frequencies of a spectrum, highest first: the grid of `from`, down to `to` or just above it.

    Whole decades below the top are exact.
    """
    top, bottom, per_decade = spectrum.start.value, spectrum.stop.value, spectrum.points_per_decade
    found: list[float] = []
    for number in count():
        decades, part = divmod(number, per_decade)
        frequency = top / 10**decades / 10 ** (part / per_decade)
        if frequency < bottom * (1 - 1e-9):
            return tuple(found)
        found.append(frequency)
    raise AssertionError


def check_spectrum(path: str, spectrum: Spectrum, bounds: Bounds) -> Findings:
    """Yield what is wrong or doubtful about a spectrum of a build; `path` is where it stands."""
    build, instruments = bounds.build, bounds.instruments
    top, alone = spectrum.start, spectrum.instruments == "1260"
    if alone and build.live:
        yield DISCHARGES.at(f"{path}.instruments", build=build.name)
    if top.value > instruments.frequency_max_Hz:
        yield ABOVE_1260.at(f"{path}.from", frequency=top.text)
    elif not alone and top.value > instruments.pair_frequency_max_Hz:
        or_alone = "" if build.live else ", or write 'instruments: 1260'"
        yield ABOVE_PAIR.at(f"{path}.from", frequency=top.text, or_alone=or_alone)
    elif spectrum.control == "current" and top.value > instruments.galvanostat_frequency_max_Hz:
        yield ABOVE_GALVANOSTAT.at(f"{path}.from", frequency=top.text)
    if spectrum.stop.value < instruments.frequency_min_Hz:
        yield BELOW_1260.at(f"{path}.to", frequency=spectrum.stop.text)
    yield from check_amplitudes(path, spectrum, bounds)
    yield from _check_points(path, spectrum, bounds.plausible)


def _check_points(path: str, spectrum: Spectrum, plausible: Plausible) -> Findings:
    points, per_decade = len(sweep_frequencies(spectrum)), spectrum.points_per_decade
    if points < plausible.usual_points or per_decade < plausible.usual_points_per_decade:
        yield FEW_POINTS.at(f"{path}.points_per_decade", points=points, per_decade=per_decade)
    highest = max(spectrum.start, spectrum.stop, key=lambda frequency: frequency.value)
    if highest.value < plausible.usual_top_Hz:
        yield NARROW.at(f"{path}.from", frequency=highest.text)


def _check_order(steps: Placed, _build: Build, _state: CellState) -> Findings:
    """Find spectra of a cell that was driven just before."""
    driven: StepBase | None = None
    rested_s, rested = 0.0, "not at all"
    for path, step in steps:
        if isinstance(step, Impedance):
            if driven is not None and step.instruments == "pair" and rested_s < USUAL_REST_S:
                yield UNRESTED.at(path, before=driven.name, rested=rested)
        elif isinstance(step, RestRule):
            rested_s += _least_s(step)
            rested = f"{rested_s:g} s"
        elif step.drives:
            driven, rested_s, rested = step, 0.0, "not at all"


def _least_s(rule: RestRule) -> float:
    """Return how long a rest lasts at least (s); one that ends by its slope lasts as long as it takes and may."""
    if rule.time:
        return rule.time.value
    return min(rule.at_most.value, USUAL_REST_S) if rule.at_most else USUAL_REST_S


def spectrum_in_words(spectrum: Spectrum) -> str:
    """Describe a spectrum, for a sentence."""
    wired = "1260 and 1287" if spectrum.instruments == "pair" else "1260 alone"
    text = (
        f"impedance from {spectrum.start} to {spectrum.stop}, {spectrum.points_per_decade} points a decade, "
        f"{_amplitude_in_words(spectrum)}, integration {spectrum.integration}, {wired}"
    )
    if spectrum.repeat_above is not None:
        text += f"; repeated where the Kramers-Kronig residual is above {spectrum.repeat_above}"
    return text


def _amplitude_in_words(spectrum: Spectrum) -> str:
    if spectrum.control == "voltage":
        return f"{spectrum.amplitude} rms"
    if spectrum.amplitude.kind == "current":
        return f"{spectrum.amplitude} rms of alternating current"
    expected = spectrum.expected_resistance or "the resistance of the electrolyte"
    return f"the alternating current for {spectrum.amplitude} rms in {expected}"


def _cost(segment: seg.Sweep, so_far: SoFar) -> Cost:
    """Every reading of a sweep is stored; one that is measured again adds its points, and is no other spectrum."""
    costs = so_far.costs
    times_s = [point_s(frequency, segment.integration_s, costs) for frequency in segment.frequencies_Hz]
    points, integrated_s = len(times_s), [max(segment.integration_s, 1 / f) for f in segment.frequencies_Hz]
    most_s = costs.point_attempts * sum(times_s) + points * costs.reading_s + costs.sweep_most_s
    return Cost(
        sum(times_s) + points * costs.reading_s + costs.sweep_s,
        (1 + segment.repeats) * most_s,
        points + SETUP_SAMPLES,
        max(times_s),
        spectra=1,
        points=points,
        at_least_s=sum(integrated_s),
    )


def _plan(step: Impedance, here: Here) -> Segments:
    yield from sweeps(here.ref(), step, here.spectra, here.build)


def _check(path: str, step: Impedance, bounds: Bounds) -> Findings:
    yield from check_spectrum(path, step, bounds)


def _leads(step: Impedance) -> Leads:
    return step.instruments


def ability_for(spectrum: Spectrum) -> Ability:
    """Return what a bench must be able to do for a spectrum."""
    return "impedance" if spectrum.instruments == "pair" else "standalone impedance"


def _needs(step: Impedance) -> Needs:
    return {ability_for(step): ""}


def _brief(step: Fields) -> str:
    return f"{shown(step, 'from')} to {shown(step, 'to')}, {shown(step, 'amplitude')} rms"


SWEEP = seg.SegmentKind(
    seg.Sweep,
    "spectrum",
    holds=None,
    cost=_cost,
    refuses_spectrum="a spectrum is being measured just now",
    resumed="repeated",
)

KIND = StepKind(
    name="impedance",
    title="Impedance",
    model=Impedance,
    segments=(SWEEP,),
    plan=_plan,
    check=_check,
    leads=_leads,
    needs=_needs,
    brief=_brief,
    sentence=spectrum_in_words,
    check_order=_check_order,
    example="""
from: 1 MHz
to: 1 Hz
points_per_decade: 10
amplitude: 30 mV
integration: 1 s
instruments: pair
""",
)
