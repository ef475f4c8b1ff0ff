"""`solbench meters`: what the cell of a bench shows while no run is, and the temperatures; nothing is switched."""

import os
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.bench.bench_file import BenchFile, load_bench
from solbench.acquisition.bench.guarded import key_if_any
from solbench.acquisition.bench.idle import Idle, look
from solbench.acquisition.control.client import Client, NoEngine
from solbench.acquisition.control.registry import entries
from solbench.cli import arguments
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.protocols import load_cell
from solbench.protocols.files import Fields

EVERY_S = 2.0


@dataclass(frozen=True)
class Shown(Idle):
    """What `--json` prints: one look; `run`: the user's own run that was asked in its place, "" where none was."""

    run: str = ""


def command(
    bench: arguments.BenchOption = None,
    cell: arguments.CellOption = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Read again and again, until the end of stdin or Ctrl-C.")
    ] = False,
    every_s: Annotated[
        float, typer.Option("--every", min=0.5, metavar="S", help="With --follow: interval in seconds.")
    ] = EVERY_S,
    json: JsonOption = False,
) -> None:
    """Show voltage, current and temperatures of a bench without a run; nothing is switched or set but the meters.

    Each reading takes the bench for a moment, and a run that begins waits for it. If a run of yours is on the bench,
    its program is asked.
    """
    with errors_in_words():
        file, _ = load_bench(bench)
        build = None
        if cell is not None and file.kind == "simulated":
            record = load_cell(cell)
            build = record.build(next(iter(record.builds))).simulated_cell()
        if file.is_simulated and not json:
            say("SIMULATION: these instruments are simulated.")
        if not follow:
            shown = _look(file, build)
            _print(shown, json)
            raise typer.Exit(COMPLETED if shown.voltage_V is not None else ENDED_OTHERWISE)
        _follow(file, build, every_s, json)


def _follow(file: BenchFile, build: Fields | None, every_s: float, json: bool) -> None:
    """Look until nobody listens any more."""
    gone = threading.Event()
    if sys.stdin is not None and not sys.stdin.isatty():
        threading.Thread(target=_listen, args=(gone,), name="listener", daemon=True).start()
    try:
        while not gone.is_set():
            began = time.monotonic()
            _print(_look(file, build), json)
            gone.wait(max(every_s - (time.monotonic() - began), 0.1))
    except KeyboardInterrupt:
        raise typer.Exit(COMPLETED) from None


def _listen(gone: threading.Event) -> None:
    while os.read(0, 1024):
        pass
    gone.set()


def _look(file: BenchFile, build: Fields | None) -> Shown:
    found = look(file, build)
    shown = Shown(**vars(found))
    return _of_run(shown, key_if_any(file)) if found.taken else shown


def _of_run(shown: Shown, key: str) -> Shown:
    """Return what the user's own run on the bench shows, where it is one."""
    entry = next((one for one in entries() if key and one.bench_key == key and one.alive), None)
    if entry is None:
        return shown
    try:
        with Client(entry) as client:
            status = client.status()
    except NoEngine as error:
        return replace(shown, problem=str(error))
    if status.searching_since:
        lost = f"the run {entry.path} has been looking for its instruments since {status.searching_since}"
        return replace(shown, run=entry.path, problem=lost, taken="")
    return replace(
        shown,
        run=entry.path,
        voltage_V=status.voltage_V,
        current_A=status.current_A,
        flows=status.connected,
        taken="",
    )


def _print(shown: Shown, json: bool) -> None:
    if json:
        print_json(shown)
        return
    if shown.taken or shown.problem:
        print(shown.taken or shown.problem, flush=True)
        return
    parts = []
    if shown.voltage_V is not None and shown.current_A is not None:
        parts.append(f"{shown.voltage_V:.4f} V  {shown.current_A:.4g} A")
    if shown.overload:
        parts.append(f"overload: {shown.overload}")
    if shown.flows:
        parts.append("cell ON" if shown.run else "a current flows, though no run is: look at the front panel")
    parts += [f"{one.name}: {one}" for one in shown.gauges]
    if shown.run:
        parts.append(f"run {Path(shown.run).name}")
    print("  ".join(parts), flush=True)
