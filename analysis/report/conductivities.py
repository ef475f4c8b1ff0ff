"""Ionic and electronic conductivities of the electrolytes, the rise on reduction, and what carries the current."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from statistics import fmean, stdev

from solbench.acquisition.record.beside.pressure import differ
from solbench.acquisition.record.beside.pressure import in_words as pressure_in_words
from solbench.acquisition.record.beside.temperature import TYPED_STDERR_K
from solbench.acquisition.record.reader import Run
from solbench.analysis.report.contents import Content
from solbench.analysis.report.numbers import DASH, WITHHELD, engineering, plain, with_error
from solbench.analysis.report.tables import Table, with_withheld
from solbench.analysis.report.transients import build_words
from solbench.analysis.states_of_run import relative_density
from solbench.analysis.summary import PolarizationSummary
from solbench.analysis.summary import polarizations as polarizations_of
from solbench.analysis.temperature import in_words, of_run
from solbench.fitting.dc_polarization import DcResult

_S_CM = 100.0


@dataclass(frozen=True)
class Conductivity:
    """A conductivity (S/cm) with its standard uncertainty; `is_bound`: it is below this value."""

    value_S_cm: float
    stderr_S_cm: float
    is_bound: bool = False

    def __str__(self) -> str:
        if self.is_bound:
            return f"< {plain(self.value_S_cm, 2)}"
        return with_error(self.value_S_cm, self.stderr_S_cm)


def electronic(result: DcResult) -> Conductivity:
    """Make the electronic conductivity of a DC result, S/m, one in S/cm."""
    return Conductivity(result.sigma_S_m / _S_CM, result.sigma_stderr_S_m / _S_CM, result.is_bound)


def rise(pristine: Conductivity, reduced: Conductivity) -> str:
    """Say by how many decades the conductivity rises: a number, or a bound where the pristine one is a bound.

    A bound is rounded down.

    >>> rise(Conductivity(1e-9, 1e-11), Conductivity(1e-6, 1e-8)).replace("\u00a0", " ")
    '3.0000 ± 0.0061 decades'
    >>> rise(Conductivity(2e-9, math.nan, True), Conductivity(1e-6, 1e-8)).replace("\u00a0", " ")
    '≥ 2.6 decades'
    """
    if reduced.is_bound:
        return "not determined: the reduced electrolyte is a bound"
    decades = math.log10(reduced.value_S_cm / pristine.value_S_cm)
    if pristine.is_bound:
        return f"≥\u00a0{math.floor(10 * decades) / 10:g}\u00a0decades"
    relative = (pristine.stderr_S_cm / pristine.value_S_cm, reduced.stderr_S_cm / reduced.value_S_cm)
    return with_error(decades, math.hypot(*relative) / math.log(10.0), "decades")


def transference(ionic: Conductivity, electrons: Conductivity) -> str:
    """Say which part of a steady current ions would carry.

    >>> transference(Conductivity(1e-4, 1e-6), Conductivity(1e-6, 1e-8))
    'ions carry 99.01 %, electrons 0.99 %'
    >>> transference(Conductivity(1e-4, 1e-6), Conductivity(1e-9, math.nan, True))
    'ions carry more than 99.99900 %, electrons less than 0.00100 %'
    """
    share = electrons.value_S_cm / (electrons.value_S_cm + ionic.value_S_cm)
    decimals = max(1, 1 - math.floor(math.log10(100.0 * share)))
    more, less = ("more than ", "less than ") if electrons.is_bound else ("", "")
    return (
        f"ions carry {more}{100 - 100 * share:.{decimals}f} %, electrons {less}{100 * share:.{decimals}f} %"
    )


def table(contents: Sequence[Content]) -> Table | None:
    """Make the table of conductivities: a row for each electrolyte and temperature, and each run that repeats one."""
    pellets = [content for content in contents if content.kind == "pellet"]
    rows = [row for own in _alike(contents) for row in _rows(own)]
    head = (
        "electrolyte",
        "temperature",
        "pressure",
        "runs",
        "ionic / S cm⁻¹",
        "electronic, pristine / S cm⁻¹",
        "electronic, reduced / S cm⁻¹",
        "rise on reduction",
        "transference, pristine",
        "transference, reduced",
    )
    note = (
        "± is one standard uncertainty, that of the pellet's thickness and area included. '<' and '≥' where a current "
        "is not distinguishable from the instrument's zero or its transient tends to no constant. A run that repeats "
        "another one has a row of its own."
    )
    title = "Electrolytes: rise on reduction, and what carries the current"
    return Table(title, head, tuple(rows), with_withheld(note, pellets)) if rows else None


def run_by_run(contents: Sequence[Content]) -> Table | None:
    """Make the table of conductivities, a row a run, each with its temperature and pressure."""
    rows = []
    for content in contents:
        if content.kind == "pellet" and (content.ionic_S_cm or content.withheld):
            ionic = str(Conductivity(*content.ionic_S_cm)) if content.ionic_S_cm is not None else WITHHELD
            electrons = DASH
        elif content.dc is not None and content.kind != "hebb_wagner":
            ionic, electrons = DASH, str(electronic(content.dc))
        else:
            continue
        thickness_m = content.cell.required("thickness_m")
        rows.append(
            (
                content.run.path.stem,
                content.cell.name,
                build_words(content),
                _temperature(content.run),
                pressure(content),
                plain(1e6 * thickness_m),
                _density(content),
                ionic,
                electrons,
            )
        )
    head = (
        "run",
        "electrolyte",
        "build",
        "temperature",
        "pressure",
        "thickness / µm",
        "relative density",
        "ionic / S cm⁻¹",
        "electronic / S cm⁻¹",
    )
    return Table("Conductivities, run by run", head, tuple(rows)) if rows else None


def repeated_pellets(contents: Sequence[Content]) -> Table | None:
    """Make the table of pellets of one electrolyte at one temperature and pressure: their mean and how they scatter."""
    rows = []
    pellets = [content for content in contents if content.kind == "pellet" and content.ionic_S_cm is not None]
    for own in _alike(pellets):
        values = [content.ionic_S_cm[0] for content in own if content.ionic_S_cm is not None]
        if len(values) > 1:
            rows.append(
                (
                    own[0].cell.name,
                    _temperature(own[0].run),
                    pressure(own[0]),
                    str(len(values)),
                    with_error(fmean(values), stdev(values)),
                    f"{100 * stdev(values) / fmean(values):.2g}\u00a0%",
                    ", ".join(content.run.path.stem for content in own),
                )
            )
    head = (
        "electrolyte",
        "temperature",
        "pressure",
        "pellets",
        "mean ± standard deviation / S cm⁻¹",
        "scatter",
        "runs",
    )
    note = (
        "Here ± is the standard deviation from pellet to pellet (n − 1), not the uncertainty of one; each run "
        "is taken as a pellet of its own."
    )
    return Table("Pellets of one kind", head, tuple(rows), note) if rows else None


def _density(content: Content) -> str:
    density = relative_density(content.run)
    return "unknown" if density is None else f"{100.0 * density:.3g} %"


def pressure(content: Content) -> str:
    """Return the stack pressure of a run as it was measured, else as it was typed."""
    found = content.run.stack_pressure
    if found is None or found.source == "typed":
        return content.run.header.conditions.stack_pressure
    return pressure_in_words(found)


def _alike(contents: Sequence[Content]) -> list[list[Content]]:
    """Return the runs of one electrolyte at one temperature together, in the order of their first."""
    groups: list[list[Content]] = []
    for content in contents:
        own = next((group for group in groups if _are_alike(group[0], content)), None)
        if own is None:
            groups.append([content])
        else:
            own.append(content)
    return groups


def _are_alike(one: Content, other: Content) -> bool:
    """Say whether two runs are of one electrolyte at one pressure and one temperature, the measured one if there is."""
    if one.cell.name != other.cell.name or differ(one.run.stack_pressure, other.run.stack_pressure):
        return False
    first, second = of_run(one.run), of_run(other.run)
    if first is None or second is None:
        return first is second
    if first.source == second.source == "typed":
        return first.value_K == second.value_K
    return abs(first.value_K - second.value_K) <= math.hypot(first.stderr_K, second.stderr_K, TYPED_STDERR_K)


def _rows(own: Sequence[Content]) -> list[tuple[str, ...]]:
    """Return the rows of one electrolyte at one temperature; what several runs found stands in as many rows."""
    pellets = [
        content for content in own if content.kind == "pellet" and (content.ionic_S_cm or content.withheld)
    ]
    columns = (
        pellets,
        [content for content in own if content.dc is not None and build_words(content) == "pristine"],
        [content for content in own if content.dc is not None and build_words(content) == "reduced"],
    )
    return [_row([run for run in together if run]) for together in zip_longest(*columns)]


def _row(together: Sequence[Content]) -> tuple[str, ...]:
    ionic = next((Conductivity(*run.ionic_S_cm) for run in together if run.ionic_S_cm is not None), None)
    withheld = any(run.kind == "pellet" and run.withheld for run in together)
    dc = {build_words(run): electronic(run.dc) for run in together if run.dc is not None}
    pristine, reduced = dc.get("pristine"), dc.get("reduced")
    return (
        together[0].cell.name,
        _temperature(together[0].run),
        pressure(together[0]),
        ", ".join(run.run.path.stem for run in together),
        str(ionic) if ionic else WITHHELD if withheld else DASH,
        str(pristine) if pristine else DASH,
        str(reduced) if reduced else DASH,
        rise(pristine, reduced) if pristine and reduced else DASH,
        transference(ionic, pristine) if ionic and pristine else DASH,
        transference(ionic, reduced) if ionic and reduced else DASH,
    )


def _temperature(run: Run) -> str:
    """Return the temperature of a run, and whether it was measured or typed."""
    found, typed = of_run(run), run.header.conditions.temperature
    return in_words(found, typed) if found is not None else typed


def polarizations(contents: Sequence[Content]) -> Table | None:
    """Make the table of DC polarizations: the current, whether it was steady, and the verdict."""
    rows = []
    for content in contents:
        result = content.dc
        if result is None:
            continue
        zero = f"{engineering(result.zero.offset_A, 'A', 2)}, scatter {engineering(result.zero.scatter_A, 'A', 2)}"
        for number, one in enumerate(polarizations_of(result)):
            rows.append(
                (
                    f"{content.label}, {build_words(content)}",
                    engineering(one.voltage_V, "V"),
                    _current(one),
                    "steady" if one.steady else "not steady",
                    plain(one.time_constant_s, 3) if one.time_constant_s is not None else DASH,
                    zero if number == 0 else "",
                    result.verdict if number == 0 else "",
                )
            )
    head = ("run", "voltage", "final current", "state", "time constant / s", "zero of the ammeter", "verdict")
    note = (
        "A row a voltage; the conductivity follows from all that have settled. '<': the current had not settled, so "
        "that its limit would be an extrapolation, or does not stand above the zero. Steady: by the rule of the step."
    )
    return Table("DC polarizations", head, tuple(rows), note) if rows else None


def _current(one: PolarizationSummary) -> str:
    """Return the current that a polarization tends to, or below which it is."""
    if one.current_A is None:
        return DASH
    if one.is_bound:
        return f"< {engineering(one.current_A, 'A', 2)}"
    return with_error(1e9 * one.current_A, 1e9 * (one.current_stderr_A or 0.0), "nA")
