"""Solbench: instrument control and acquisition for solid-state battery cells on a Solartron 1260 and 1287.

`solbench.open("my-run.h5")` opens a run to be looked at, in a notebook or a script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from solbench.analysis.opened import OpenedRun

__all__ = ["__version__"]  # not `open`: a star import must not replace the built-in function

__version__ = "0.1.0"


def open(path: str | Path) -> OpenedRun:
    """Open a run file (.h5) or a journal; raises RunFileError, OSError.

    `.samples`, `.steps` and `.spectra` of the result have `to_pandas()`.
    """
    from solbench.analysis.opened import open_to_look

    return open_to_look(path)
