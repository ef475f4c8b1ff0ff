"""`solbench export`: a run in the formats of other programs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.record.journal import Damage
from solbench.analysis.exports.formats import FORMATS, export_run
from solbench.cli import inputs
from solbench.cli.arguments import RunArgument
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say

*_FIRST, _LAST = FORMATS
Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help=f"{', '.join(_FIRST)} or {_LAST}.")]
Output = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="DIR", help="The folder to write into; created if necessary."),
]
Institution = Annotated[
    str, typer.Option("--institution", metavar="NAME", help="First word in the name of a bdf file.")
]


@dataclass(frozen=True)
class Exported:
    """What `--json` prints; `damage`: where the journal of the run is damaged, with which the files end."""

    run: str
    format: str
    files: list[str]
    damage: Damage | None


def command(
    run: RunArgument,
    format: Format,
    output: Output,
    institution: Institution = "Unknown",
    json: JsonOption = False,
) -> None:
    """Write RUN in another FORMAT into DIR; nothing that exists is overwritten.

    Exit code 1 if the journal of RUN is damaged: the files end there.
    """
    from solbench.analysis.exports.source import Source

    with errors_in_words():
        path = inputs.run_path(run)
        try:
            written = export_run(path, format, output.absolute(), institution)
        except (FileNotFoundError, PermissionError, NotADirectoryError):
            raise
        except OSError as error:
            reason = error.strerror or str(error)
            raise AcquisitionError(
                f"{output}: cannot be written ({reason}); nothing was left there."
            ) from error
        source = Source(path)
        damage = source.outline.damage
        if damage is not None:
            say(f"solbench: {damage.words}; the exported files end there")
        if source.simulated:
            say("SIMULATION: this run was made on the simulated bench; the exported files say so.")
        for file in written:
            if file.name.endswith("_losses.txt"):
                say(file.read_text(encoding="utf-8").rstrip())
        if json:
            print_json(Exported(str(path), format, [str(file) for file in written], damage))
        else:
            print("\n".join(map(str, written)))
        raise typer.Exit(COMPLETED if damage is None else ENDED_OTHERWISE)
