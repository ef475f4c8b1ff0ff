"""Where a cell stands after a run, or after all that was done to it: what a run that goes on with it begins from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.record.beside.packed import is_kept
from solbench.acquisition.record.events import SegmentStart
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.cycling import MAH_CM2_IN_C_M2, halves_of
from solbench.analysis.history.life import passed_in
from solbench.protocols import CellRecord, Protocol, parse_cell, parse_protocol
from solbench.protocols.errors import BadInput
from solbench.protocols.segments import Sweep

FIELD = "--continues"
RESTED_S = 60.0  # before that the voltage of a cell that was driven tells nothing of what it holds


@dataclass(frozen=True)
class Beginning:
    """Charges (C) that have passed through a cell, half-cycle by half-cycle, and its voltage (V) at rest after them.

    `run` is the last run of it; `open_circuit_V` None where nobody saw it at rest. Positive charges the cell.
    """

    run: Run
    passed_C: tuple[float, ...]
    open_circuit_V: float | None

    def settings(self, name: str) -> list[str]:
        """Return what is to be set in a protocol that goes on from here; `name` is that of the run or the cell."""
        area_m2 = self.run.header.cell.required("area_m2")
        texts = [f"{charge_C / area_m2 / MAH_CM2_IN_C_M2:.6g} mAh/cm2" for charge_C in self.passed_C]
        found = [f"conditions.continues={json.dumps(name)}"]
        if texts:
            found.append(f"conditions.history={json.dumps(texts)}")
        if self.open_circuit_V is not None:
            found.append(f"conditions.open_circuit={self.open_circuit_V:.5f} V")
        if self.run.header.conditions.cell_id is not None:
            found.append(f"conditions.cell_id={json.dumps(self.run.header.conditions.cell_id)}")
        return found


def beginning_of(
    reference: str, folder: Path, protocol: Protocol, record: CellRecord, *, simulated: bool | None
) -> Beginning:
    """Return where the cell of a run file, or with an id, stands; raises BadInput.

    Refused where that was another build or another cell than those of the protocol, and where the one was
    simulated and the other is not (`simulated`; None where no bench is known).
    """
    path = Path(reference)
    is_run = path.is_file() or (path.suffix in (".h5", ".journal") and is_kept(journal_path(path)))
    found = _of_run(path) if is_run else _of_cell(reference, folder)
    header = found.run.header
    said = protocol.conditions.cell_id
    if (header.cell.name, header.cell.build) != (record.name, protocol.build):
        raise BadInput(
            f"its cell is a '{header.cell.build}' of '{header.cell.name}', and this run is of a '{protocol.build}' of "
            f"'{record.name}'",
            "Name a run of the same cell",
            file=reference,
            field=FIELD,
        )
    if said is not None and header.conditions.cell_id not in (None, said):
        raise BadInput(
            f"it was run on the cell '{header.conditions.cell_id}', and conditions.cell_id is '{said}'",
            "Name a run of the same cell",
            file=reference,
            field=FIELD,
        )
    if simulated is not None and header.simulated != simulated:
        was, is_now = ("simulated", "real") if header.simulated else ("real", "simulated")
        raise BadInput(
            f"its cell was {was}, and this bench is {is_now}",
            "Name a run on a bench of the same kind",
            file=reference,
            field=FIELD,
        )
    return found


def _of_run(path: Path) -> Beginning:
    try:
        run = open_run(path)
    except (AcquisitionError, OSError) as error:
        raise BadInput(str(error), "Name a run file", file=str(path), field=FIELD) from error
    _require_whole(run)
    return Beginning(run, _merged([*_before(run), *_halves_C(run)]), _at_rest_V(run))


def _require_whole(run: Run) -> None:
    """Raise BadInput where what flowed in a run is not all known."""
    if run.damage is not None:
        cure = "Continue it with solbench resume, put" if run.damage.can_go_on else "Put"
        raise BadInput(
            f"{run.damage.words}, so that it is not known where it left the cell",
            f"{cure} the journal back from a copy, or say conditions.state_of_charge",
            file=str(run.path),
            field=FIELD,
        )


def _of_cell(cell: str, folder: Path) -> Beginning:
    passed_C: list[float] = []
    last: Run | None = None
    damaged: Run | None = None
    open_circuit_V: float | None = None
    for run, halves_C in passed_in(cell, folder):
        if run is not None:
            last = run
            conditions = run.header.conditions
            if conditions.history or conditions.state_of_charge is not None:  # it knew what went before
                passed_C, damaged = _before(run), None
            damaged = run if run.damage is not None else damaged
        open_circuit_V = _at_rest_V(run) if run is not None else None if halves_C else open_circuit_V
        passed_C += halves_C
    assert last is not None, "a life without a run is refused"
    if damaged is not None:
        _require_whole(damaged)
    return Beginning(last, _merged(passed_C), open_circuit_V)


def _before(run: Run) -> list[float]:
    """Return what had passed before a run (C), as its protocol says."""
    header = run.header
    record = parse_cell(header.cell.text, f"cell in {run.path.name}")
    protocol = parse_protocol(header.protocol.text, f"protocol in {run.path.name}")
    return list(protocol.conditions.passed_C(record.build(protocol.build)))


def _halves_C(run: Run) -> list[float]:
    return [half.charge_C for half in halves_of(run.steps) if half.charge_C]


def _merged(charges_C: list[float]) -> tuple[float, ...]:
    """Return charges with those in turn that go the same way made one."""
    return tuple(sum(same) for _, same in groupby(charges_C, key=lambda charge_C: charge_C > 0.0))


def _at_rest_V(run: Run) -> float | None:
    """Return the last voltage at open circuit (V) of a cell that had rested by then; None where there is none."""
    driven_s = max((step.end_s for step in run.steps if step.holds), default=0.0)
    seen = [
        (one.time_s, one.start.dc_voltage_V) for one in run.spectra if not _is_driven(run, one.start.spectrum)
    ]
    rests = [step for step in run.steps if step.kind in ("rest", "prompt") and step.end_s >= driven_s]
    for step in rests[-1:]:
        own = run.samples_of(step.index)
        if len(own):
            seen.append((float(own["time_s"][-1]), float(own["voltage_V"][-1])))
    rested = [one for one in seen if one[0] >= driven_s + (RESTED_S if driven_s else 0.0)]
    return max(rested)[1] if rested else None


def _is_driven(run: Run, spectrum: int) -> bool:
    """Say whether a spectrum was measured of a driven cell."""
    return any(
        isinstance(start.segment, Sweep)
        and start.segment.spectrum == spectrum
        and start.segment.direct is not None
        for _, start in run.bodies(SegmentStart)
    )
