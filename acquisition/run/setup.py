"""All that one program's part of a run works with, made before anything is switched on."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.engine.beside.pressure import PressureWatch
from solbench.acquisition.engine.chamber import ChamberWatch
from solbench.acquisition.engine.limits import SafetyWatch
from solbench.acquisition.engine.manual.changes import StepChanges
from solbench.acquisition.engine.manual.requests import ManualRequests
from solbench.acquisition.engine.on_demand import SpectrumRequests
from solbench.acquisition.engine.station import Station
from solbench.acquisition.record.events import BenchText, Header
from solbench.acquisition.record.journal import Journal, Told, untold
from solbench.acquisition.record.progress import Progress
from solbench.acquisition.record.recorder import Listener, Recorder
from solbench.protocols import Build, Protocol, limits_for, parse_cell
from solbench.protocols.errors import BadInput

CLOCKS_DIFFER_S = 60.0  # so far the time of day may have been set back by its own correction


@dataclass(frozen=True)
class RunSetup:
    """The run's file and header, its protocol and cell, the open bench, its journal, and what the engine works with.

    `other_bench`: the bench file, where the run is continued on another bench than before. `told` hears
    of long readings of the journal.
    """

    run: Path
    header: Header
    protocol: Protocol
    build: Build
    limits: SafetyWatch
    bench: Bench
    journal: Journal
    recorder: Recorder
    requests: SpectrumRequests
    manual: ManualRequests
    changes: StepChanges
    station: Station
    run_control: RunControl
    other_bench: BenchText | None = None
    told: Told = untold

    @property
    def progress(self) -> Progress:
        """Get how far the run is."""
        return self.recorder.progress


def set_up(
    run: Path,
    header: Header,
    protocol: Protocol,
    build: Build,
    *,
    bench: Bench,
    journal: Journal,
    progress: Progress,
    offset_s: float,
    run_control: RunControl,
    listeners: Sequence[Listener] = (),
    other_bench: BenchText | None = None,
    told: Told = untold,
) -> RunSetup:
    """Make the setup of a run that is as far as `progress` says, on an open bench; sends and writes nothing.

    `offset_s`: the time of the bench's clock at which the run began (s).
    """
    limits = SafetyWatch(limits_for(protocol.safety, build))
    requests = SpectrumRequests(protocol, build, progress, bench.equipment.abilities)
    manual = ManualRequests(protocol, build, progress, bench.file.limits)
    record = parse_cell(header.cell.text, "cell of the run")
    changes = StepChanges(protocol, build, record, progress, bench.file.limits, bench.equipment.abilities)
    changes.follow(
        requests.follow, manual.follow, lambda changed: limits.move(limits_for(changed.safety, build))
    )
    recorder = Recorder(journal, progress, listeners)
    typed_Pa = (
        protocol.conditions.stack_pressure_Pa if progress.last_s == 0.0 else None
    )  # it may be another by now
    pressure = PressureWatch(bench.gauges, recorder, typed_Pa)
    station = Station(
        equipment=bench.equipment,
        clock=bench.clock,
        progress=progress,
        watch=bench.watch,
        offset_s=offset_s,
        settle_s=bench.settle_s,
        direction_check_s=bench.direction_check_s,
        electrolyte_ohm=build.resistance_ohm,
        safety=limits,
        is_requested=lambda: requests.is_pending() or manual.is_pending or changes.is_pending,
        gauges=bench.gauges,
        chamber=ChamberWatch(bench.chamber, bench.gauges, recorder) if bench.chamber is not None else None,
        pressure=pressure if pressure.is_there else None,
    )
    return RunSetup(
        run,
        header,
        protocol,
        build,
        limits,
        bench,
        journal,
        recorder,
        requests,
        manual,
        changes,
        station,
        run_control,
        other_bench,
        told,
    )


def is_same_clock(bench: Bench, header: Header) -> bool:
    """Say whether the clock of the bench has gone on since the run began; in another boot of this PC it has not."""
    return bool(bench.time_base) and bench.time_base == header.time_base


def began_at_s(
    bench: Bench,
    header: Header,
    last_s: float,
    wall: tuple[float, float] | None,
    *,
    clock_was_wrong: bool = False,
) -> float:
    """Return the time of the bench's clock at which a run began (s), to be taken off for the run's time.

    In another boot only the time of day has gone on, from `wall`, the newest moment of the run of which it is known
    (time of the run, s; time of day, s since 1970). Where it was set back to before the run's last record, at `last_s`
    of its time, nobody knows for how long the cell was not watched: raises BadInput. Where a user says that the
    `clock_was_wrong` when the run was recorded, the run goes on at its last record.
    """
    if is_same_clock(bench, header):
        return header.clock_start_s
    if clock_was_wrong:
        return bench.clock.now() - last_s
    known_s, unix_s = wall or (0.0, header.unix_s)
    unix_s -= known_s  # at the beginning, by the clock as it went then
    passed_s = time.time() - unix_s
    is_host_time = bench.at_host is float  # a clock of its own may go faster
    if is_host_time and passed_s < last_s - CLOCKS_DIFFER_S:
        now, last = (
            datetime.fromtimestamp(unix_s + each_s).astimezone().isoformat(timespec="minutes")
            for each_s in (passed_s, last_s)
        )
        raise BadInput(
            f"the clock of this PC shows {now}, and the last record of the run was written at {last}, so that it is "
            "not known for how long nobody has watched the cell",
            "Set the clock if it is wrong now, and resume again. If it was fast when the run was recorded and is right "
            "now, resume with --clock-was-wrong: the run goes on at its last record, and what may have flowed since is "
            "told as uncertainty. Nothing was switched on",
        )
    return bench.clock.now() - max(passed_s, last_s)
