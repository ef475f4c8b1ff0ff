"""Which reader takes which file: its first line says it, its name does not."""

from collections.abc import Callable
from pathlib import Path

from solbench.analysis.imports.biologic import is_biologic, read_biologic
from solbench.analysis.imports.gamry import is_gamry, read_gamry
from solbench.analysis.imports.plain import read_plain
from solbench.analysis.imports.spectrum import Spectrum, Text, read_text
from solbench.analysis.imports.versastudio import is_versastudio, read_versastudio
from solbench.analysis.imports.zplot import is_zplot, read_zplot

_READERS: tuple[tuple[Callable[[Text], bool], Callable[[Text], list[Spectrum]]], ...] = (
    (is_zplot, read_zplot),
    (is_biologic, read_biologic),
    (is_gamry, read_gamry),
    (is_versastudio, read_versastudio),
)
SUFFIXES = (".z", ".mpt", ".dta", ".csv", ".txt", ".par")
"""The endings by which files of a folder are found; a file that is named may have any."""


def read_spectra(path: Path) -> list[Spectrum]:
    """Read the spectra of one file in the order in which they stand there; raises BadInput, OSError."""
    text = read_text(path)
    for takes, read in _READERS:
        if takes(text):
            return read(text)
    return read_plain(text)
