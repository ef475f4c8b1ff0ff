"""`solbench change`: values of a step become others while the run is under way."""

from typing import Annotated

import typer

from solbench.acquisition.control.messages import ChangeRequest
from solbench.acquisition.control.registry import find
from solbench.acquisition.host.platform import user_name
from solbench.cli.commands.verbs import WAIT_S, NoWait, WaitOption, ask
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words
from solbench.protocols.errors import BadInput

WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[RUN] FIELD=VALUE...",
        help="Which run, if there is more than one, and values as in a protocol; none: what can be changed is shown.",
    ),
]


def command(
    words: WordsArgument = None,
    step: Annotated[
        str,
        typer.Option(
            "--step", metavar="STEP", help="Of this step, by its name or path. Default: the present one."
        ),
    ] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Only say what would happen; nothing is changed.")
    ] = False,
    who: Annotated[
        str | None, typer.Option("--who", metavar="NAME", help="Who changes it. Default: your user name.")
    ] = None,
    json: JsonOption = False,
    wait_s: WaitOption = WAIT_S,
    no_wait: NoWait = False,
) -> None:
    """Change values of a run in progress: limits, times, currents, spectra to come, passes of a loop.

    Values are those of a step, except for the limits of the whole run: limits.voltage_min, limits.voltage_max,
    limits.current_max.

    They are checked like those of any protocol and take effect at the next reading; a run that is resumed keeps them.
    """
    with errors_in_words():
        settings = [word for word in words or [] if "=" in word]
        runs = [word for word in words or [] if "=" not in word]
        if len(runs) > 1:
            raise BadInput(f"'{runs[1]}' is no FIELD=VALUE", "Write for example until.voltage='1.2 V'")
        wish = ChangeRequest(step=step, settings=settings, only_check=check)
        entry, by = find(runs[0] if runs else None), who or user_name() or "the command line"
        done = ask(entry, lambda client: client.change(wish, by), json, 0.0 if no_wait else wait_s)
        raise typer.Exit(COMPLETED if done else ENDED_OTHERWISE)
