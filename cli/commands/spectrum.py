"""`solbench spectrum`: an on-demand impedance spectrum, within a step of a run that is running."""

from typing import Annotated

import typer

from solbench.acquisition.control.client import Client
from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.control.registry import find
from solbench.cli import inputs
from solbench.cli.commands.verbs import RunName, show_reply
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, errors_in_words


def command(
    run: RunName = None,
    rest: Annotated[
        str, typer.Option("--rest", metavar="TIME", help="Rest before it, such as '1 min'.")
    ] = "",
    start: Annotated[str, typer.Option("--from", metavar="FREQUENCY", help="Highest frequency.")] = "",
    stop: Annotated[str, typer.Option("--to", metavar="FREQUENCY", help="Lowest frequency.")] = "",
    amplitude: Annotated[
        str, typer.Option("--amplitude", metavar="VOLTAGE", help="Amplitude at the cell, rms.")
    ] = "",
    json: inputs.JsonOption = False,
) -> None:
    """Measure a spectrum now; the present step of RUN then continues where it was."""
    with errors_in_words():
        entry = find(run)
        with Client(entry) as client:
            reply = client.spectrum(SpectrumRequest(rest=rest, start=start, stop=stop, amplitude=amplitude))
        show_reply(entry, reply, json)
        raise typer.Exit(COMPLETED if reply.accepted else ENDED_OTHERWISE)
