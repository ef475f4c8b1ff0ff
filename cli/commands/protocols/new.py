"""`solbench new`: a protocol file of one's own, with every comment of the one that ships."""

from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.errors import OutputExists
from solbench.cli.output import errors_in_words
from solbench.protocols.errors import BadInput
from solbench.protocols.protocol import load_protocol, shipped_text

Name = Annotated[str, typer.Argument(metavar="PROTOCOL", help="An included one, such as half-cell.")]
Target = Annotated[Path, typer.Argument(metavar="OUT.yaml", help="The file to be made.")]


def command(protocol: Name, file: Target) -> None:
    """Copy an included protocol to OUT.yaml, to be edited there; a file is never overwritten."""
    with errors_in_words():
        if file.suffix not in (".yaml", ".yml"):
            raise BadInput("a protocol file ends in .yaml", f"Write {file.stem}.yaml", field="OUT.yaml")
        text = shipped_text(protocol)
        try:
            with file.open("x", encoding="utf-8") as stream:
                stream.write(text)
        except FileExistsError:
            raise OutputExists(str(file)) from None
        load_protocol(file)
        print(f"{file}: change it, then try it with solbench check {file} and solbench describe {file}")
