"""Tables of results, each with the uncertainties that belong to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from solbench.acquisition.control.outcome import end_words, goes_on
from solbench.analysis.cycling import (
    MAH_CM2_IN_C_M2,
    Charge,
    areal_capacity_mAh_cm2,
    gravimetric_mAh_g,
)
from solbench.analysis.polarization import run_geometry
from solbench.analysis.report.contents import Content
from solbench.analysis.report.cycles import Cycle, direction
from solbench.analysis.report.numbers import DASH, WITHHELD, duration, fixed, percent, plain, with_error
from solbench.analysis.summary import changes_of
from solbench.analysis.temperature import are_measured
from solbench.fitting.joint_fit import Growth, StateFit
from solbench.fitting.verdicts import BY_DEFINITION, VERDICT_WORDS, remark_lines
from solbench.fitting.voltage_curves import mean_voltage

T = TypeVar("T")
_CM2 = 1e4
_MOST_ROWS = 24  # of cycles: more are thinned out: a table of a thousand rows is not read


@dataclass(frozen=True)
class Table:
    """A table as text; a note stands under it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def runs(contents: Sequence[Content]) -> Table:
    """Make the table of what was run, how it ended, and which file it is."""
    head: tuple[str, ...] = (
        "run",
        "protocol",
        "cell, build",
        "bench",
        "started",
        "ended",
        "file",
        "SHA-256 of the file",
    )
    rows = [_run(content) for content in contents]
    if any(content.run.tags for content in contents):
        head = (*head, "tags")
        rows = [(*row, ", ".join(content.run.tags)) for row, content in zip(rows, contents, strict=True)]
    return Table("Runs", head, tuple(rows))


def _run(content: Content) -> tuple[str, ...]:
    run, header = content.run, content.run.header
    verdict = "completed" if run.completed else "NOT COMPLETED"
    if run.end is None and goes_on(header.run) is not None:
        verdict = "NOT YET ENDED"
    begun = datetime.fromisoformat(header.started)
    length = duration(run.events[-1].time_s - header.clock_start_s)
    return (
        content.label,
        header.protocol.name,
        f"{content.cell.name}, {content.cell.build}",
        run.mark or header.bench.name,
        f"{begun:%Y-%m-%d %H:%M:%S} {begun.tzname()}",
        f"{verdict} after {length}: {end_words(run)}",
        run.path.name,
        content.sha256,
    )


def corrections(contents: Sequence[Content]) -> Table | None:
    """Make the table of what was corrected after the runs; all else on the page follows the corrected values."""
    rows = [
        (
            content.full_label,
            content.run.path.name,
            change.field,
            _written(change.before),
            _written(change.after),
            one.who,
            one.made[:16].replace("T", " "),
            one.why,
        )
        for content in contents
        for one in content.run.corrections
        for change in one.changes
    ]
    head = ("run", "file", "field", "before", "after", "by", "on", "reason")
    note = "Everything on this page follows from the corrected values. The files hold what was recorded."
    return Table("Corrections", head, tuple(rows), note) if rows else None


def changes(contents: Sequence[Content]) -> Table | None:
    """Make the table of what was changed of the steps while a run was under way."""
    rows = [
        (
            content.full_label,
            change.path,
            _written(change.before),
            _written(change.after),
            change.by,
            duration(change.time_s),
            change.wall[:16].replace("T", " "),
        )
        for content in contents
        for change in changes_of(content.run)
    ]
    head = ("run", "field", "before", "after", "by", "after the beginning", "on")
    note = "The protocols below are those with which the runs began."
    return Table("Changes during the run", head, tuple(rows), note) if rows else None


def _written(value: str | bool | None) -> str:
    return DASH if value is None else str(value)


def half_cells(contents: Sequence[Content]) -> Table | None:
    """Make the table of half cells: capacities, efficiency, growth of the interfacial resistance."""
    found = [c for c in contents if c.kind == "half" and (c.cycles or c.states)]
    if not found:
        return None
    head = (
        "cell",
        "sodiation / mAh cm⁻²",
        "desodiation / mAh cm⁻²",
        "desodiation / mAh per g of Sn",
        "Coulombic efficiency, desodiation over sodiation / %",
        "irreversible / mAh cm⁻²",
        "R_SSE / Ω",
        "charge transfer / Ω",
        "growth from the first state / Ω",
        "growth from the first sodiated state / Ω",
        "growth / Ω cm²",
        "growth, temperature corrected / Ω",
    )
    note = (
        "± is one standard uncertainty. Capacities: gain of the current range (0.2 % assumed), zero, one reading at "
        "each edge, and the area. In the Coulombic efficiency the gain cancels on one range, the zero counts twice. "
        "Growth: from the covariance of the joint fit, in which the temperature is: one that was not measured "
        "is taken to change by 1 K at most (one standard uncertainty). The charge transfer is that of the last state."
    )
    return Table(
        "Half cells",
        head,
        tuple(_half_cell(content) for content in found),
        with_remarks(with_withheld(_with_null_results(note, found), found), found),
    )


def with_remarks(note: str, contents: Sequence[Content]) -> str:
    """Append to the note of a table what must be known of the resistances in it however good the fits are."""
    said = [
        f"{content.label}, {line}."
        for content in contents
        if (fit := content.spectra.fit) is not None
        for line in remark_lines(
            [
                (record.spectrum, state.remarks)
                for record, state in zip(content.spectra.records, fit.states, strict=True)
            ]
        )
    ]
    return " ".join([note, *said])


def _with_null_results(note: str, contents: Sequence[Content]) -> str:
    return " ".join([note, *(f"{words}." for content in contents for words in content.null_result)])


def with_withheld(note: str, contents: Sequence[Content]) -> str:
    """Append to the note of a table why it withholds conclusions."""
    return " ".join([note, *(f"{words}." for content in contents for words in content.withheld)])


def _half_cell(content: Content) -> tuple[str, ...]:
    cycle = content.cycles[0] if content.cycles else None
    fit = content.spectra.fit
    growth = content.spectra.growth
    return (
        content.label,
        areal(content, cycle.first_charge if cycle else None),
        areal(content, cycle.second_charge if cycle else None),
        _gravimetric(content, cycle.second_charge if cycle else None),
        efficiency(cycle),
        _lost(content, cycle),
        with_error(fit.states[0].r_sse_ohm, fit.states[0].r_sse_stderr_ohm) if fit is not None else DASH,
        with_error(fit.r_charge_transfer_ohm or None, fit.r_charge_transfer_stderr_ohm)
        if fit is not None
        else DASH,
        WITHHELD if content.withheld else _growth(growth),
        _growth(fit.growth_from_sodiated if fit is not None and growth is not None else None),
        _growth(growth, content.area_m2 * _CM2),
        _corrected(content),
    )


def _corrected(content: Content) -> str:
    if not are_measured(content.spectra.temperatures):
        return "temperature not measured"
    fit, growth = content.spectra.fit, content.spectra.growth
    return _growth(fit.growth_corrected if fit is not None and growth is not None else None)


def areal(content: Content, charge: Charge | None) -> str:
    """Print the areal capacity of a charge (mAh/cm2), the uncertainty of the area included."""
    if charge is None:
        return DASH
    value = areal_capacity_mAh_cm2(charge.charge_C, content.area_m2)
    area = run_geometry(content.run).area_stderr_m2 / content.area_m2
    own = areal_capacity_mAh_cm2(charge.stderr_C(), content.area_m2)
    return with_error(value, float((own**2 + (area * value) ** 2) ** 0.5))


def _gravimetric(content: Content, charge: Charge | None) -> str:
    """Print a capacity per gram of the active mass, with the uncertainty of the mass where that is known."""
    mass_kg, stderr_kg = content.active_mass_kg, content.active_mass_stderr_kg
    if charge is None or not mass_kg:
        return DASH
    value = gravimetric_mAh_g(charge.charge_C, mass_kg)
    own = gravimetric_mAh_g(charge.stderr_C(), mass_kg)
    return with_error(value, math.hypot(own, value * stderr_kg / mass_kg))


def efficiency(cycle: Cycle | None) -> str:
    """Print a Coulombic efficiency in percent; as text where a half was cut short."""
    if cycle is None:
        return DASH
    if cycle.efficiency is None:
        return "not determined: a half did not end by its own condition"
    return with_error(100.0 * cycle.efficiency.value, 100.0 * cycle.efficiency.stderr)


def _lost(content: Content, cycle: Cycle | None) -> str:
    if cycle is None or cycle.lost is None:
        return DASH
    per_area = 1.0 / content.area_m2 / MAH_CM2_IN_C_M2
    return with_error(cycle.lost.value * per_area, cycle.lost.stderr * per_area)


def _growth(growth: Growth | None, factor: float = 1.0) -> str:
    return DASH if growth is None else with_error(growth.value_ohm * factor, growth.stderr_ohm * factor)


def spectra(contents: Sequence[Content]) -> Table | None:
    """Make the table of spectra with their verdicts."""
    head = (
        "run",
        "state",
        "mAh cm⁻²",
        "voltage / V",
        "dV/dt before / mV min⁻¹",
        "R_interface / Ω",
        "R_interface / Ω cm²",
        "arc",
        "KK residual",
        "F",
        "verdict",
        "reason",
    )
    rows = [row for content in contents for row in _spectra(content)]
    note = (
        "F: chi² of the fit by that of the spectrum's own Kramers-Kronig description; up to 1.9 good, above 3 the "
        "wrong circuit. 'fresh': no sodium in the tin. '0 by definition': the reference, from which growth counts. "
        "'on demand': requested at that time of day; the growth does not count it."
    )
    return Table("Quality of the spectra", head, tuple(rows), note) if rows else None


def _spectra(content: Content) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    area_cm2 = content.area_m2 * _CM2
    for record, state in content.all_spectra:
        slope = record.start.rest_slope_V_s
        applies = content.spectra.has_interphase
        is_told = applies and not content.withheld
        rows.append(
            (
                content.full_label,
                content.state_name(record),
                f"{content.capacity_of(record):.4f}" if applies else DASH,
                fixed(record.start.dc_voltage_V, 4),
                plain(60e3 * slope, 2) if slope is not None else DASH,
                _interface(state) if is_told else DASH,
                _interface(state, area_cm2) if is_told else DASH,
                _arc(state) if applies else DASH,
                percent(state.kk_residual),
                f"{state.fit_over_kk:.2f}",
                VERDICT_WORDS[state.verdict],
                state.reason,
            )
        )
    return rows


def _interface(state: StateFit, factor: float = 1.0) -> str:
    if state.is_reference:
        return BY_DEFINITION
    return with_error(state.r_interface_ohm * factor, state.r_interface_stderr_ohm * factor)


def _arc(state: StateFit) -> str:
    return "fresh" if state.fresh else "seen" if state.identified else "not seen"


def joint_fits(contents: Sequence[Content]) -> Table | None:
    """Make the table of the joint fits: what they share, and what they are worth as a whole."""
    rows = []
    for content in contents:
        fit = content.spectra.fit
        if fit is None or content.kind == "pellet":
            continue
        circuit = fit.states[-1].fit.circuit.text
        chi = fit.solution.chi2_nu
        difference = f"{fit.aicc - fit.aicc_without:+.1f}".replace("-", "\u2212")
        rows.append(
            (
                content.label,
                circuit,
                difference,
                plain(chi, 3),
                VERDICT_WORDS[fit.verdict],
                fit.reason or DASH,
            )
        )
    head = (
        "run",
        "circuit of the last state",
        "AICc, with an interphase minus without",
        "chi²_ν",
        "verdict",
        "reason",
    )
    note = (
        "Weights 1/|Z|, logarithmic parameters. All states share the leads, and the electrolyte as far as its "
        "temperature is the same; charge transfer, double layer and tail are each state's own."
    )
    return Table("Joint fits", head, tuple(rows), note) if rows else None


def overpotentials(contents: Sequence[Content]) -> Table | None:
    """Make the table of overpotentials at the interruptions for spectra, and between charge and discharge."""
    rows = [row for content in contents if content.kind == "half" for row in _interruptions(content)]
    head = (
        "run",
        "step",
        "mAh cm⁻²",
        "under current / V",
        "relaxed / V",
        "rest",
        "overpotential / mV",
        "gone at the first reading / mV",
        "ohmic, I × R_SSE / mV",
    )
    return Table("Overpotentials at interruptions", head, tuple(rows)) if rows else None


def _interruptions(content: Content) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    fit = content.spectra.fit
    for step in (step for step in content.run.steps if step.current_A):
        for found in content.interruptions(step):
            ohmic = found.ohmic_V(fit.states[0].r_sse_ohm) if fit is not None else None
            rows.append(
                (
                    content.label,
                    direction(content.kind, step.current_A or 0.0),
                    f"{areal_capacity_mAh_cm2(found.charge_C, content.area_m2):.4f}",
                    f"{found.loaded_V:.4f}".replace("-", "\u2212"),
                    f"{found.relaxed_V:.4f}".replace("-", "\u2212"),
                    duration(found.rest_s),
                    f"{1e3 * found.overpotential_V:.1f}".replace("-", "\u2212"),
                    f"{1e3 * found.fast_V:.1f}".replace("-", "\u2212"),
                    f"{1e3 * ohmic:.1f}".replace("-", "\u2212") if ohmic is not None else DASH,
                )
            )
    return rows


def cycles(contents: Sequence[Content]) -> Table | None:
    """Make the table of full cells, cycle by cycle."""
    rows = [
        _cycle(content, cycle)
        for content in contents
        if content.kind == "full"
        for cycle in few_of(content.cycles)
    ]
    head = (
        "cell",
        "cycle",
        "charge / mAh cm⁻²",
        "discharge / mAh cm⁻²",
        "charge / mAh g⁻¹",
        "discharge / mAh g⁻¹",
        "Coulombic efficiency, discharge over charge / %",
        "retention of the discharge / %",
        "irreversible / mAh cm⁻²",
        "mean overpotential / mV",
    )
    note = (
        "Per gram of the active material whose mass the record has: that of the cathode, else the tin; without the "
        "uncertainty of the mass. Mean overpotential: half of the difference between the mean voltages of charge and "
        "discharge. ± is one standard uncertainty."
    )
    return Table("Full cells", head, tuple(rows), note) if rows else None


def few_of(found: Sequence[T]) -> list[T]:
    """Return all of a few; of many the first ten, then 20, 50, 100 and so on, and the last."""
    if len(found) <= _MOST_ROWS:
        return list(found)
    steps = {*range(10), len(found) - 1}
    size = 10
    while size < len(found):
        steps |= {k * size - 1 for k in (1, 2, 5) if k * size <= len(found)}
        size *= 10
    return [found[place] for place in sorted(steps)]


def _cycle(content: Content, cycle: Cycle) -> tuple[str, ...]:
    retained = cycle.retained
    return (
        content.label,
        str(cycle.number),
        areal(content, cycle.first_charge),
        areal(content, cycle.second_charge),
        _gravimetric(content, cycle.first_charge),
        _gravimetric(content, cycle.second_charge),
        efficiency(cycle),
        with_error(100.0 * retained.value, 100.0 * retained.stderr) if retained is not None else DASH,
        _lost(content, cycle),
        _mean_overpotential(content, cycle),
    )


def _mean_overpotential(content: Content, cycle: Cycle) -> str:
    if cycle.second is None:
        return DASH
    charge, discharge = mean_voltage(*content.curve(cycle.first)), mean_voltage(*content.curve(cycle.second))
    return plain(500.0 * (charge - discharge), 4)
