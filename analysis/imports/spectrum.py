"""A spectrum that was read from a file of another program, and what all such readers need.

What cannot be read is told in one paragraph that names file, line and cure.
"""

import codecs
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from solbench.protocols.errors import BadInput
from solbench.protocols.files import require_file

Array = np.ndarray[Any, Any]

LARGEST_FILE_BYTES = 100_000_000
_DOS_END = "\x1a"  # programs of DOS end their text files with it
_BINARY = (
    (b"BIO-LOGIC MODULAR FILE", "a binary file of EC-Lab", "Export it as text (.mpt) in EC-Lab"),
    (b"\x89HDF", "an HDF5 file", "Name a run file with its ending .h5"),
    (b"PK\x03\x04", "a workbook or an archive", "Save its sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "a workbook", "Save its sheet as CSV"),
)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """One impedance spectrum as a file holds it.

    Z = Z' + jZ'' in ohm with its true sign (capacitive is negative), frequencies in Hz in the order of the
    file, `time_s` in s where the file has times. `meta` holds what the file says of itself, as text; `notes` what a
    user should know: points that were left out, rows that are missing.
    """

    frequency_Hz: Array
    impedance_ohm: Array
    time_s: Array | None = None
    meta: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Text:
    """The lines of a text file, from 1, without what ends them; `ended` where the last one was ended."""

    path: Path
    lines: list[str]
    ended: bool

    def bad(self, line: int, message: str, cure: str = "") -> BadInput:
        """Make the paragraph about one line."""
        cure = cure or "Correct this line, or leave it out if the measurement broke off there"
        return BadInput(message, cure, file=f"{self.path}, line {line}")

    def bad_file(self, message: str, cure: str) -> BadInput:
        """Make the paragraph about the whole file."""
        return BadInput(message, cure, file=str(self.path))


def read_text(path: Path) -> Text:
    """Read a text file in UTF-8, UTF-16 with its mark or, where it is neither, Latin-1; raises BadInput, OSError."""
    require_file(path, str(path))
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise BadInput("the file is too large to be a spectrum", "Check the name", file=str(path))
    data = path.read_bytes()
    for mark, what, cure in _BINARY:
        if data.startswith(mark):
            raise BadInput(f"this is {what}", cure, file=str(path))
    text = _decoded(data)
    if "\0" in text:
        raise BadInput(
            "this is a binary file", "Export it as text in the program that wrote it", file=str(path)
        )
    text = text.rstrip(_DOS_END)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ended = lines[-1].strip() == ""
    return Text(path, lines, ended)


def _decoded(data: bytes) -> str:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
