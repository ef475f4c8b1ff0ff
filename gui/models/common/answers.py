"""What the commands of solbench print with --json, as far as the desktop reads it; other fields are ignored."""

from pydantic import BaseModel, ConfigDict

from solbench.analysis.withheld import WithheldConclusion
from solbench.fitting.verdicts import Verdict


class Answer(BaseModel):
    """The last line that a command prints."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


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


class CorrectedField(Answer):
    """A field of `correct`: what was recorded and what holds now, None where it is not written."""

    field: str
    recorded: str | bool | None = None
    present: str | bool | None = None

    @property
    def text(self) -> str:
        """Get what holds now, as it is typed."""
        return _typed(self.present)

    @property
    def recorded_text(self) -> str:
        """Get what was recorded, as it is typed."""
        return _typed(self.recorded)


class ChangeAnswer(Answer):
    """One field of a correction."""

    field: str
    before: str | bool | None = None
    after: str | bool | None = None


class CorrectionAnswer(Answer):
    """One correction."""

    made: str
    who: str
    why: str
    changes: tuple[ChangeAnswer, ...]

    @property
    def words(self) -> str:
        """Get it as text."""
        changes = "; ".join(f"{one.field} {_typed(one.before)} → {_typed(one.after)}" for one in self.changes)
        return f"{self.made[:16].replace('T', ' ')} {self.who}: {changes} ({self.why})"


class Corrections(Answer):
    """Of `correct`: the fields, the corrections so far, and what is unusual about the last."""

    fields: tuple[CorrectedField, ...]
    corrections: tuple[CorrectionAnswer, ...] = ()
    doubts: tuple[str, ...] = ()


class TaggedRun(Answer):
    """The tags of a run."""

    run: str
    tags: tuple[str, ...] = ()


class Tagged(Answer):
    """Of `tag`: the runs with the tags that they have now."""

    runs: tuple[TaggedRun, ...]


def _typed(value: str | bool | None) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


class LifePart(Answer):
    """A run or a file in the life of a cell."""

    number: int
    file: str
    tags: tuple[str, ...] = ()


class LifeCycleAnswer(Answer):
    """A cycle of a life: charges in mAh, and in mAh/cm2 where the area is known."""

    number: int
    part: int
    second_part: int | None = None
    started: str = ""
    first_mAh: float
    second_mAh: float | None = None
    first_mAh_cm2: float | None = None
    second_mAh_cm2: float | None = None
    efficiency: float | None = None

    def areal(self, which: int) -> float | None:
        """Return the first (0) or the second charge, per area where that is known."""
        if self.first_mAh_cm2 is not None:
            return (self.first_mAh_cm2, self.second_mAh_cm2)[which]
        return (self.first_mAh, self.second_mAh)[which]


class LifeResistanceAnswer(Answer):
    """A spectrum of a life."""

    part: int
    spectrum: int
    time: str
    after_cycle: int
    r_sse_ohm: float | None = None
    r_int_ohm: float | None = None
    verdict: str = "good"


class CellLife(Answer):
    """Of `cell`."""

    cell: str
    simulated: bool
    area_cm2: float | None = None
    parts: tuple[LifePart, ...] = ()
    cycles: tuple[LifeCycleAnswer, ...] = ()
    resistances: tuple[LifeResistanceAnswer, ...] = ()


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
    left_out_Hz: tuple[float, ...] = ()
    remarks: tuple[str, ...] = ()

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
    """Of `fit`; `unread` says why files are not in it."""

    results: tuple[SourceResult, ...]
    unread: tuple[str, ...] = ()


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
    code: str = ""
    parameters: dict[str, str | float] = {}


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
