"""`solbench service`: a service that makes cells safe when the PC starts, after a power cut or a reboot."""

from collections.abc import Callable

import typer

from solbench.acquisition.host import boot_service
from solbench.acquisition.host.boot_service import BootService
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json

app = typer.Typer(
    help="A service that makes cells safe when the PC starts, after a power cut or a reboot.",
    no_args_is_help=True,
)


@app.command("install")
def install(json: JsonOption = False) -> None:
    """Install the service; from the next start of the PC on it runs solbench make-safe --unfinished."""
    _say(boot_service.install, json, wanted=True)


@app.command("remove")
def remove(json: JsonOption = False) -> None:
    """Remove the service."""
    _say(boot_service.remove, json, wanted=False)


@app.command("status")
def status(json: JsonOption = False) -> None:
    """Say whether the service is installed and starts with the PC; exit code 1 if it does not."""
    _say(boot_service.status, json, wanted=True)


def _say(work: Callable[[], BootService], json: bool, wanted: bool) -> None:
    with errors_in_words():
        found = work()
        if json:
            print_json(found)
        else:
            print(f"The service that makes cells safe when the PC starts: {found.text}.")
        raise typer.Exit(COMPLETED if found.at_boot is wanted else ENDED_OTHERWISE)
