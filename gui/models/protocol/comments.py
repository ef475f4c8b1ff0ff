"""What the window would lose when it writes over a file: comments, which no model of the file holds."""

import shutil
from pathlib import Path

from solbench.protocols.errors import BadInput


def has_comments(text: str) -> bool:
    """Say whether a YAML text seems to hold comments; one too many is no harm."""
    return any(line.lstrip().startswith("#") or " #" in line for line in text.splitlines())


def keep_comments(path: Path) -> Path | None:
    """Copy a YAML file with comments beside itself (.bak, .bak2, ...) before it is written over; return the copy.

    A copy with the same text is used again. Raises BadInput where there is no room for one: then nothing is lost
    because nothing is written.
    """
    if path.suffix == ".json" or not path.is_file():
        return None
    try:
        text = path.read_bytes()
        if not has_comments(text.decode("utf-8", errors="replace")):
            return None
        number, copy = 1, path.with_name(f"{path.name}.bak")
        while copy.exists() and copy.read_bytes() != text:
            number += 1
            copy = path.with_name(f"{path.name}.bak{number}")
        if not copy.exists():
            shutil.copy2(path, copy)
    except OSError as failure:
        reason = (failure.strerror or str(failure)).lower()
        raise BadInput(
            f"a copy with the comments of the file could not be kept ({reason})",
            "Save under another name",
            file=str(path),
        ) from None
    return copy


def saved_words(path: Path, kept: Path | None) -> str:
    """Say what was saved, and where the comments are that the new file does not have."""
    if kept is None:
        return f"saved as {path}"
    return f"saved as {path}; the file before had comments, which are kept in {kept.name}"
