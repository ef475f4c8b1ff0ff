"""`solbench instruments`: who answers, and as what."""

from __future__ import annotations

from typing import Any

import typer

from acquisition.bench import open_bench
from acquisition.bench_file import load_bench
from cli import inputs
from cli.output import COMPLETED, ENDED_OTHERWISE, errors_in_words, print_json, say
from drivers.errors import DriverError
from protocols import load_cell


def command(bench: inputs.BenchOption = None, json: inputs.JsonOption = False) -> None:
    """Ask the instruments of a bench who they are and for their last error; nothing is switched or set."""
    with errors_in_words():
        bench_file, _ = load_bench(bench)
        cell = load_cell("nbh").build("half").simulated_cell()
        opened = open_bench(bench_file, cell, lambda: None)
        try:
            found = {which: _ask(opened, which) for which in opened.addresses}
        finally:
            opened.close()
        if opened.simulated:
            say("SIMULATION: these instruments are simulated.")
        if json:
            print_json({"bench": opened.name, "simulated": opened.simulated, "instruments": found})
        else:
            for which, answer in found.items():
                print(f"{which}  {opened.addresses[which]}  {answer['identity'] or answer['problem']}")
        healthy = all(answer["problem"] is None for answer in found.values())
        raise typer.Exit(COMPLETED if healthy else ENDED_OTHERWISE)


def _ask(opened: Any, which: str) -> dict[str, Any]:
    instrument = opened.pair.fra if which == "1260" else opened.pair.pstat
    answer: dict[str, Any] = {
        "address": opened.addresses[which],
        "identity": None,
        "last_error": None,
        "problem": None,
    }
    try:
        answer["identity"] = instrument.identity()
        query = instrument.settings.error_query if which == "1260" else "?ER"
        answer["last_error"] = int(instrument.link.query(query)) if query else None
    except DriverError as error:
        answer["problem"] = str(error)
    return answer
