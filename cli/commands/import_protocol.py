"""`solbench import-protocol`: a protocol of another program becomes one of this program."""

from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.errors import OutputExists
from solbench.cli.output import errors_in_words, say
from solbench.protocols.errors import BadInput

File = Annotated[Path, typer.Argument(metavar="FILE", help="A unicycler protocol (JSON).")]
Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="OUT.yaml", help="The protocol file to be made.")
]
BuildName = Annotated[
    str, typer.Option("--build", metavar="BUILD", help="The build of the cell that it is for: half, full...")
]


def command(file: File, output: Output, build: BuildName) -> None:
    """Translate FILE into a protocol file; losses and assumptions are reported on stderr and in its notes."""
    from solbench.analysis.imports.unicycler import read_unicycler
    from solbench.protocols import dump_protocol

    with errors_in_words():
        if output.suffix not in (".yaml", ".yml", ".json"):
            raise BadInput("a protocol file ends in .yaml or .json", f"Write {output.stem}.yaml", field="-o")
        protocol, losses = read_unicycler(file, build)
        report = losses.as_text(f"Imported from {file.name}")
        noted = protocol.model_copy(update={"notes": report[:10_000]})
        noted.__pydantic_fields_set__.add("notes")
        try:
            with output.open("x", encoding="utf-8") as stream:
                stream.write(dump_protocol(noted, as_json=output.suffix == ".json"))
        except FileExistsError:
            raise OutputExists(str(output)) from None
        say(report.rstrip())
        print(output)
