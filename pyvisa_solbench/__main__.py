"""Run a script on the simulated bench, as it is: `python -m pyvisa_solbench [--bench FILE] SCRIPT [ARGUMENTS]`.

Whatever VISA library the script names, it gets the bench. `import visa`, the name of pyvisa before version 1.6, and
`import Gpib`, that of linux-gpib, are understood too.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

import pyvisa
from pyvisa import highlevel

from pyvisa_solbench import BenchFileError, linux_gpib


def main(arguments: list[str]) -> None:
    """Run a script; raises what it raises, SystemExit for arguments that name none."""
    about = "Run a script on the simulated bench."
    parser = argparse.ArgumentParser(prog="python -m pyvisa_solbench", description=about)
    parser.add_argument("--bench", type=Path, help="a bench file of the pyvisa backend")
    parser.add_argument("script", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    for path in filter(None, (given.script, given.bench)):
        if not path.is_file():
            parser.error(f"{path} is no file")
    library = f"{given.bench.resolve()}@solbench" if given.bench is not None else "@solbench"
    open_library = highlevel.open_visa_library
    try:
        if given.bench is not None:  # what is wrong with it is said before the script begins
            open_library(library)
    except BenchFileError as error:
        parser.error(str(error))
    highlevel.open_visa_library = lambda specification="": open_library(library)
    sys.modules |= {"visa": pyvisa, "Gpib": linux_gpib, "gpib": linux_gpib}
    sys.argv = [str(given.script), *given.arguments]
    sys.path.insert(0, str(given.script.resolve().parent))
    runpy.run_path(str(given.script), run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
