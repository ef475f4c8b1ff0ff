"""The dialogue beside a run: where it lies, and what it is of."""

import time
from pathlib import Path

from solbench import __version__
from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.dialogue.file import About
from solbench.acquisition.bench.dialogue.recorder import Recorder
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.record.events import Header

MB = 1_000_000


def dialogue_path(run: Path, session: int = 1) -> Path:
    """Return where the dialogue of a session of the run file `run` lies; sessions count from 1."""
    return run.with_suffix(".dialogue") if session == 1 else run.with_name(f"{run.stem}.{session}.dialogue")


def recorder_of(run: Path, bench: BenchFile, about: About, run_control: RunControl) -> Recorder:
    """Begin the dialogue of a session; raises FileExistsError, OSError.

    What a session left that never began, before there was anything in the journal, is overwritten.
    """
    path = dialogue_path(run, about.session)
    if about.session > 1:
        path.unlink(missing_ok=True)
    return Recorder(path, round(bench.dialogue_MB * MB), about, run_control)


def about_run(header: Header, bench: BenchFile, bench_text: str, session: int, records: int) -> About:
    """Return what the dialogue of a later session is of; `records` of the journal lie before it."""
    return About(
        version=__version__,
        began_unix_s=time.time(),
        seed=header.seed,
        simulated=bench.is_simulated,
        texts={"protocol": header.protocol.text, "cell": header.cell.text, "bench": bench_text},
        names={"protocol": header.protocol.name, "cell": header.cell.name, "bench": bench.name},
        settings=header.protocol.settings,
        session=session,
        records=records,
    )
