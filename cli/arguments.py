"""Arguments that commands share and that need nothing loaded."""

from pathlib import Path
from typing import Annotated

import typer

RunArgument = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run file (.h5), or its name without the ending.")
]
