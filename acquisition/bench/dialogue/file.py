"""Dialogue files: gzip, of which everything but the last half second survives the death of the program.

The first line says in JSON what was to be done (`About`), the others are those of `lines`.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.dialogue.lines import Line, decode
from solbench.acquisition.host.platform import host_s, open_binary
from solbench.protocols.errors import BadInput
from solbench.protocols.files import require_file

FORMAT = "solbench dialogue 1"
FLUSH_S = 0.5  # host time
LEVEL = 6
GZIP = 31  # window bits of zlib
BLOCK_BYTES = 1 << 16


@dataclass(frozen=True)
class About:
    """What a dialogue is of: all that is needed to carry the same run out again.

    `texts`: of `protocol`, `cell`, `bench`, `bench_in_use` (with what was in files beside it), and `commissioning`
    where there is a record; `names`: what these are called. `began_unix_s`: time of day (s since 1970). `session`
    counts the programs that carried the run out; of a later one `run` is the run's id, `records` those of its journal
    before this session, and `other_bench` whether it is another bench than before. `clock_start_s` and
    `slice_s`: the bench's clock at the beginning, and its longest sleep (s); `time_base`: which clock it is; `unit`:
    which specimen a simulated bench is. `wires`: how the resource of each is to be used. `version`: of the program.
    """

    version: str
    began_unix_s: float
    seed: int
    simulated: bool
    texts: Mapping[str, str]
    names: Mapping[str, str]
    settings: tuple[str, ...] = ()
    session: int = 1
    run: str = ""
    records: int = 0
    other_bench: bool = False
    clock_start_s: float = 0.0
    slice_s: float = 0.0
    time_base: str = ""
    unit: str = ""
    addresses: Mapping[str, str] | None = None
    wires: Mapping[str, Mapping[str, Any]] | None = None
    format: str = FORMAT


class DialogueFile:
    """A new dialogue, at most `most_bytes` large; raises FileExistsError, OSError.

    Whatever goes wrong with the file later is no reason to end a run: then it is `problem`, and no more is written.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self.path = path
        self.problem = ""
        self._most_bytes = most_bytes
        self._descriptor = open_binary(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        self._packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
        self._size = 0
        self._waiting: list[str] = []
        self._waiting_chars = 0
        self._flushed_s = host_s()
        self.is_open = True

    def begin(self, about: About) -> None:
        """Write what it is of."""
        self.put(json.dumps(asdict(about)) + "\n")
        self.flush()

    def put(self, text: str) -> bool:
        """Write a line; return False where it is full, and the line was dropped with those that come."""
        if not self.is_open:
            return False
        self._waiting.append(text)
        self._waiting_chars += len(text)
        if self._waiting_chars > BLOCK_BYTES or host_s() - self._flushed_s > FLUSH_S:
            self.flush()
        return not self.is_full

    @property
    def is_full(self) -> bool:
        """Get whether there is no room for another block of lines."""
        return self._size + BLOCK_BYTES // 4 > self._most_bytes

    def flush_if_due(self) -> None:
        """Give the system the lines that have waited for half a second."""
        if self._waiting and host_s() - self._flushed_s > FLUSH_S:
            self.flush()

    def flush(self) -> None:
        """Give the system every line, so that it survives this program."""
        data = self._packer.compress("".join(self._waiting).encode()) + self._packer.flush(zlib.Z_SYNC_FLUSH)
        self._waiting, self._waiting_chars, self._flushed_s = [], 0, host_s()
        self._give(data)

    def close(self, last: str = "") -> None:
        """Write a last line and close the file."""
        if not self.is_open:
            return
        self._waiting.append(last)
        self.flush()
        self._give(self._packer.flush(zlib.Z_FINISH))
        self.is_open = False
        with suppress(OSError):
            os.close(self._descriptor)

    def _give(self, data: bytes) -> None:
        if self.problem:
            return
        self._size += len(data)
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            self.problem = f"{self.path.name} could not be written any further ({error.strerror})"


class DialogueText:
    """An open dialogue: what it is of, and its lines with their numbers in the file.

    Raises BadInput where it is none. A torn end is no error: the lines end there, and `is_torn` is true afterwards.
    """

    def __init__(self, path: Path) -> None:
        require_file(path, str(path))
        self.path = path
        self.is_torn = False
        self._texts = _whole_lines(path, self._tear)
        first = next(self._texts, "")
        try:
            known = json.loads(first)
            if known["format"] != FORMAT:
                raise ValueError(f"its format is '{known['format']}'")
            self.about = About(**known)
        except (ValueError, TypeError, KeyError, LookupError) as error:
            raise BadInput(
                f"it is no dialogue of a run ({_short(error)})",
                "Name a file that was recorded with --dialogue, or update solbench",
                file=str(path),
            ) from None

    def lines(self) -> Iterator[tuple[int, Line]]:
        """Yield each line with its number, from 2 on; raises BadInput."""
        for number, text in enumerate(self._texts, 2):
            try:
                line = decode(text)
            except (ValueError, TypeError, IndexError, KeyError) as error:
                raise BadInput(
                    f"line {number} of this dialogue is damaged ({_short(error)})",
                    "Record it anew, or have the file sent again",
                    file=str(self.path),
                ) from None
            yield number, line

    def _tear(self) -> None:
        self.is_torn = True


def _short(error: Exception) -> str:
    return f"{str(error) or type(error).__name__:.80}"


def _whole_lines(path: Path, tear: Any) -> Iterator[str]:
    """Yield the lines of a gzip file up to where it is torn."""
    unpacker = zlib.decompressobj(GZIP)
    rest = b""
    try:
        with path.open("rb") as file:
            while packed := file.read(BLOCK_BYTES):
                *whole, rest = (rest + unpacker.decompress(packed)).split(b"\n")
                for line in whole:
                    yield line.decode(errors="replace")  # JSON is ASCII: what is not is found there
    except zlib.error:
        pass
    if rest or not unpacker.eof:
        tear()
