"""Tables of the arcs of each state, and of what each state shows by itself beside the joint fit."""

from collections.abc import Sequence

from solbench.acquisition.record.folds import SpectrumRecord
from solbench.analysis.interruptions import dc_resistance_ohm
from solbench.analysis.report.contents import Content
from solbench.analysis.report.numbers import DASH, engineering, plain, with_error
from solbench.analysis.report.tables import Table
from solbench.fitting.spectra.arcs import Arc
from solbench.fitting.state_fit import StateFit

_CM2 = 1e4


def arcs(contents: Sequence[Content]) -> Table | None:
    """Make the table of all arcs: a row for each arc of each state."""
    rows = [
        (content.full_label, content.state_name(record), *_arc(arc))
        for content in contents
        if not content.withheld
        for record, _ in content.all_spectra
        for arc in content.spectra.arcs(record)
    ]
    head = ("run", "state", "arc", "R / Ω", "Q / S sⁿ", "n", "C", "time constant")
    note = (
        "C: of the capacitor with the same apex, the n-th root of R^(1−n) Q. An arc is assigned by its "
        "capacitance and by what it does from state to state. Bulk and grain boundary are named only where both "
        "lie within the window, each is known to a tenth, and the stray capacitance is known to a fifth of that "
        "of the bulk; both are 'electrolyte' otherwise, and only their sum is known. States whose conclusions "
        "are withheld are left out."
    )
    return Table("Arcs", head, tuple(rows), note) if rows else None


def _arc(arc: Arc) -> tuple[str, ...]:
    return (
        arc.label,
        DASH if arc.r_ohm is None else with_error(arc.r_ohm, arc.r_stderr_ohm),
        plain(arc.q, 3),
        f"{arc.n:.3f}",
        DASH if arc.capacitance_F is None else engineering(arc.capacitance_F, "F"),
        DASH if arc.time_constant_s is None else engineering(arc.time_constant_s, "s"),
    )


def alone(contents: Sequence[Content]) -> Table | None:
    """Make the table of the states fitted together, and each by itself."""
    rows = [
        _alone(content, record, state)
        for content in contents
        if content.spectra.has_interphase
        for record, state in content.states
    ]
    head = (
        "run",
        "state",
        "R_SSE, together / Ω",
        "arcs, together / Ω",
        "R_SSE, alone / Ω",
        "arcs, alone / Ω",
        "all, alone / Ω",
        "all, alone / Ω cm²",
        "R_dc / Ω",
    )
    note = (
        "Together: the joint fit, in which all states share the leads and the electrolyte. Alone: each spectrum "
        "by itself, which tells the sum well and its parts less so. An electrode that blocks has no arc here. "
        "R_dc: overpotential over current before the rest; where it is larger than all arcs, the spectrum did "
        "not reach low enough."
    )
    return Table("States together and alone", head, tuple(rows), note) if rows else None


def _alone(content: Content, record: SpectrumRecord, state: StateFit) -> tuple[str, ...]:
    found = content.spectra.alone[record.spectrum]
    area_cm2 = content.area_m2 * _CM2
    return (
        content.full_label,
        content.state_name(record),
        with_error(state.r_sse_ohm, state.r_sse_stderr_ohm),
        with_error(state.r_arcs_ohm, state.r_arcs_stderr_ohm),
        with_error(found.r_sse_ohm, found.r_sse_stderr_ohm),
        with_error(found.r_arcs_ohm, found.r_arcs_stderr_ohm),
        with_error(found.r_total_ohm, found.r_total_stderr_ohm),
        with_error(found.r_total_ohm * area_cm2, found.r_total_stderr_ohm * area_cm2),
        plain(dc_resistance_ohm(content.run, record)),
    )
