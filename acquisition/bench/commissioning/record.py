"""The commissioning record of a bench: a file with a hash over its content, made once, read by every run."""

import hashlib
import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, Field, FiniteFloat, ValidationError

from solbench.acquisition.host.platform import write_whole
from solbench.protocols import files
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.files import Fields
from solbench.protocols.model import Model, bad_input

FORMAT = "solbench commissioning 1"
VALID = timedelta(days=366)
IDEAL = "ideal"
"""The specimen of the simulated bench that needs no commissioning: its electronics have no errors of that kind."""
Step = Literal["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"]
STEPS: tuple[Step, ...] = get_args(Step)
NAMES: dict[Step, str] = {
    "A": "talk",
    "B": "meters",
    "C": "off is off",
    "D": "current ranges",
    "E": "AC and signs",
    "F": "lag",
    "G": "short and open",
    "H": "dummy cell",
    "I": "cut-out",
    "J": "polarity",
    "K": "1260 alone",
}
STEPS_OF: dict[str, tuple[Step, ...]] = {
    "2400": ("A", "C", "D", "I", "K"),
}
"""The steps that another instrument in the place of a 1287 has, by its name, where it lacks some."""
Outcome = Literal["passed", "failed", "left_out"]
Sign = Literal[1, -1]
_NOT_NEGATIVE = Field(ge=0.0)
_ABOVE_ZERO = Field(gt=0.0)


class StepRecord(Model):
    """How one step ended, and when; `remark`: why it failed, or what leaving it out costs."""

    outcome: Outcome
    at: AwareDatetime
    remark: str = ""


class InstrumentRecord(Model):
    """One instrument as it answered: `identity` is what `identity()` of its driver returns."""

    identity: str
    version: str = ""
    serial_number: str = ""


class Measured(Model):
    """A value and its standard uncertainty, in the unit that the field's name ends with."""

    value: FiniteFloat
    stderr: Annotated[FiniteFloat, _NOT_NEGATIVE] = 0.0


class RangeRecord(Model):
    """One current range.

    `zero_A`: what the ammeter shows without a current, positive from CE to WE. `ratio`: the standard resistor as the
    outputs see it, to its nominal value. `lag_s` of the current behind the voltage, `pole_share` (0 to 1) of it a pole
    and the rest a delay; `covariance_s_H` of the lag with the inductance of the leads. `highest_Hz`: up to here the
    corrected impedance holds 1 % and 1 degree.
    """

    zero_A: Measured | None = None
    ratio: Measured | None = None
    lag_s: Measured | None = None
    pole_share: Measured | None = None
    covariance_s_H: FiniteFloat = 0.0
    highest_Hz: Annotated[FiniteFloat, _ABOVE_ZERO] | None = None


class NullRecord(Model):
    """What leads show at one frequency: shorted an impedance (ohm), open an admittance (S).

    `stderr`: standard uncertainty of its modulus, in the same unit.
    """

    frequency_Hz: Annotated[FiniteFloat, _ABOVE_ZERO]
    real: FiniteFloat
    imaginary: FiniteFloat
    stderr: Annotated[FiniteFloat, _NOT_NEGATIVE] = 0.0


def _rising(nulls: tuple[Any, ...]) -> tuple[Any, ...]:
    if any(not one.frequency_Hz < two.frequency_Hz for one, two in pairwise(nulls)):
        raise FieldError("its frequencies do not rise", "Sort them, and leave no frequency twice")
    return nulls


Nulls = Annotated[tuple[NullRecord, ...], AfterValidator(_rising)]


class LeadsRecord(Model):
    """What leads add: in series R and L, across the cell C and G; or `short` and `open`, which replace these."""

    resistance_ohm: Measured = Measured(value=0.0)
    inductance_H: Measured = Measured(value=0.0)
    capacitance_F: Measured = Measured(value=0.0)
    conductance_S: Measured = Measured(value=0.0)
    short: Nulls = ()
    open: Nulls = ()


class ContourPoint(Model):
    """The accuracy contour at one frequency: between these |Z| (ohm) a measurement means something."""

    frequency_Hz: Annotated[FiniteFloat, _ABOVE_ZERO]
    smallest_ohm: Annotated[FiniteFloat, _NOT_NEGATIVE]
    largest_ohm: Annotated[FiniteFloat, _ABOVE_ZERO]


class Gains(Model):
    """Gains to their nominal values: POL input x 0.01, V OUT x 10, I OUT x 10."""

    pol_hundredth: Measured = Measured(value=1.0)
    voltage_ten: Measured = Measured(value=1.0)
    current_ten: Measured = Measured(value=1.0)


class CutOut(Model):
    """What an overload does: the 1287's error code, and the time until the cell was open (s)."""

    error_code: int
    time_s: Measured


class Values(Model):
    """What was found; None where its step was left out.

    `status_bits`: mask of the serial poll by instrument. `byte_rate_per_s` by instrument. `conversion_s`: of the 1287
    by DG 0 to 3. `overhead_s`: of a point of the 1260 beyond its integration. `zero_V`: of the voltmeter, across RE1
    and RE2. `ranges` by RR. `potential_sign`: +1 where dRE is RE1 minus RE2. `output_polarity`: -1 where V OUT and I
    OUT are turned against each other. `pair_leads`: of the 1287; `analyzer_leads`: of the 1260 alone, whose corrected
    impedance holds 1 % and 1 degree up to `analyzer_highest_Hz`. `dummy_cell`: its elements by name.
    `positive_terminal`: as seen with a dry cell. `time_to_off_s`: from the command until the readings showed the cell
    disconnected.
    """

    status_bits: dict[str, Annotated[int, Field(ge=0, le=255)]] = {}
    byte_rate_per_s: dict[str, Measured] = {}
    conversion_s: tuple[Measured, Measured, Measured, Measured] | None = None
    overhead_s: Measured | None = None
    zero_V: Measured | None = None
    ranges: dict[Annotated[int, Field(ge=1, le=10)], RangeRecord] = {}
    potential_sign: Sign | None = None
    output_polarity: Sign | None = None
    gains: Gains = Gains()
    pair_leads: LeadsRecord = LeadsRecord()
    analyzer_leads: LeadsRecord = LeadsRecord()
    analyzer_highest_Hz: Annotated[FiniteFloat, _ABOVE_ZERO] | None = None
    contour: Annotated[tuple[ContourPoint, ...], AfterValidator(_rising)] = ()
    dummy_cell: dict[str, Measured] = {}
    time_to_off_s: Measured | None = None
    cut_out: CutOut | None = None
    positive_terminal: Literal["ce_re1", "we_re2"] | None = None


class CommissioningRecord(Model):
    """What commissioning found, who did it, with what, and when.

    `adapter` and `cables`: between PC and instruments, and between instruments and cell, in the user's words or by
    serial number. `unit`: the specimen of a simulated bench. `dialogue`: name of the file beside it with all that was
    said. Numbers are in the unit that their field's name ends with.
    """

    format: Literal["solbench commissioning 1"] = "solbench commissioning 1"
    bench: str
    made: AwareDatetime
    by: str
    program: str
    instruments: dict[str, InstrumentRecord]
    adapter: str = ""
    cables: str = ""
    unit: str = ""
    dialogue: str = ""
    steps: dict[Step, StepRecord]
    values: Values = Values()

    @property
    def holder(self) -> str:
        """Get which instrument holds the cell."""
        return next((name for name in self.instruments if name != "1260"), "1287")

    @property
    def not_passed(self) -> tuple[Step, ...]:
        """Get those steps that its bench has and that were not passed."""
        analyzer = self.instruments.get("1260")
        has_input = analyzer is not None and "1255" not in analyzer.identity
        applies = STEPS_OF.get(self.holder, STEPS)
        return self.missing(tuple(step for step in applies if step != "K" or has_input))

    @property
    def ends(self) -> datetime:
        """Get until when it holds."""
        return self.made + VALID

    def missing(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Return those of some steps that were not passed."""
        return tuple(step for step in steps if step not in self.steps or self.steps[step].outcome != "passed")

    def text(self) -> str:
        """Return the text of its file, with the hash."""
        content = self.model_dump(mode="json", exclude_unset=True) | {"format": self.format}
        return files.dump_text(content | {"sha256": _sha256(content)}, as_json=True)

    def write(self, path: Path) -> None:
        """Write its file, all of it or nothing: it may hold the steps of two hours before; raises OSError."""
        write_whole(path, self.text())


def read_record(path: Path) -> CommissioningRecord:
    """Read the file of a record; raises BadInput."""
    return parse_record(files.read_text(path, str(path)), str(path))


def parse_record(text: str, file: str) -> CommissioningRecord:
    """Make a record of its file's text; raises BadInput where it is none, or was changed after it was made."""
    data = files.parse_text(text, file if file.endswith(".json") else f"{file}.json")
    _require_format(data, file)
    content = {name: value for name, value in data.items() if name != "sha256"}
    if data.get("sha256") != _sha256(content):
        raise BadInput(
            "the commissioning record was changed after it was made: its hash does not fit its content",
            "Use the file as it was made, or commission the bench again",
            file=file,
            field="sha256",
        )
    try:
        return CommissioningRecord.model_validate(content)
    except ValidationError as error:
        raise bad_input(error, content, file) from None


def _require_format(data: Fields, file: str) -> None:
    if data.get("format") != FORMAT:
        found = f"has the format '{data['format']}'" if "format" in data else "has no format"
        raise BadInput(
            f"this is no commissioning record that this version reads: it {found}",
            f"Name a file of the format '{FORMAT}', or update the program",
            file=file,
            field="format",
        )


def _sha256(content: Fields) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
