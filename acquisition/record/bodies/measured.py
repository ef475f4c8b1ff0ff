"""Records of what was measured: samples, zeros, spectra and their points, parts of a DC polarization.

`segment` is the segment's ordinal; where it has a default the engine fills it in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from solbench.acquisition.record.codec import OMITTED
from solbench.drivers.record import record
from solbench.fitting.verdicts import Verdict

AFTER_RANGE_CHANGE_S = 10.0  # readings so soon after the ammeter's range changed are not used

Role = Literal["spectrum", "again", "linearity", "asked"]
Decides = Literal["", "end", "limit"]
QualityCode = Literal[
    "",
    "good",
    "few_points",
    "points_with_error",
    "points_unsettled",
    "residual_raised",
    "residual_high",
    "resistance_negative",
]
WhySetAside = Literal["unsettled", "kk_residual"]

GaugePlace = Literal["cell", "room", "elsewhere"]
GaugeCode = Literal["", "lost", "no_value", "stuck", "jumped"]


@record
class Sample:
    """A reading that is kept; time is the middle of its conversion.

    `segment`: ordinal
    `charge_C`: net charge of the run
    `range`: of the ammeter
    `deciding`: true where it ended the segment
    `overload`: which input was beyond its range
    `paused`: true in a pause, with the cell off
    """

    kind: ClassVar[Literal["sample"]] = "sample"
    when: ClassVar[str] = "a reading is stored"
    step: int
    segment: int
    voltage_V: float
    current_A: float
    charge_C: float
    range: int
    deciding: bool = field(default=False, metadata=OMITTED)
    overload: str = field(default="", metadata=OMITTED)
    paused: bool = field(default=False, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A reading that the next ones did not confirm; it is in no charge and ends nothing.

    `segment`: ordinal
    `text`: the instrument's answer as it came
    `decides`: what it would have decided, limit or end
    """

    kind: ClassVar[Literal["rejected"]] = "rejected"
    when: ClassVar[str] = "a reading was not confirmed by the next"
    segment: int = 0
    voltage_V: float
    current_A: float
    text: str = field(default="", metadata=OMITTED)
    decides: Decides = field(default="", metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentLimited:
    """A constant voltage is approached at its current limit, until it is reached.

    `current_A`: that is held until then
    `voltage_V`: that is to be reached
    """

    kind: ClassVar[Literal["limited"]] = "limited"
    when: ClassVar[str] = "a constant voltage would exceed its current limit"
    segment: int = 0
    current_A: float
    voltage_V: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroRead:
    """The ammeter's zero was read on one range, with the cell off."""

    kind: ClassVar[Literal["zero"]] = "zero"
    when: ClassVar[str] = "the ammeter's zero was read"
    segment: int = 0
    range: int
    mean_A: float
    stderr_A: float
    readings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumStart:
    """A sweep begins, under these conditions.

    `spectrum`: counts the spectra of the run from 1
    `role`: spectrum, again, linearity or asked
    `fraction`: of the step's charge, null outside `spectra_at`
    `instruments`: "1260" where it measures alone; else the pair
    `step_charge_C`: of the step so far, with what had passed in its half-cycle before the run
    `rest_slope_V_s`: of the rest before it, null where it was too short
    `amplitude_V`: rms at the cell; where the current is set, the most that it may drop there
    `amplitude_A`: rms of the current, where it is the current that is set
    `smallest_probed_ohm`: of the two probes that chose the range
    `settings`: of the pair, or of the 1260 alone
    """

    kind: ClassVar[Literal["spectrum"]] = "spectrum"
    when: ClassVar[str] = "a sweep begins"
    segment: int = 0
    spectrum: int
    role: Role
    fraction: float | None
    instruments: Literal["pair", "1260"] = field(default="pair", metadata=OMITTED)
    step_charge_C: float
    dc_voltage_V: float
    dc_current_A: float
    rest_slope_V_s: float | None
    amplitude_V: float
    integration_s: float
    range: int | None = field(default=None, metadata=OMITTED)
    smallest_probed_ohm: float | None = field(default=None, metadata=OMITTED)
    settings: Mapping[str, float]
    amplitude_A: float = field(default=0.0, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumQuality:
    """What a spectrum is worth, judged as soon as it is measured.

    `points_repeated`: that were measured more than once
    `points_untrusted`: for which the bench is not known; they are left out of the test
    `points_unsettled`: that were to repeat, and did not
    `kk_residual`: relative rms of the Kramers-Kronig test, null with too few points
    `verdict`: good, look (doubtful) or wrong
    `reason`: as text
    `code`: the same for programs
    """

    kind: ClassVar[Literal["quality"]] = "quality"
    when: ClassVar[str] = "a sweep has ended"
    segment: int = 0
    spectrum: int
    points: int
    points_with_error: int
    points_repeated: int
    inductive_points: int
    kk_residual: float | None
    verdict: Verdict
    reason: str
    code: QualityCode = field(default="", metadata=OMITTED)
    points_untrusted: int = field(default=0, metadata=OMITTED)
    points_unsettled: int = field(default=0, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of a spectrum; one with the frequency of an earlier point of the same attempt replaces that.

    `amplitude_V`: rms at the cell; where the current is set, what it dropped there
    `amplitude_A`: rms of the current, where it is the current that is set
    `error`: digit of the analyzer, 0 where there was none
    `attempts`: how often the point was measured
    `raw_real_ohm`, `raw_imaginary_ohm`: before what commissioning found was taken off, where something was
    `correction_stderr_ohm`: standard uncertainty that this left
    `untrusted`: true beyond the frequencies and impedances for which the bench is known; no fit uses it
    `integration_s`, `settling_s`: that were asked for at this point, where not all points are taken alike
    `unsettled`: true where it was to repeat, and did not
    """

    kind: ClassVar[Literal["point"]] = "point"
    when: ClassVar[str] = "a point of a spectrum"
    step: int
    segment: int
    attempt: int
    spectrum: int
    frequency_Hz: float
    real_ohm: float
    imaginary_ohm: float
    amplitude_V: float
    range: int
    error: int
    attempts: int
    raw_real_ohm: float | None = field(default=None, metadata=OMITTED)
    raw_imaginary_ohm: float | None = field(default=None, metadata=OMITTED)
    correction_stderr_ohm: float = field(default=0.0, metadata=OMITTED)
    untrusted: bool = field(default=False, metadata=OMITTED)
    amplitude_A: float = field(default=0.0, metadata=OMITTED)
    integration_s: float = field(default=0.0, metadata=OMITTED)
    settling_s: float = field(default=0.0, metadata=OMITTED)
    unsettled: bool = field(default=False, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A measurement of a point that is not the one in the spectrum; of a point that was replaced, both are here.

    `why`: unsettled, the next one did not agree with it; kk_residual, the other one fits the spectrum better
    `measured_s`: the middle of its integration
    `deviation`: from the next one, or from what the other points say (relative); null where that is not known
    """

    kind: ClassVar[Literal["set_aside"]] = "set_aside"
    when: ClassVar[str] = "a point of a spectrum was measured in place of another measurement"
    segment: int = 0
    spectrum: int
    why: WhySetAside
    measured_s: float
    frequency_Hz: float
    real_ohm: float
    imaginary_ohm: float
    error: int
    deviation: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeKnown:
    """What is known of a gauge beside the cell, as the bench file had it.

    `name`: as the bench file names it
    `place`: cell, room or elsewhere
    `every_s`: how often it is read
    `resolution`: the step of its answers, 0 where that is not known
    `excess`: is taken off what it shows
    `accuracy`, `gradient`: standard uncertainties of the sensor, and of the cell's temperature beside it (of the stack
    pressure); null for what is neither
    `stderr`: of both together
    `compared`: with what the sensor was compared, and when
    """

    kind: ClassVar[Literal["gauge_known"]] = "gauge_known"
    when: ClassVar[str] = "a session begins to read a gauge"
    name: str
    unit: str
    place: GaugePlace
    every_s: float
    resolution: float
    excess: float
    accuracy: float | None
    gradient: float | None
    stderr: float | None
    compared: str = field(default="", metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeRead:
    """A gauge beside the cell was read, or shows nothing that can be believed.

    `name`: as the bench file names it
    `value`: null where there is none
    `problem`: why there is none; written once until there is one again
    `code`: the same for programs: lost, no_value, stuck, jumped
    `since_s`: from when on what was read before is not believed any more
    """

    kind: ClassVar[Literal["gauge"]] = "gauge"
    when: ClassVar[str] = "a gauge was read, or shows nothing that can be believed any more"
    name: str
    value: float | None
    unit: str
    problem: str = field(default="", metadata=OMITTED)
    code: GaugeCode = field(default="", metadata=OMITTED)
    since_s: float | None = field(default=None, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of a DC polarization begins: baseline, polarization, the other sign."""

    kind: ClassVar[Literal["phase"]] = "phase"
    when: ClassVar[str] = "a part of a DC polarization begins"
    segment: int = 0
    name: str
    voltage_V: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeChange:
    """A DC polarization is measured on this range of the ammeter from now on."""

    kind: ClassVar[Literal["range"]] = "range"
    when: ClassVar[str] = "in a DC polarization, the ammeter's range was set"
    segment: int = 0
    range: int
