"""What goes to the user: errors as one paragraph on stderr, results on stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solbench.acquisition.errors import (
    AcquisitionError,
    JournalBusy,
    JournalDamaged,
    OutputExists,
    RunFileError,
)
from solbench.acquisition.host.platform import if_too_long
from solbench.protocols.errors import BadInput, shown

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from pydantic import BaseModel

JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
UNREADABLE = (
    JournalBusy,
    JournalDamaged,
    RunFileError,
)  # what was named cannot be read: as bad as a wrong name
COMPLETED, ENDED_OTHERWISE, BAD_INPUT = 0, 1, 2


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Turn what the user can correct into one paragraph and an exit code."""
    try:
        yield
    except BadInput as error:
        _leave(str(error), BAD_INPUT)
    except OutputExists as error:
        _leave(
            f"{error}: this file exists already and is never overwritten. Choose another name.",
            BAD_INPUT,
        )
    except BrokenPipeError:  # the reader of the output has gone; the run's files are written all the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(ENDED_OTHERWISE) from None
    except OSError as error:
        _leave(refusal(error), BAD_INPUT)
    except UNREADABLE as error:
        _leave(str(error), BAD_INPUT)
    except AcquisitionError as error:
        _leave(str(error), ENDED_OTHERWISE)


def refusal(error: OSError) -> str:
    """Return in one paragraph what the system refused, where, and what to check.

    >>> refusal(PermissionError(13, "Permission denied", "r.journal"))
    'r.journal: permission denied. Check the name, the permissions and the free disk space.'
    """
    named = error.filename if isinstance(error.filename, (str, bytes)) else None
    where, what = os.fsdecode(named) if named else "the system", (error.strerror or str(error)).lower()
    return f"{where}: {what}{if_too_long(where)}. Check the name, the permissions and the free disk space."


def _leave(paragraph: str, code: int) -> None:
    print(f"solbench: {shown(paragraph)}", file=sys.stderr)
    raise typer.Exit(code)


def print_json(result: DataclassInstance | BaseModel) -> None:
    """Print a result as one JSON object on one line of stdout; its fields, in their order, are the keys."""
    print(as_json(result), flush=True)


def as_json(result: DataclassInstance | BaseModel) -> str:
    """Return a result as one JSON object on one line, as it is shown."""
    plain = asdict(result) if is_dataclass(result) else result.model_dump(mode="json")
    return shown(json.dumps(plain, ensure_ascii=False, allow_nan=False))


def say(text: str) -> None:
    """Print a line for people on stderr."""
    print(shown(text), file=sys.stderr, flush=True)


def require_new(path: Path | None, option: str, endings: Sequence[str] = ()) -> None:
    """Raise BadInput where a file that is to be written exists, has no folder, or ends otherwise than in `endings`."""
    if path is None:
        return
    if endings and path.suffix.lower() not in endings:
        *others, last = endings
        raise BadInput(
            f"a {option.lstrip('-')} ends in {', '.join(others)} or {last}",
            "Name it so",
            field=option,
            file=str(path),
        )
    if path.exists() or path.is_symlink():
        raise BadInput("this file exists", "Name another one, or move it away", file=str(path))
    if not path.parent.is_dir():
        raise BadInput("there is no such folder to write to", "Make it, or name another one", file=str(path))
