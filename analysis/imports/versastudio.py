"""Spectra of VersaStudio (`.par`): the segments with a column `Frequency(Hz)`.

    <Application>
    ...
    <Segment1>
    Type=2
    Definition=Segment #, Point #, E(V), I(A), Elapsed Time(s), ..., Frequency(Hz), ..., Z Real, Z Imag, ..., 0
    0,0,0,-3.282372E-06,1.812,...,100000,...,55.31571,4.575431,...,0.02
    </Segment1>

Z Imag carries its true sign. Rows without a frequency are readings between spectra.
"""

from solbench.analysis.imports.spectrum import Spectrum, Text
from solbench.analysis.imports.table import Row, Table, make_header, spectra_of

_NAMES = "Definition="


def is_versastudio(text: Text) -> bool:
    """Say whether the first line is VersaStudio's."""
    return text.lines[0].strip() == "<Application>"


def read_versastudio(text: Text) -> list[Spectrum]:
    """Read the spectra of all segments; raises BadInput."""
    heads = [number for number, line in enumerate(text.lines) if line.startswith(_NAMES)]
    tables = [_table(text, head) for head in heads]
    spectral = [table for table in tables if table.rows and not _is_direct(table)]
    if not spectral:
        raise text.bad_file("no segment of it holds a spectrum", "Take a file of an impedance experiment")
    return [spectrum for table in spectral for spectrum in spectra_of(text, table)]


def _is_direct(table: Table) -> bool:
    """Say whether a segment is of direct current: there the frequencies are zero."""
    places = [column.place for column in table.header.of("frequency")]
    cells = {row.fields[place].strip() for row in table.rows for place in places if place < len(row.fields)}
    return cells <= {"0"}


def _table(text: Text, head: int) -> Table:
    """Read the rows below a line of names (from 0) to the end of their segment."""
    rows = []
    for number, line in enumerate(text.lines[head + 1 :], head + 2):
        if line.startswith("</Segment"):
            break
        if line.strip():
            rows.append(Row(number, line.split(",")))
    else:
        raise text.bad(head + 1, "the segment breaks off before its end (</Segment>)", "Export it again")
    names = [name.strip() for name in text.lines[head].removeprefix(_NAMES).split(",")]
    return Table(make_header(head + 1, names), rows, {"format": "VersaStudio"})
