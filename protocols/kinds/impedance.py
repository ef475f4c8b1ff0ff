"""Impedance: one spectrum at the open-circuit voltage found just before."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from math import sqrt
from typing import Literal

from pydantic import model_validator

from solbench.protocols import segments as seg
from solbench.protocols.cells import Build, CellState
from solbench.protocols.convert import amperes
from solbench.protocols.costs import Cost, SoFar, integrated_s, point_s
from solbench.protocols.errors import FieldError
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.amplitudes import check_amplitudes, set_on_cell
from solbench.protocols.kinds.currents import (
    check_current,
    check_electrodes,
    check_inside_window,
    check_usual_voltage,
    too_large,
)
from solbench.protocols.kinds.driven.voltages import check_settable
from solbench.protocols.kinds.fields import RestRule, Spectrum, StepBase
from solbench.protocols.kinds.record import Bounds, Here, Leads, Needs, Placed, Segments, StepKind
from solbench.protocols.kinds.spectra.timing import (
    check_timing,
    driven_s,
    timing,
    timing_in_words,
    timings,
)
from solbench.protocols.kinds.words import shown
from solbench.protocols.plausible import USUAL_REST_S, Ability, Instruments, Plausible
from solbench.protocols.quantities.quantity import CellCurrent, CurrentMagnitude, Quantity, Time, Voltage

LEAST_AGREEING, MOST_MEASUREMENTS = 2, 5  # of a point that is to settle
MOST_REPEATED = 0.25  # of the points of a sweep: more that are off speak against the sweep, not against them
SETUP_SAMPLES = 14.0  # open circuit, probes and trim
DISCHARGES = Rule(
    "impedance.discharges",
    "error",
    "the analyzer alone would discharge the live cell '{build}' through its 50 ohm generator",
    "Write 'pair', so that a potentiostat holds the cell",
)
ABOVE_1260 = Rule(
    "impedance.above_1260",
    "error",
    "'{frequency}' is above the {highest_MHz:g} MHz of the {analyzer}",
    "Start at {highest_MHz:g} MHz, or lower",
)
ABOVE_PAIR = Rule(
    "impedance.above_pair",
    "error",
    "'{frequency}' is above 1 MHz, which the {analyzer} with the {source} cannot measure",
    "Start at 1 MHz{or_alone}",
)
BELOW_1260 = Rule(
    "impedance.below_1260", "error", "'{frequency}' is below the 10 uHz of the {analyzer}", "End higher"
)
ABOVE_GALVANOSTAT = Rule(
    "impedance.above_galvanostat",
    "error",
    "'{frequency}' is above the 150 kHz up to which an alternating current is set",
    "Start at 100 kHz, or write 'control: voltage'",
)
FEW_POINTS = Rule(
    "impedance.few_points",
    "warning",
    "{points} points, {per_decade} a decade, cannot tell arcs apart, and their quality cannot be judged",
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


UNDER_CURRENT = Rule(
    "impedance.under_current",
    "error",
    "'{current}' with '{amplitude}' rms has a peak of {peak_mA:.3g} mA, above the safety limit of {limit_mA:.4g} mA",
    "Write less, or widen 'safety.current_max' if the cell withstands it",
)
DRIVEN_FAR = Rule(
    "impedance.driven_far",
    "warning",
    "during the {time_min:.0f} min of hold and sweep '{current}' moves {percent:.0f} % of the cell's capacity: at the "
    "end of its spectrum the cell is another one",
    "Write less current, or a higher frequency in 'to'",
)
MOVES_FAR = 0.02  # of the capacity


class Impedance(StepBase, Spectrum):
    """One impedance spectrum at the open-circuit voltage found just before, or while the cell is driven.

    `dc_voltage` holds the cell at this voltage, with at most `current_limit`; `dc_current` (with `control: current`)
    sends this current, positive charges the cell. Either is there for `hold` before the first point.
    """

    kind: Literal["impedance"] = "impedance"
    dc_voltage: Voltage | None = None
    dc_current: CellCurrent | None = None
    current_limit: CurrentMagnitude | None = None
    hold: Time | None = None

    @model_validator(mode="after")
    def _what_drives(self) -> "Impedance":
        is_driven = self.dc_voltage is not None or self.dc_current is not None
        for name, is_wrong, problem, cure in (
            (
                "dc_voltage",
                self.dc_voltage is not None and self.control != "voltage",
                "it is the current that is set",
                "Write 'control: voltage', or a 'dc_current'",
            ),
            (
                "dc_current",
                self.dc_current is not None and self.control != "current",
                "it is the voltage that is set",
                "Write 'control: current', or a 'dc_voltage'",
            ),
            (
                "instruments",
                is_driven and self.instruments != "pair",
                "the analyzer alone holds no voltage and no current",
                "Write 'instruments: pair'",
            ),
            (
                "current_limit",
                self.dc_voltage is not None and self.current_limit is None,
                "how much current may flow at the 'dc_voltage' is missing",
                "Write for example '100 uA'",
            ),
            (
                "current_limit",
                self.dc_voltage is None and self.current_limit is not None,
                "this is of use only with a 'dc_voltage'",
                "Leave it out",
            ),
            (
                "hold",
                not is_driven and self.hold is not None,
                "nothing is held without a 'dc_voltage' or a 'dc_current'",
                "Leave it out, or write a rest before",
            ),
            (
                "twice",
                is_driven and self.twice,
                "a driven cell is another one in a second sweep",
                "Leave it out",
            ),
            (
                "linearity",
                is_driven and self.linearity is not None,
                "a driven cell is another one in a second sweep",
                "Leave it out",
            ),
        ):
            if is_wrong:
                raise FieldError(problem, cure, field=name)
        return self


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
    frequencies_Hz = sweep_frequencies(spectrum)
    within, above = spectrum.settled_within, spectrum.repeat_points_above
    return seg.Sweep(
        ref,
        frequencies_Hz=frequencies_Hz,
        amplitude_V=amplitude_V,
        amplitude_A=amplitude_A,
        integration_s=timing(spectrum, frequencies_Hz[0]).integration_s,
        spectrum=number,
        fraction=fraction,
        instruments=spectrum.instruments,
        repeat_above=spectrum.repeat_above.value if spectrum.repeat_above else None,
        repeats=(spectrum.repeats or 1) if spectrum.repeat_above or above else 0,
        timings=timings(spectrum, frequencies_Hz),
        settled_within=within.value if within else None,
        repeat_points_above=above.value if above else None,
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
    if spectrum.instruments == "1260" and build.live:
        yield DISCHARGES.at(f"{path}.instruments", build=build.name)
    if instruments.can(ability_for(spectrum)):  # else that is told, and no frequency would help
        yield from _check_frequencies(path, spectrum, build, instruments)
    yield from check_amplitudes(path, spectrum, bounds)
    yield from check_timing(path, spectrum, sweep_frequencies(spectrum))
    yield from _check_points(path, spectrum, bounds.plausible)


def _check_frequencies(path: str, spectrum: Spectrum, build: Build, instruments: Instruments) -> Findings:
    top, alone, analyzer = spectrum.start, spectrum.instruments == "1260", instruments.analyzer
    if top.value > instruments.frequency_max_Hz:
        highest_MHz = instruments.frequency_max_Hz / 1e6
        yield ABOVE_1260.at(f"{path}.from", frequency=top.text, highest_MHz=highest_MHz, analyzer=analyzer)
    elif not alone and top.value > instruments.pair_frequency_max_Hz:
        may_be_alone = not build.live and instruments.can("standalone impedance")
        yield ABOVE_PAIR.at(
            f"{path}.from",
            frequency=top.text,
            analyzer=analyzer,
            source=instruments.source,
            or_alone=", or write 'instruments: 1260'" if may_be_alone else "",
        )
    elif spectrum.control == "current" and top.value > instruments.galvanostat_frequency_max_Hz:
        yield ABOVE_GALVANOSTAT.at(f"{path}.from", frequency=top.text)
    if spectrum.stop.value < instruments.frequency_min_Hz:
        yield BELOW_1260.at(f"{path}.to", frequency=spectrum.stop.text, analyzer=analyzer)


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
            is_driven = step.dc_voltage is not None or step.dc_current is not None
            if (
                driven is not None
                and step.instruments == "pair"
                and rested_s < USUAL_REST_S
                and not is_driven
            ):
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
    wired = "potentiostat and analyzer" if spectrum.instruments == "pair" else "analyzer alone"
    text = (
        f"impedance from {spectrum.start} to {spectrum.stop}, {spectrum.points_per_decade} points a decade, "
        f"{_amplitude_in_words(spectrum)}, {timing_in_words(spectrum)}, {wired}"
    )
    if spectrum.repeat_above is not None:
        text += f"; repeated where the Kramers-Kronig residual is above {spectrum.repeat_above}"
    if spectrum.repeat_points_above is not None:
        text += f"; single points repeated where theirs is above {spectrum.repeat_points_above}"
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
    timed = [
        (frequency_Hz, *segment.timing(place)) for place, frequency_Hz in enumerate(segment.frequencies_Hz)
    ]
    settles = segment.settled_within is not None
    again = LEAST_AGREEING - 1 if settles else 0
    firsts_s = [point_s(frequency_Hz, own_s, costs, settling_s) for frequency_Hz, own_s, settling_s in timed]
    agains_s = [point_s(frequency_Hz, own_s, costs) for frequency_Hz, own_s, _ in timed]
    times_s = [first_s + again * again_s for first_s, again_s in zip(firsts_s, agains_s, strict=True)]
    hold_s = segment.direct.hold_s if segment.direct is not None else 0.0
    points = len(times_s)
    measured_s = sum(
        settling_s + (1 + again) * integrated_s(frequency_Hz, own_s)
        for frequency_Hz, own_s, settling_s in timed
    )
    attempts = costs.point_attempts * (
        1 + (segment.repeats if segment.repeat_points_above is not None else 0)
    )
    longest_s = sum(firsts_s) + (MOST_MEASUREMENTS - 1 if settles else 0) * sum(agains_s)
    most_s = attempts * (longest_s + points * costs.reading_s) + costs.sweep_most_s
    return Cost(
        sum(times_s) + points * costs.reading_s + costs.sweep_s + hold_s,
        (1 + (segment.repeats if segment.repeat_above is not None else 0)) * (most_s + hold_s),
        points + SETUP_SAMPLES + hold_s,
        max(times_s),
        spectra=1,
        points=points,
        at_least_s=measured_s + hold_s,
    )


def _plan(step: Impedance, here: Here) -> Segments:
    for one in sweeps(here.ref(), step, here.spectra, here.build):
        yield replace(one, direct=_direct(step, here.build))


def _direct(step: Impedance, build: Build) -> seg.Direct | None:
    """Return what is set besides the spectrum's own amplitude; raises FieldError."""
    hold_s = step.hold.value if step.hold is not None else 0.0
    if step.dc_voltage is not None and step.current_limit is not None:
        return seg.Direct(step.dc_voltage.value, limit_A=amperes(step.current_limit, build), hold_s=hold_s)
    if step.dc_current is not None:
        return seg.Direct(current_A=amperes(step.dc_current, build), hold_s=hold_s)
    return None


def _check(path: str, step: Impedance, bounds: Bounds) -> Findings:
    yield from check_spectrum(path, step, bounds)
    if step.dc_voltage is not None:
        yield from check_electrodes(path, bounds.build)
        yield from check_inside_window(f"{path}.dc_voltage", step.dc_voltage, bounds.limits)
        yield from check_usual_voltage(f"{path}.dc_voltage", step.dc_voltage, bounds)
        yield from check_settable(f"{path}.dc_voltage", step.dc_voltage, bounds.instruments)
        if step.current_limit is not None and (
            found := too_large(f"{path}.current_limit", step.current_limit, bounds)
        ):
            yield found
    if step.dc_current is not None:
        yield from check_electrodes(path, bounds.build)
        yield from check_current(f"{path}.dc_current", step.dc_current, bounds)
        yield from _check_current(path, step, step.dc_current, bounds)


def _check_current(path: str, step: Impedance, current: Quantity, bounds: Bounds) -> Findings:
    try:
        direct_A = abs(amperes(current, bounds.build))
    except FieldError:
        return  # the missing mass has its own finding
    _, amplitude_A = set_on_cell(step, step.amplitude, bounds.build.resistance_ohm)
    peak_A, limit_A = direct_A + sqrt(2.0) * amplitude_A, bounds.limits.current_max_A
    if peak_A > limit_A >= direct_A:
        shown = {"current": current.text, "amplitude": step.amplitude.text}
        yield UNDER_CURRENT.at(f"{path}.dc_current", peak_mA=peak_A * 1e3, limit_mA=limit_A * 1e3, **shown)
    capacity_C = bounds.build.theoretical_capacity_C
    lasts_s = driven_s(step, sweep_frequencies(step)) + (step.hold.value if step.hold is not None else 0.0)
    if capacity_C and direct_A * lasts_s > MOVES_FAR * capacity_C:
        percent = 100.0 * direct_A * lasts_s / capacity_C
        yield DRIVEN_FAR.at(
            f"{path}.dc_current", current=current.text, time_min=lasts_s / 60.0, percent=percent
        )


def _leads(step: Impedance) -> Leads:
    return step.instruments


def ability_for(spectrum: Spectrum) -> Ability:
    """Return what a bench must be able to do for a spectrum."""
    return "impedance" if spectrum.instruments == "pair" else "standalone impedance"


def _needs(step: Impedance) -> Needs:
    return {ability_for(step): ""}


def _brief(step: Fields) -> str:
    return f"{shown(step, 'from')} to {shown(step, 'to')}, {shown(step, 'amplitude')} rms"


def _sentence(step: Impedance) -> str:
    held = f", held for {step.hold} before" if step.hold is not None else ""
    if step.dc_voltage is not None:
        return f"{spectrum_in_words(step)}; at {step.dc_voltage}{held}"
    if step.dc_current is not None:
        return f"{spectrum_in_words(step)}; under a direct current of {step.dc_current}{held}"
    return spectrum_in_words(step)


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
    sentence=_sentence,
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
