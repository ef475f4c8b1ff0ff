"""The folder that an export writes into: nothing that exists is overwritten, nothing half written stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from solbench.acquisition.errors import OutputExists
from solbench.acquisition.host.platform import remove
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns = Mapping[str, NDArray[Any]]

INSTITUTION = "Unknown"


class Folder:
    """Collects what one export writes; as a context, takes it all back when the export fails.

    `institution` is for formats whose file names begin with one.
    """

    def __init__(self, path: Path, institution: str = INSTITUTION) -> None:
        self.path = path
        self.institution = institution
        self.written: list[Path] = []
        self._made_folder = False

    def __enter__(self) -> Folder:
        if self.path.exists() and not self.path.is_dir():
            raise BadInput(
                "this is a file, not a folder", "Name another one", file=str(self.path), field="-o"
            )
        self._made_folder = not self.path.exists()
        self.path.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            return
        for path in self.written:
            remove(path)
        if self._made_folder and not any(self.path.iterdir()):
            self.path.rmdir()

    def new(self, name: str) -> Path:
        """Take a name for a file that a library writes; raises OutputExists where it is taken."""
        path = self.path / name
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            raise OutputExists(str(path)) from None
        self.written.append(path)
        return path

    @contextmanager
    def text(self, name: str, encoding: str = "utf-8") -> Iterator[IO[str]]:
        """Open a new text file, line ends as written; raises OutputExists where the name is taken."""
        with self.new(name).open("w", encoding=encoding, newline="") as stream:
            yield stream

    def write(self, name: str, text: str) -> Path:
        """Write a new text file; raises OutputExists where the name is taken."""
        with self.text(name) as stream:
            stream.write(text)
        return self.written[-1]


def csv_lines(columns: Columns) -> str:
    """Return the rows of columns of numbers and words as CSV text; what is no number stays empty.

    Numbers are written with the fewest digits that read back as the same number.
    """
    texts = [[_text(value) for value in values.tolist()] for values in columns.values()]
    return "".join(",".join(row) + "\n" for row in zip(*texts, strict=True))


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return repr(value) if value == value else ""
