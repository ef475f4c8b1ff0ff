"""`solbench resume`: go on with an interrupted run from its journal."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from acquisition.cancel import Cancel
from acquisition.journal import journal_path, read_header
from acquisition.run import resume
from cli import inputs
from cli.output import errors_in_words, say
from cli.run import finish, listeners
from cli.stopping import safe_stop


def command(
    run: inputs.RunArgument,
    speed: Annotated[float | None, typer.Option(min=1e-3, help="Pace a simulated run.")] = None,
    json: inputs.JsonOption = False,
    events: inputs.EventsOption = False,
) -> None:
    """Go on with RUN where it was interrupted; protocol, cell and bench come from its journal."""
    with errors_in_words():
        path = inputs.run_path(run)
        header = read_header(journal_path(path)).data
        if header["simulated"]:
            say("SIMULATION: no instrument is connected; the numbers come from the simulated bench.")
        cancel = Cancel()
        began = time.monotonic()
        with safe_stop(cancel):
            result = resume(
                path, cancel, listeners(header["cell"]["quantities"]["area_m2"][0], events), speed
            )
        finish(result, time.monotonic() - began, json)
