"""Tags of a run: words by which people find it again, beside the run and no part of what it recorded.

`RUN.tags` has one line a change (see `lines`): who gave the run which tags or took which away, and when. A run that is
in progress, or of an older version, has them as any other does. They steer nothing: a line that is damaged is passed
over.
"""

from __future__ import annotations

import getpass
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from solbench.acquisition.record.beside.lines import appending, decoded
from solbench.protocols.errors import BadInput

FORMAT = "solbench tags 1"
LONGEST = 60  # characters of a tag: it stands in a column
_FORBIDDEN = {
    "Cc",
    "Cf",
    "Cs",
    "Co",
    "Cn",
    "Zl",
    "Zp",
}  # what is not seen, or breaks a line (Unicode categories)
_JOINERS = "\u200c\u200d"  # seen by what they do to the letters beside them


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChange:
    """Which tags a run was given, and which were taken away, by whom and when (ISO 8601); `run` is its UUID."""

    format: str
    run: str
    made: str
    who: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


def tags_path(run: Path) -> Path:
    """Return where the tags of the run file, or of the journal, `run` lie."""
    return run.with_suffix(".tags")


def read_tag(text: str, field: str) -> str:
    """Return a tag as it is kept, without blanks around it and with single ones within; raises BadInput."""
    tag = " ".join(unicodedata.normalize("NFC", text).split())
    if not tag:
        raise BadInput("a tag needs a letter or a digit", "Write a word, such as cycled", field=field)
    unseen = next((sign for sign in tag if unicodedata.category(sign) in _FORBIDDEN - _allowed(sign)), None)
    if unseen is not None or "," in tag:
        what = "a comma" if unseen is None else f"a character that is not seen (U+{ord(unseen):04X})"
        cure = "Give several tags one by one" if unseen is None else "Leave it out"
        raise BadInput(f"the tag {tag!r} has {what} in it", cure, field=field)
    if not any(sign.isalnum() for sign in tag):
        raise BadInput(f"the tag {tag!r} has neither a letter nor a digit", "Write a word", field=field)
    if len(tag) > LONGEST:
        raise BadInput(
            f"a tag has {len(tag)} characters, and {LONGEST} at most are taken",
            "Write the rest into a note",
            field=field,
        )
    return tag


def _allowed(sign: str) -> set[str]:
    return {"Cf"} if sign in _JOINERS else set()


def key(tag: str) -> str:
    """Return what is the same of all tags that are one: they differ in capitals alone."""
    return unicodedata.normalize("NFC", tag.casefold())


def distinct(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags with each once, as it was written first."""
    found: dict[str, str] = {}
    for tag in tags:
        found.setdefault(key(tag), tag)
    return tuple(found.values())


def has_all(tags: Sequence[str], wanted: Iterable[str]) -> bool:
    """Say whether a run with these tags has all that are wanted."""
    return {key(tag) for tag in wanted} <= {key(tag) for tag in tags}


def read_changes(run: Path, run_id: str) -> tuple[TagChange, ...]:
    """Return how the tags of a run (with its UUID) were changed, in order; raises OSError."""
    try:
        content = tags_path(run).read_bytes()
    except FileNotFoundError:
        return ()
    return _changes(content, run_id)


def tags_of(run: Path, run_id: str) -> tuple[str, ...]:
    """Return the tags of a run in the order in which it got them, none where they cannot be read."""
    try:
        return _folded(read_changes(run, run_id))
    except OSError:
        return ()


def change_tags(
    run: Path, run_id: str, add: Sequence[str] = (), remove: Sequence[str] = (), who: str = ""
) -> tuple[str, ...]:
    """Give a run tags and take others away; return those that it has then, durable by then.

    `who`: "" for the user of this PC. What it has already is not given again, and nothing is written where nothing
    changes. Raises BadInput, OutputBusy, OSError.
    """
    adding = distinct(read_tag(tag, "--add") for tag in add)
    removing = distinct(read_tag(tag, "--remove") for tag in remove)
    both = [tag for tag in adding if has_all(removing, (tag,))]
    if both:
        raise BadInput(f"'{both[0]}' is to be given and taken away", "Decide for one", field="--remove")
    with appending(tags_path(run)) as (content, append):
        before = _folded(_changes(content, run_id))
        change = TagChange(
            format=FORMAT,
            run=run_id,
            made=datetime.now().astimezone().isoformat(timespec="seconds"),
            who=" ".join(who.split()) or _user(),
            added=tuple(tag for tag in adding if not has_all(before, (tag,))),
            removed=tuple(tag for tag in before if has_all(removing, (tag,))),
        )
        if change.added or change.removed:
            append(content.rfind(b"\n") + 1, change)  # what is torn was never acknowledged
        return _folded([*_changes(content, run_id), change])


def _changes(content: bytes, run_id: str) -> tuple[TagChange, ...]:
    found = (decoded(line, TagChange) for line in content.splitlines(keepends=True))
    return tuple(change for change in found if change is not None and change.run == run_id)


def _folded(changes: Iterable[TagChange]) -> tuple[str, ...]:
    tags: dict[str, str] = {}
    for change in changes:
        for tag in change.removed:
            tags.pop(key(tag), None)
        for tag in change.added:
            tags.setdefault(key(tag), tag)
    return tuple(tags.values())


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, ImportError, KeyError):  # a system without names of users
        return "unknown"
