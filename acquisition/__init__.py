"""Running cells and keeping what they did: the bench, the engine, the journal, the run file and its reader."""

from typing import TYPE_CHECKING

from solbench.doors import lazily

if TYPE_CHECKING:
    from solbench.acquisition.bench.bench_file import BenchFile, load_bench
    from solbench.acquisition.control.client import Client
    from solbench.acquisition.control.registry import Entry, entries, find
    from solbench.acquisition.control.run_control import RunControl
    from solbench.acquisition.control.verbs import Verb
    from solbench.acquisition.errors import (
        AcquisitionError,
        Fault,
        JournalBusy,
        JournalDamaged,
        JournalFull,
        OutputExists,
        RunFileError,
    )
    from solbench.acquisition.queue.queued_run import QueuedRun
    from solbench.acquisition.queue.run_queue import RunQueue
    from solbench.acquisition.record.folds import SpectrumRecord, StepRecord
    from solbench.acquisition.record.reader import Run, open_run
    from solbench.acquisition.run.start import Request, Result, resume, start
else:
    __getattr__ = lazily(__name__)

__all__ = [
    "AcquisitionError",
    "BenchFile",
    "Client",
    "Entry",
    "Fault",
    "JournalBusy",
    "JournalDamaged",
    "JournalFull",
    "OutputExists",
    "QueuedRun",
    "Request",
    "Result",
    "Run",
    "RunControl",
    "RunFileError",
    "RunQueue",
    "SpectrumRecord",
    "StepRecord",
    "Verb",
    "entries",
    "find",
    "load_bench",
    "open_run",
    "resume",
    "start",
]
