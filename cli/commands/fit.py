"""`solbench fit`: circuits fitted to spectra, of many files at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solbench.acquisition.errors import AcquisitionError
from solbench.analysis.report.numbers import in_ascii
from solbench.cli.output import (
    BAD_INPUT,
    COMPLETED,
    ENDED_OTHERWISE,
    JsonOption,
    errors_in_words,
    print_json,
    refusal,
    require_new,
    say,
)
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from solbench.analysis.batch import Job
    from solbench.analysis.fitted import Fits, FittedSpectrum, FittedState, JobResult, JointResult
    from solbench.fitting.circuit import Circuit as ParsedCircuit
    from solbench.fitting.geometry import Geometry

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...", help="Run files (.h5), spectra as other programs write them, or folders of them."
    ),
]
Circuit = Annotated[
    str | None,
    typer.Option(
        "--circuit",
        metavar="CIRCUIT",
        help="Such as L0-R0-p(R1,CPE1)-CPE2. Default: run files jointly as the states of a cell, other "
        "spectra with the circuit that each calls for.",
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="FREQUENCY", help="The lowest frequency to fit, such as '10 Hz' or '1 kHz'."
    ),
]
To = Annotated[str | None, typer.Option("--to", metavar="FREQUENCY", help="The highest frequency to fit.")]
LeftOut = Annotated[
    str | None,
    typer.Option(
        "--mask",
        metavar="FREQUENCY,...",
        help="Points to leave out: frequencies and ranges, such as '50 Hz, 100 kHz-1 MHz', or '3: 50 Hz' for "
        "spectrum 3 alone. To keep it with a run: solbench correct RUN --set left_out=...",
    ),
]
Start = Annotated[
    list[str] | None,
    typer.Option(
        "--start",
        metavar="NAME=VALUE",
        help="A start value, such as R1=35 or C1='10 uF'; the search's own starts are tried too. Needs --circuit.",
    ),
]
Fix = Annotated[
    list[str] | None,
    typer.Option("--fix", metavar="NAME=VALUE", help="Hold a parameter at a value. Needs --circuit."),
]
Weight = Annotated[
    str,
    typer.Option(
        "--weight",
        metavar="modulus|unit",
        help="Deviations relative to |Z|, or all alike, which favours the large impedances. Needs --circuit.",
    ),
]
Workers = Annotated[int, typer.Option("--workers", min=1, metavar="N", help="Number of processes.")]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="Fit on the Dask cluster there, tcp://HOST:PORT."),
]
Diameter = Annotated[
    str | None,
    typer.Option(
        "--diameter",
        metavar="LENGTH",
        help="Of a round pellet, '10 mm' or '10.00 +- 0.05 mm', for conductivities.",
    ),
]
Area = Annotated[
    str | None, typer.Option("--area", metavar="AREA", help="Instead of the diameter, '0.785 cm2'.")
]
Thickness = Annotated[
    str | None,
    typer.Option("--thickness", metavar="LENGTH", help="Of the pellet, '0.5 mm' or '500 +- 10 um'."),
]
TableFile = Annotated[
    Path | None, typer.Option("--table", metavar="FILE", help="Write all results to this CSV file.")
]
FigureFile = Annotated[
    Path | None,
    typer.Option("--figure", metavar="FILE", help="Draw spectra and fits to this .png, .svg or .pdf file."),
]

Drt = Annotated[
    bool,
    typer.Option(
        "--drt",
        help="Show the distribution of relaxation times of each spectrum, too: a view; no conclusion uses its "
        "numbers.",
    ),
]


def command(
    files: Files,
    circuit: Circuit = None,
    from_Hz: From = None,
    to_Hz: To = None,
    mask: LeftOut = None,
    start: Start = None,
    fix: Fix = None,
    weight: Weight = "modulus",
    workers: Workers = 1,
    scheduler: Scheduler = None,
    diameter: Diameter = None,
    area: Area = None,
    thickness: Thickness = None,
    table: TableFile = None,
    figure: FigureFile = None,
    drt: Drt = False,
    json: JsonOption = False,
) -> None:
    """Fit the spectra of FILE...

    Exit code 1 if one could not be fitted, a circuit does not describe it, a conclusion is withheld or the
    journal of a run is damaged, 2 if one could not be read.
    """
    from solbench.analysis.batch import find_files, fit_jobs, measured, read_job
    from solbench.analysis.fit_settings import read_settings, require_points
    from solbench.analysis.fitted import Fits
    from solbench.analysis.views.fit_table import read_geometry, write_table

    with errors_in_words():
        parsed = _parsed(circuit)
        geometry = read_geometry(diameter, area, thickness)
        require_new(table, "--table")
        require_new(figure, "--figure", (".png", ".svg", ".pdf"))
        settings = read_settings(
            parsed, from_text=from_Hz, to_text=to_Hz, start=start, fix=fix, weight=weight, mask=mask
        )
        jobs, unread = [], []
        for path in find_files(files):
            try:
                jobs.append(read_job(path, circuit))
            except (BadInput, AcquisitionError, OSError) as error:
                unread.append(refusal(error) if isinstance(error, OSError) else str(error))
                say(f"solbench: {unread[-1]}")
        if jobs:
            require_points(settings.mask, measured(jobs), "--mask")
        fits = Fits(tuple(fit_jobs(jobs, circuit, workers, scheduler, settings, drt=drt)), tuple(unread))
        _show(fits, jobs, json, geometry)
        if table is not None:
            write_table(table, fits.results, geometry, jobs)
        if figure is not None:
            from solbench.analysis.views.fit_figure import write_figure

            write_figure(figure, jobs, fits.results)
    failed = any(result.error or _undescribed(result) or _withheld(result) for result in fits.results)
    failed |= any(job.is_damaged for job in jobs)
    raise typer.Exit(BAD_INPUT if unread else ENDED_OTHERWISE if failed else COMPLETED)


def _parsed(circuit: str | None) -> ParsedCircuit | None:
    from solbench.fitting.circuit import CircuitError, parse

    try:
        return None if circuit is None else parse(circuit)
    except CircuitError as error:
        raise BadInput(str(error), "Write it as L0-R0-p(R1,CPE1)-CPE2", field="--circuit") from None


def _show(fits: Fits, jobs: list[Job], json: bool, geometry: Geometry | None) -> None:
    for result in fits.results:
        if result.error:
            say(f"solbench: {result.source}: {result.error}")
    if json:
        print_json(fits)
        return
    from solbench.analysis.views.fit_table import distribution_lines

    for job, result in zip(jobs, fits.results, strict=True):
        print("\n".join([*_lines(result, geometry), *distribution_lines(job, result)]))


def _lines(result: JobResult, geometry: Geometry | None) -> list[str]:
    from solbench.analysis.fitted import FittedState, JointResult
    from solbench.analysis.views.fit_table import derived, told_geometry
    from solbench.fitting.verdicts import VERDICT_WORDS

    geometry = told_geometry(result, geometry)
    lines = [", ".join(filter(None, (result.source, result.mark)))]
    lines += [f"  note: {note}" for note in result.notes]
    for spectrum in result.spectra:
        lines.append(f"  spectrum {spectrum.index}: {spectrum.circuit}, {_quality(spectrum)}")
        lines.append("    " + ", ".join(_number(spectrum, name) for name in spectrum.values))
        lines += [f"    {spectrum.left_out_words}"] if spectrum.left_out_Hz else []
        if isinstance(spectrum, FittedState):
            lines.append(f"    R_SSE {_electrolyte(spectrum)}{_interface(spectrum)}")
        more = [
            f"{row.name} {in_ascii(row.value, row.stderr, row.unit)}" for row in derived(spectrum, geometry)
        ]
        lines += [f"    {', '.join(more)}"] if more else []
        if not result.joint:  # there the parts of an arc may trade places, what is reported does not
            lines += [f"    {VERDICT_WORDS[spectrum.verdict]}{': ' * bool(spectrum.reason)}{spectrum.reason}"]
            lines += [] if spectrum.reason else [f"    {flag}" for flag in spectrum.flags]
    return lines + (_joint_lines(result) if isinstance(result, JointResult) else [])


def _undescribed(result: JobResult) -> bool:
    return any(spectrum.verdict == "wrong" for spectrum in result.spectra)


def _withheld(result: JobResult) -> bool:
    from solbench.analysis.fitted import JointResult

    return isinstance(result, JointResult) and bool(result.withheld)


def _joint_lines(result: JointResult) -> list[str]:
    from solbench.analysis.withheld import words
    from solbench.fitting.verdicts import VERDICT_WORDS, remark_lines

    lines = []
    if result.r_interface_growth_ohm is not None:
        growth = in_ascii(result.r_interface_growth_ohm, result.r_interface_growth_stderr_ohm, "ohm")
        lines.append(f"  growth of the interface {growth}")
    said = remark_lines([(spectrum.index, spectrum.remarks) for spectrum in result.spectra])
    lines += [f"  {words(found)}" for found in result.withheld] + [f"  {line}" for line in said]
    if result.reason:
        lines.append(f"  {VERDICT_WORDS[result.verdict]}: {result.reason}")
    return lines


def _electrolyte(spectrum: FittedState) -> str:
    return in_ascii(spectrum.r_sse_ohm, spectrum.r_sse_stderr_ohm, "ohm")


def _interface(spectrum: FittedState) -> str:
    from solbench.fitting.verdicts import BY_DEFINITION, is_reference

    value, stderr = spectrum.r_interface_ohm, spectrum.r_interface_stderr_ohm
    if value is None:  # the cell has none, or it is not distinguishable from the electrolyte
        return ""
    reference = is_reference(value, stderr)
    return ", R_interface " + (BY_DEFINITION if reference else in_ascii(value, stderr, "ohm"))


def _quality(spectrum: FittedSpectrum) -> str:
    residual = spectrum.kk_residual
    shown = f"{spectrum.points} points, chi2_nu {spectrum.chi2_nu:.3g}"
    return shown if residual is None else f"{shown}, Kramers-Kronig residual {100 * residual:.2f} %"


def _number(spectrum: FittedSpectrum, name: str) -> str:
    """Return a parameter of the circuit with its unit, and as many digits as its uncertainty leaves."""
    from solbench.fitting.circuit import parse

    circuit = parse(spectrum.circuit)
    unit = dict(zip(circuit.names, circuit.units, strict=True)).get(name, "")
    held = name in spectrum.fixed
    shown = in_ascii(spectrum.values[name], None if held else spectrum.stderr.get(name), unit.strip("1"))
    return f"{name} {shown}{' (held)' if held else ''}"
