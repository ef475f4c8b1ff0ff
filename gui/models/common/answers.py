"""What the commands of solbench print with --json, as far as the desktop reads it; other fields are ignored."""

from pydantic import BaseModel, ConfigDict

from solbench.analysis.withheld import WithheldConclusion
from solbench.fitting.verdicts import Verdict


class Answer(BaseModel):
    """The last line that a command prints."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Started(Answer):
    """Of `run` and `resume --detach`, and of `queue start`: the run by its id or path."""

    run: str


class MadeSafe(Answer):
    """Of `make-safe`: whether a reading shows that the cell is off, in words."""

    verified: bool
    text: str


class Files(Answer):
    """Of `report` and `export`: the files written."""

    files: tuple[str, ...] = ()


class SpectrumResult(Answer):
    """One spectrum with its fit: values in SI by parameter, None where a value is not known.

    `index` is its number in the run; `from_Hz` and `to_Hz` are the ends of what was fitted.
    """

    index: int
    circuit: str | None = None
    points: int | None = None
    from_Hz: float | None = None
    to_Hz: float | None = None
    values: dict[str, float] = {}
    stderr: dict[str, float | None] = {}
    fixed: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    chi2_nu: float | None = None
    kk_residual: float | None = None
    r_sse_ohm: float | None = None
    r_sse_stderr_ohm: float | None = None
    r_interface_ohm: float | None = None
    r_interface_stderr_ohm: float | None = None
    areal_capacity_mAh_cm2: float | None = None
    verdict: Verdict | None = None
    reason: str = ""

    @property
    def electrolyte(self) -> tuple[float | None, float | None]:
        """Get the resistance of the electrolyte with its standard error, ohm."""
        return self.r_sse_ohm, self.r_sse_stderr_ohm

    @property
    def interface(self) -> tuple[float | None, float | None]:
        """Get the resistance of the interface with its standard error, ohm."""
        return self.r_interface_ohm, self.r_interface_stderr_ohm


class SourceResult(Answer):
    """One source of `fit`: its spectra, the growth of the interface over them, or the error."""

    source: str
    error: str | None = None
    spectra: tuple[SpectrumResult, ...] = ()
    r_interface_growth_ohm: float | None = None
    r_interface_growth_stderr_ohm: float | None = None
    verdict: Verdict | None = None
    reason: str = ""
    withheld: tuple[WithheldConclusion, ...] = ()


class Fits(Answer):
    """Of `fit`."""

    results: tuple[SourceResult, ...]


class Summary(Answer):
    """Of `summary`."""

    spectra: tuple[SpectrumResult, ...] = ()
    withheld: tuple[WithheldConclusion, ...] = ()


class CheckFinding(Answer):
    """What `check` found in the protocol or the cell."""

    grade: str
    field: str
    message: str
    cure: str = ""


class StartCheckItem(Answer):
    """One line of the start check; `remark`: passed, and yet worth a look."""

    name: str
    passed: bool
    text: str
    remark: bool = False


class Check(Answer):
    """Of `check --bench`; without a start check where it could not be done."""

    findings: tuple[CheckFinding, ...]
    start_check: tuple[StartCheckItem, ...] | None = None


class FoundInstrument(Answer):
    """One answer of `instruments --find`."""

    adapter: str | None
    address: str
    kind: str
    identity: str
    problem: str
    cure: str
    write_termination: str = ""


class AskedInstrument(Answer):
    """One answer of `instruments`; `last_error` is the instrument's code, 0 for none, None where it is not known."""

    address: int | str
    identity: str | None
    problem: str | None
    cure: str | None
    last_error: int | None


class GaugeShows(Answer):
    """One gauge beside the cell as `meters` read it; `value` in `unit`, None where it does not answer."""

    name: str
    unit: str
    value: float | None
    problem: str = ""


class Meters(Answer):
    """Of `meters`: one look at a bench. V, A (positive charges the cell), None where they could not be read.

    `flows`: a current flows, though no run is; `taken`: who has the bench; `run`: the own run that was asked.
    """

    bench: str
    simulated: bool
    voltage_V: float | None = None
    current_A: float | None = None
    overload: str = ""
    flows: bool | None = None
    instruments: tuple[str, ...] = ()
    gauges: tuple[GaugeShows, ...] = ()
    taken: str = ""
    problem: str = ""
    run: str = ""


class Instruments(Answer):
    """Of `instruments`: those of a bench by their kind, or all that were found."""

    instruments: dict[str, AskedInstrument] = {}
    found: tuple[FoundInstrument, ...] | None = None
