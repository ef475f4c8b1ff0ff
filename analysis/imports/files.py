"""Which reader takes which file."""

from collections.abc import Callable
from pathlib import Path

from solbench.analysis.imports.biologic import read_biologic
from solbench.analysis.imports.gamry import read_gamry
from solbench.analysis.imports.spectrum import Spectrum
from solbench.analysis.imports.spectrum_csv import read_csv
from solbench.analysis.imports.zplot import read_zplot
from solbench.protocols.errors import BadInput

_READERS: dict[str, Callable[[Path], Spectrum | list[Spectrum]]] = {
    ".z": read_zplot,
    ".mpt": read_biologic,
    ".dta": read_gamry,
    ".csv": read_csv,
    ".txt": read_csv,
}
SUFFIXES = tuple(_READERS)


def read_spectra(path: Path) -> list[Spectrum]:
    """Read the spectra of one file by its suffix; raises BadInput, OSError."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(
            f"files that end in '{path.suffix}' are not known as spectra",
            f"There are: {', '.join(SUFFIXES)}",
            file=str(path),
        )
    found = reader(path)
    return found if isinstance(found, list) else [found]
