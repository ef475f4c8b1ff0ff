"""Manual mode: the run in which currents and voltages are set by hand, as the command line would begin it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from solbench.acquisition.control.messages import ManualRequest
from solbench.acquisition.host.platform import as_typed
from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.words import tr
from solbench.gui.models.run.run import RunModel
from solbench.protocols import load_cell
from solbench.protocols.errors import BadInput


@dataclass(frozen=True)
class ManualRun:
    """What a manual run begins with; texts as typed. The voltage limits are required."""

    bench: str | None
    cell: str | None
    build: str
    voltage_min: str
    voltage_max: str
    current_max: str
    dummy_cell: bool = False

    @property
    def lacks(self) -> str:
        """Get what is missing, in words, "" where nothing is."""
        if not self.cell:
            return tr("Choose the cell on the screen Cell.")
        if not self.voltage_min.strip() or not self.voltage_max.strip():
            return tr("Say between which voltages the cell must stay.")
        return ""

    def arguments(self, output: str, numbers: Numbers) -> list[str]:
        """Return what `solbench manual` is given."""
        made = [*([self.bench] if self.bench else []), "--cell", self.cell or "", "--build", self.build]
        for option, text in (
            ("--voltage-min", self.voltage_min),
            ("--voltage-max", self.voltage_max),
            ("--current-max", self.current_max),
        ):
            if text.strip():
                made.append(f"{option}={numbers.to_file(text).strip()}")
        return [*made, *(["--dummy-cell"] if self.dummy_cell else []), "-o", output]


@dataclass(frozen=True)
class Held:
    """What is to be held, as typed: a current, or a voltage with its largest current; until when."""

    is_current: bool
    value: str
    current_limit: str
    time: str
    until_voltage: str

    def request(self, numbers: Numbers) -> ManualRequest:
        """Return it as the engine takes it."""
        value = numbers.to_file(self.value).strip()
        return ManualRequest(
            current=value if self.is_current else "",
            voltage="" if self.is_current else value,
            current_limit="" if self.is_current else numbers.to_file(self.current_limit).strip(),
            time=numbers.to_file(self.time).strip(),
            until_voltage=numbers.to_file(self.until_voltage).strip() if self.is_current else "",
        )

    def twin(self, run: str, numbers: Numbers) -> str:
        """Return the same on the command line."""
        wish = self.request(numbers)
        options = (
            ("--current", wish.current),
            ("--voltage", wish.voltage),
            ("--current-limit", wish.current_limit),
            ("--for", wish.time),
            ("--until-voltage", wish.until_voltage),
        )
        given = [f"{option}={text}" for option, text in options if text]
        return as_typed("solbench", "hold", *([run] if run else []), *given)


def builds_of(cell: str | None) -> Sequence[str]:
    """Return the builds of a cell record, none where it cannot be read."""
    if not cell:
        return ()
    try:
        return tuple(load_cell(cell).builds)
    except BadInput:
        return ()


def is_manual(run: RunModel | None) -> bool:
    """Say whether something can be set by hand in a run: it is on, and has a manual step."""
    if run is None or not run.alive or run.plan is None:
        return False
    return any(step.kind == "manual" for step in run.plan.protocol.steps)  # type: ignore[attr-defined]


def output_name(cell: str | None, now: datetime) -> str:
    """Return the name of the run file.

    >>> output_name("cells/nbh.yaml", datetime(2026, 3, 2, 9, 5, 7))
    '20260302T090507_nbh_manual.h5'
    """
    return f"{now:%Y%m%dT%H%M%S}_{Path(cell or 'cell').stem}_manual.h5"
