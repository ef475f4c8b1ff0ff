"""The dialogue beside a run: where it lies, and what it is of."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from solbench import __version__
from solbench.acquisition.bench.bench_file import BenchFile, dump_bench
from solbench.acquisition.bench.dialogue.file import About
from solbench.acquisition.bench.dialogue.recorder import Recorder
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.host.platform import remove
from solbench.acquisition.record.events import Header

MB = 1_000_000


@dataclass(frozen=True)
class OtherBench:
    """A bench on which a run is continued that was begun on another: its file, its text, and its name as typed."""

    file: BenchFile
    text: str
    name: str


def dialogue_path(run: Path, session: int = 1) -> Path:
    """Return where the dialogue of a session of the run file `run` lies; sessions count from 1."""
    return run.with_suffix(".dialogue") if session == 1 else run.with_name(f"{run.stem}.{session}.dialogue")


def recorder_of(run: Path, bench: BenchFile, about: About, run_control: RunControl) -> Recorder:
    """Begin the dialogue of a session; raises FileExistsError, OSError.

    What a session left that never began, before there was anything in the journal, is overwritten.
    """
    path = dialogue_path(run, about.session)
    if about.session > 1:
        remove(path)
    return Recorder(path, round(bench.dialogue_MB * MB), about, run_control)


def about(
    texts: Mapping[str, str], names: Mapping[str, str], bench: BenchFile, seed: int, settings: tuple[str, ...]
) -> About:
    """Return what a dialogue is of, with the bench as it is used added to `texts` and `names`."""
    texts = {**texts, "bench_in_use": dump_bench(bench)}  # with what lies in files beside it
    names = {**names, "bench": bench.name}
    if bench.record is not None:
        texts["commissioning"], names["commissioning"] = bench.record.text, bench.record.name
    return About(
        version=__version__,
        began_unix_s=time.time(),
        seed=seed,
        simulated=bench.is_simulated,
        texts=texts,
        names=names,
        settings=settings,
    )


def about_later(
    header: Header, bench: BenchFile, other: OtherBench | None, session: int, records: int
) -> About:
    """Return what the dialogue of a later session is of; `records` of the journal lie before it.

    `other`: the bench, where it is another one than before.
    """
    text = other.text if other is not None else dump_bench(bench)
    texts = {"protocol": header.protocol.text, "cell": header.cell.text, "bench": text}
    names = {"protocol": header.protocol.name, "cell": header.cell.name}
    return replace(
        about(texts, names, bench, header.seed, header.protocol.settings),
        run=header.run,
        session=session,
        records=records,
        other_bench=other is not None,
    )
