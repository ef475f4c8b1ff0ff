"""What fits found as a table of numbers, one row a quantity, with conductivities where the geometry is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from solbench.analysis.batch import Job
from solbench.analysis.exports.spreadsheet import write_csv
from solbench.analysis.fitted import FittedSpectrum, FittedState, JobResult, JointResult
from solbench.analysis.report.numbers import in_ascii
from solbench.analysis.views.distributions import VIEW, PlainDistribution, State, axis_of
from solbench.analysis.withheld import words
from solbench.fitting.circuit import parse as parse_circuit
from solbench.fitting.geometry import Geometry, conductivity
from solbench.fitting.verdicts import VERDICT_WORDS
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.quantities.quantity import read
from solbench.protocols.quantities.units import leading_number

HEAD = (
    "file",
    "spectrum",
    "circuit",
    "quantity",
    "value",
    "standard error",
    "unit",
    "held / 1",
    "points / 1",
    "from / Hz",
    "to / Hz",
    "chi2_nu / 1",
    "Kramers-Kronig residual / 1",
    "remarks",
    "simulated / 1",
    "verdict",
    "areal capacity / mAh/cm2",
    "temperature / K",
    "left out / Hz",
)
_WITH_ERROR = re.compile(r"\s*([^\s+]+)\s*(?:\+-|±)\s*(\S+)\s*(\S.*)")


class Quantity(NamedTuple):
    """A result with its standard error and unit; `held` where it was not fitted."""

    name: str
    value: float
    stderr: float | None
    unit: str
    held: bool = False


def read_geometry(diameter: str | None, area: str | None, thickness: str | None) -> Geometry | None:
    """Read the geometry of a pellet as written ("10 mm", "10.00 +- 0.05 mm"); raises BadInput that names the option."""
    if diameter is None and area is None and thickness is None:
        return None
    if thickness is None or (diameter is None) == (area is None):
        raise BadInput(
            "a conductivity needs the thickness and either the diameter or the area",
            "Write, for example, --diameter '10 mm' --thickness '0.5 mm'",
            field="--thickness" if thickness is None else "--diameter",
        )
    length, length_stderr = _read(thickness, "length", "--thickness", "0.5 mm")
    if diameter is not None:
        across, stderr = _read(diameter, "length", "--diameter", "10 mm")
        return Geometry.disc(across, length, stderr, length_stderr)
    assert area is not None  # one of the two is there
    size, stderr = _read(area, "area", "--area", "0.785 cm2")
    return Geometry(size, length, stderr, length_stderr)


def _read(text: str, kind: str, option: str, example: str) -> tuple[float, float]:
    """Read a length or an area (SI) with its standard error, 0 where none is written."""
    written = _WITH_ERROR.fullmatch(text)
    value, error = (f"{written[1]} {written[3]}", f"{written[2]} {written[3]}") if written else (text, "")
    try:
        return read(value, kind), read(error, kind, "not negative") if error else 0.0
    except FieldError as problem:
        cure = (
            f"Write {option} '{example}', or with its standard error: '{example.replace(' ', ' +- 0.01 ')}'"
        )
        message = problem.message
        if written and leading_number(written[2]) != written[2]:
            message = f"'{text}' is not a number, its standard error and a unit"
        elif written and "below zero" in message:
            message = f"the standard error in '{text}' is below zero"
        raise BadInput(message, cure, field=option) from None


def told_geometry(result: JobResult, geometry: Geometry | None) -> Geometry | None:
    """Return the geometry for the conductivities of a result, None where they are withheld."""
    withheld = result.withheld if isinstance(result, JointResult) else ()
    return None if any(one.conclusion == "ionic_conductivity" for one in withheld) else geometry


def quantities(found: FittedSpectrum, geometry: Geometry | None) -> list[Quantity]:
    """Return the parameters of a fit, what follows from them, and conductivities (S/cm) where the geometry is known."""
    own = _parameters(found)
    if isinstance(found, FittedState):
        own.append(Quantity("R_SSE", found.r_sse_ohm, found.r_sse_stderr_ohm, "ohm"))
        if found.r_interface_ohm is not None:
            own.append(Quantity("R_interface", found.r_interface_ohm, found.r_interface_stderr_ohm, "ohm"))
    return [*own, *derived(found, geometry), *(_peaks(found.drt) if found.drt is not None else [])]


def _peaks(drt: PlainDistribution) -> list[Quantity]:
    """Return resistance (ohm), time constant (s) and capacitance (F) of each peak that may be named."""
    rows = []
    for number, peak in enumerate(drt.named, 1):
        rows.append(Quantity(f"DRT R{number}", peak.resistance_ohm, peak.resistance_stderr_ohm, "ohm"))
        rows.append(Quantity(f"DRT tau{number}", peak.tau_s, None, "s"))
        rows.append(Quantity(f"DRT C{number}", peak.capacitance_F, None, "F"))
    return rows


def derived(found: FittedSpectrum, geometry: Geometry | None) -> list[Quantity]:
    """Return the sum of the resistances where there are several, and the conductivities (S/cm).

    The arcs of a joint fit may trade places: there the conductivity is that of the electrolyte alone.
    """
    if isinstance(found, FittedState):
        resistances = [Quantity("R_SSE", found.r_sse_ohm, found.r_sse_stderr_ohm, "ohm")]
        total = []
    else:
        resistances = [row for row in _parameters(found) if row.unit == "ohm"]
        several = found.r_total_ohm is not None and len(resistances) > 1
        total = (
            [Quantity("R_total", found.r_total_ohm or 0.0, found.r_total_stderr_ohm, "ohm")]
            if several
            else []
        )
    if geometry is None:
        return total
    return [*total, *(_conductivity(row, geometry) for row in (*resistances, *total) if row.value > 0)]


def _parameters(found: FittedSpectrum) -> list[Quantity]:
    circuit = parse_circuit(found.circuit)
    units = dict(zip(circuit.names, circuit.units, strict=True))
    return [
        Quantity(name, value, found.stderr.get(name), units.get(name, ""), name in found.fixed)
        for name, value in found.values.items()
    ]


def _conductivity(row: Quantity, geometry: Geometry) -> Quantity:
    sigma_S_m, stderr_S_m = conductivity(row.value, row.stderr or 0.0, geometry)
    known = row.stderr is not None or row.held
    return Quantity(
        f"sigma({row.name})", sigma_S_m / 100, stderr_S_m / 100 if known else None, "S/cm", row.held
    )


def states_of(job: Job, result: JobResult) -> list[State]:
    """Return the distributions of a result with where in the run each spectrum was taken; empty without any."""
    found = []
    for one in result.spectra:
        if one.drt is None:
            continue
        place = job.numbers.index(one.index)
        capacities, temperatures, times = job.capacities_mAh_cm2, job.temperatures_K, job.times_s
        found.append(
            State(
                f"spectrum {one.index}",
                one.drt,
                capacities[place] if capacities else None,
                temperatures[place] if temperatures else None,
                times[place] if times else None,
            )
        )
    return found


def distribution_lines(job: Job, result: JobResult) -> list[str]:
    """Return the named peaks of the distributions as lines for a terminal, a state each; empty without any."""
    states = states_of(job, result)
    if not states:
        return []
    name, values = axis_of(states)
    unit = {"areal capacity": "mAh/cm2", "temperature": "degC", "time": "h"}.get(name.partition(" /")[0], "")
    lines = [f"  distribution of relaxation times ({VIEW}):"]
    for state, value in zip(states, values, strict=True):
        where = f" at {value:.4f} {unit}" if unit else ""
        peaks = [
            f"{in_ascii(peak.resistance_ohm, peak.resistance_stderr_ohm, 'ohm')} at {peak.tau_s:.2g} s "
            f"({peak.capacitance_F:.2g} F)"
            for peak in state.drt.named
        ]
        parts = [*peaks, *([state.drt.unnamed_words] if state.drt.unnamed_words else [])]
        lines.append(f"    {state.label}{where}: {'; '.join(parts) or 'no peak'}")
    return lines


def write_table(
    path: Path, results: Sequence[JobResult], geometry: Geometry | None, jobs: Sequence[Job] = ()
) -> None:
    """Write the quantities of all fits as CSV in SI, conductivities in S/cm; raises BadInput if the file exists."""
    try:
        stream = path.open("x", encoding="utf-8", newline="")
    except FileExistsError:
        raise BadInput("this file exists", "Name another one, or move it away", file=str(path)) from None
    with stream:
        write_csv(stream, [HEAD])
        for place, result in enumerate(results):
            job = jobs[place] if jobs else None
            for found in result.spectra:
                where = _where(job, found.index)
                left_out = " ".join(f"{value:.6g}" for value in sorted(found.left_out_Hz))
                rows = _rows(result, found, geometry)
                write_csv(stream, ([*row, *where, left_out] for row in rows))


def _where(job: Job | None, number: int) -> list[str]:
    """Return areal capacity and temperature of a spectrum, empty where they are not known."""
    found: list[str] = []
    for values in (job.capacities_mAh_cm2, job.temperatures_K) if job is not None else (None, None):
        value = values[job.numbers.index(number)] if job is not None and values else None
        found.append("" if value is None else repr(float(value)))
    return found


def _rows(result: JobResult, found: FittedSpectrum, geometry: Geometry | None) -> Iterator[list[object]]:
    doubts = [found.reason] if found.reason and found.verdict != "good" else []
    withheld = [words(one) for one in result.withheld] if isinstance(result, JointResult) else []
    flags = found.flags if not result.joint else []
    said = found.remarks if isinstance(found, FittedState) else ()
    remarks = "; ".join([*result.notes, *withheld, *doubts, *said, *flags])
    for row in quantities(found, told_geometry(result, geometry)):
        yield [
            result.source,
            found.index,
            found.circuit,
            row.name,
            repr(row.value),
            "" if row.stderr is None else repr(row.stderr),
            row.unit,
            int(row.held),
            found.points,
            repr(found.from_Hz),
            repr(found.to_Hz),
            repr(found.chi2_nu),
            "" if found.kk_residual is None else repr(found.kk_residual),
            remarks,
            int(result.simulated),
            VERDICT_WORDS[found.verdict],
        ]
