"""What a long run costs those who look at it and who continue it: the same after many cycles as after a few.

Run: python -m benchmarks.long_run [cycles] [folder]. A full cell is run for three cycles on the simulated bench and
stopped. Its second cycle is then written over and over into a second journal, by the program's own writers, so that a
run of so many cycles lies there that can be read and continued. Of both are told: the sizes; the processor time of
`summary` over that of `solbench --version`; the wall time until `resume` has written its first record.
"""

from __future__ import annotations

import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from solbench.acquisition.record.checkpoint import CheckpointWriter, checkpoint_path, read_checkpoint
from solbench.acquisition.record.columns import Array
from solbench.acquisition.record.events import Event, Header, Sample, SegmentStart
from solbench.acquisition.record.hdf5 import write_live
from solbench.acquisition.record.journal import Journal, Place, journal_path, read_journal, read_last
from solbench.acquisition.record.storage_thread import Storage
from solbench.acquisition.run.start import world_path

SOLBENCH = [sys.executable, "-m", "solbench"]
STEPS_A_CYCLE = 2
WAITING = 80_000  # records that may wait for the storage thread, which takes them once a second


def short_run(run: Path, cycles: int) -> None:
    """Run three cycles of so many and a part of the fourth, and stop."""
    order = [
        *SOLBENCH,
        "run",
        "full-cell",
        "--cell",
        "nbh",
        "--bench",
        "simulated",
        "--set",
        f"cycles={cycles}",
        "-o",
        str(run),
    ]
    with subprocess.Popen(order, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not run.exists() or _cycles(journal_path(run)) < 4:
            if process.poll() is not None:
                raise SystemExit(f"run ended with {process.returncode}")
            time.sleep(0.5)
        process.send_signal(signal.SIGINT)


def _cycles(journal: Path) -> int:
    bodies = (event.body for event in read_journal(journal))
    return max((body.step.cycle or 0 for body in bodies if isinstance(body, SegmentStart)), default=0)


def lengthened(events: list[Event], more: int) -> Iterator[tuple[float, Any]]:
    """Yield the records of a run with its second cycle `more` times again."""
    first, after = (_begin(events, cycle) for cycle in (2, 3))
    period_s = events[after].time_s - events[first].time_s
    charge_C = _charge(events[:after]) - _charge(events[:first])
    for number in range(after):
        time_s, body = events[number].time_s, events[number].body
        if isinstance(body, Header):  # the bench's clock is as late as the lengthened run
            body = replace(body, clock_start_s=body.clock_start_s - more * period_s)
        yield time_s, body
    for again in range(1, more + 1):
        for event in events[first:after]:
            yield event.time_s + again * period_s, _moved(event.body, again, again * charge_C)
    for event in events[after:]:
        yield event.time_s + more * period_s, _moved(event.body, more, more * charge_C)


def _begin(events: list[Event], cycle: int) -> int:
    return next(
        number
        for number, event in enumerate(events)
        if isinstance(event.body, SegmentStart) and event.body.step.cycle == cycle
    )


def _charge(events: list[Event]) -> float:
    return next(event.body.charge_C for event in reversed(events) if hasattr(event.body, "charge_C"))


def _moved(body: Any, cycles: int, charge_C: float) -> Any:
    """Return a record as it would be some cycles later."""
    if isinstance(body, SegmentStart):
        step = body.step
        later = replace(step, index=step.index + STEPS_A_CYCLE * cycles, cycle=(step.cycle or 0) + cycles)
        segment = replace(body.segment, step=later)
        return replace(body, ordinal=body.ordinal + STEPS_A_CYCLE * cycles, segment=segment)
    given: dict[str, Any] = {}
    for item in fields(body):
        if item.name in ("step", "segment", "ordinal") and isinstance(getattr(body, item.name), int):
            given[item.name] = getattr(body, item.name) + STEPS_A_CYCLE * cycles
        elif item.name == "charge_C":
            given[item.name] = body.charge_C + charge_C
    return replace(body, **given) if given else body


def long_run(short: Path, run: Path, more: int) -> None:
    """Write the long run, with journal, checkpoint, live file and the bench's world."""
    write_run(lengthened(list(read_journal(journal_path(short))), more), run)
    shutil.copy(world_path(short), world_path(run))


def write_run(records: Iterator[tuple[float, Any]], run: Path) -> None:
    """Write records (time in s, body) as an interrupted run, by the program's own writers."""
    journal = Journal.create(journal_path(run))
    journal.append(*next(records))
    storage = Storage(run, journal)
    for time_s, body in records:
        storage.take(event := journal.append(time_s, body))
        while event.seq - storage.flushed_seq > WAITING:
            time.sleep(0.01)
    storage.close()
    journal.close(keep_reserve=True)


def append_samples(run: Path, like: Sample, blocks: Iterable[tuple[Array, Array]]) -> None:
    """Append samples to a run of `write_run`, in the bytes of the program's own writers and in a tenth of their time.

    `like`: the run's last sample, whose voltage alone changes; `blocks`: times (s) and voltages (V), none empty.
    """
    journal = journal_path(run)
    known = read_checkpoint(journal)
    assert known is not None
    assert known.place.offset == journal.stat().st_size, "the checkpoint vouches for all of the journal"
    (first, offset), crc, last = known.place, known.crc, b""
    seq = first
    with journal.open("ab") as file, write_live(run, "r+") as live:
        table = live["samples"]
        row = table[-1]
        for times_s, voltages_V in blocks:
            rows = np.full(len(times_s), row)
            rows["seq"] = np.arange(seq, seq + len(rows))
            rows["time_s"], rows["voltage_V"] = times_s, voltages_V
            table.resize((len(table) + len(rows),))
            table[-len(rows) :] = rows
            *before, newest = _lines(like, seq, times_s, voltages_V)
            data = b"".join((last, *before))
            file.write(data)
            seq, offset, crc, last = seq + len(rows), offset + len(data), zlib.crc32(data, crc), newest
        file.write(last)
    # the newest sample is a record of the checkpoint, the others are counted
    place, samples = Place(seq - 1, offset), known.samples + seq - 1 - first
    writer = CheckpointWriter(journal, replace(known, place=place, samples=samples, crc=crc))
    writer.add(read_journal(journal, place))
    writer.close()


def _lines(like: Sample, seq: int, times_s: Array, voltages_V: Array) -> list[bytes]:
    """Return the journal's lines of samples from number `seq` on."""
    text = Event(0, 0.0, replace(like, voltage_V=0.0)).json()
    begin, to_time, to_voltage, end = re.split('(?<="seq":)0|(?<="time_s":)0.0|(?<="voltage_V":)0.0', text)
    texts = (
        f"{begin}{number}{to_time}{time_s!r}{to_voltage}{voltage_V!r}{end}".encode()
        for number, (time_s, voltage_V) in enumerate(
            zip(times_s.tolist(), voltages_V.tolist(), strict=True), seq
        )
    )
    return [b"%b\t%08x\n" % (line, zlib.crc32(line)) for line in texts]


def summary_s(run: Path) -> float:
    """Return the processor time (s) of `summary` over that of `solbench --version`, the least of three."""
    orders = ["summary", str(run)], ["--version"]
    looked, plain = (min(_processor_s([*SOLBENCH, *order]) for _ in range(3)) for order in orders)
    return looked - plain


def _processor_s(order: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(order, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def resume_s(run: Path) -> float:
    """Return the time (s) from the start of `resume` to its first new record; it is then killed."""
    journal = journal_path(run)
    last = read_last(journal)
    began = time.monotonic()
    order = [*SOLBENCH, "resume", str(run)]
    with subprocess.Popen(order, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while read_last(journal) == last:
            if process.poll() is not None:
                raise SystemExit(f"resume ended with {process.returncode}")
            time.sleep(0.01)
        took_s = time.monotonic() - began
        process.kill()
    return took_s


def main() -> None:
    """Measure both runs and print the table."""
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(kept)
        short, long = folder / "short.h5", folder / "long.h5"
        if not long.exists():
            short_run(short, cycles + 10)
            long_run(short, long, cycles)
        print("run    journal (MB)  checkpoint (MB)  summary (s)  resume (s)")
        for run in (short, long):
            sizes = [path.stat().st_size / 1e6 for path in (journal_path(run), checkpoint_path(run))]
            print(
                f"{run.stem:5}  {sizes[0]:12.1f}  {sizes[1]:15.2f}  {summary_s(run):11.2f}  {resume_s(run):10.2f}"
            )


if __name__ == "__main__":
    main()
