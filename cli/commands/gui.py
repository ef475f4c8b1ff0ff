"""`solbench gui`: the desktop."""

from pathlib import Path
from typing import Annotated

import typer

from solbench.cli import inputs
from solbench.cli.output import errors_in_words
from solbench.protocols.errors import BadInput


def command(
    run: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="A run file to show, or a run in progress.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=1e-3, help="Replay RUN: N experiment seconds per second.")
    ] = None,
) -> None:
    """Open the desktop. It finds runs in progress; closing it does not stop them."""
    with errors_in_words():
        path = inputs.run_path(run) if run is not None else None
        try:
            from solbench.gui.app import start
        except ImportError as error:
            raise BadInput(
                f"the desktop cannot be opened: {error}",
                "Install what it needs with: pip install 'solbench[desktop]' (on Debian also: "
                "apt install libegl1 libxkbcommon-x11-0 libxcb-cursor0)",
                field="gui",
            ) from error
        raise typer.Exit(start(path, speed))
