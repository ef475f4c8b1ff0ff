"""`solbench spectrum`: an on-demand impedance spectrum, within a step of a run that is running."""

from typing import Annotated

import typer

from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.control.registry import find
from solbench.cli.commands.verbs import WAIT_S, NoWait, RunName, WaitOption, ask
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words


def command(
    run: RunName = None,
    rest: Annotated[
        str, typer.Option("--rest", metavar="TIME", help="Rest before it, such as '1 min'.")
    ] = "",
    start: Annotated[str, typer.Option("--from", metavar="FREQUENCY", help="Highest frequency.")] = "",
    stop: Annotated[str, typer.Option("--to", metavar="FREQUENCY", help="Lowest frequency.")] = "",
    amplitude: Annotated[
        str,
        typer.Option(
            "--amplitude", metavar="AMPLITUDE", help="Amplitude at the cell, rms: voltage or current."
        ),
    ] = "",
    json: JsonOption = False,
    wait_s: WaitOption = WAIT_S,
    no_wait: NoWait = False,
) -> None:
    """Measure a spectrum now; the present step of RUN then continues where it was."""
    with errors_in_words():
        wish = SpectrumRequest(rest=rest, start=start, stop=stop, amplitude=amplitude)
        begun = ask(find(run), lambda client: client.spectrum(wish), json, 0.0 if no_wait else wait_s)
        raise typer.Exit(COMPLETED if begun else ENDED_OTHERWISE)
