"""Reading and writing YAML and JSON: safe, strict about repeated keys, with errors as text."""

import json
import math
import os
import re
import stat
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from pydantic import JsonValue

from solbench.protocols.errors import BadInput, shown
from solbench.protocols.shipped import SHIPPED as SHIPPED

Plain = JsonValue
"""What YAML and JSON hold: texts, numbers, true and false, nothing, lists and mappings of such."""

Fields = dict[str, Plain]
"""A mapping of fields as a file holds it, before a model has looked at it."""

LARGEST_FILE_BYTES = 1_000_000
MOST_VALUES = 100_000
HDF5 = b"\x89HDF\r\n\x1a\n"
SIGNS = {  # fields that no other kind of file has
    "a protocol": {"steps"},
    "a cell record": {"electrolyte"},
    "a bench file": {"kind"},
}


class _Loader(yaml.SafeLoader):
    """The safe loader of the core schema of YAML 1.2: 0147, 12:30, 2026-11-28, no and on are texts as people mean them.

    Repeated keys are refused instead of the last one winning in silence.
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key_node, yaml.ScalarNode) and key_node.tag != "tag:yaml.org,2002:merge":
                if key_node.value in seen:
                    line = key_node.start_mark.line + 1
                    raise yaml.constructor.ConstructorError(
                        None, None, f"'{key_node.value}' appears twice (line {line})", None
                    )
                seen.add(key_node.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {}  # those of YAML 1.1
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)\.[0-9]*)(?:[eE][-+][0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))


class _Dumper(yaml.SafeDumper):
    """The safe dumper, with characters that a reader could take for a line break written as escapes."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        odd = any(not (character.isprintable() or character == "\n") for character in text)
        return self.represent_scalar("tag:yaml.org,2002:str", text, style='"' if odd else None)


_Dumper.add_representer(str, _Dumper.represent_text)


def is_meant_as_path(text: str) -> bool:
    """Say whether a word that may be a name or a file is written as a file: with a slash or the ending of one.

    >>> [is_meant_as_path(text) for text in ("runs/a", "a.h5", "~", "NPS-14", "cell 1.5", "0.5 mA")]
    [True, True, True, False, False, False]
    """
    return bool(re.search(r"[/\\]|^~|^\.{1,2}$|\.[A-Za-z][A-Za-z0-9]{0,6}$", text.strip()))


def names_file(text: str) -> bool:
    """Say whether a word that may be a name is written as a file, or is that of one; never raises.

    >>> names_file("runs/a"), names_file("no such name"), names_file("x" * 5000)
    (True, False, False)
    """
    return is_meant_as_path(text) or os.path.exists(text)


def require_file(path: Path, file: str) -> None:
    """Raise `BadInput` unless there is a file to be read, and no folder, pipe or device."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise _unreadable(error, file) from None
    if stat.S_ISDIR(mode):
        raise BadInput("this is a folder", "Name a file in it", file=file)
    if not stat.S_ISREG(mode):
        raise BadInput("this is no file but a pipe or a device", "Name a file", file=file)


def read_text(path: Path, file: str) -> str:
    """Read a text file of a reasonable size, in UTF-8 or in what PowerShell's `>` writes; raises `BadInput`."""
    require_file(path, file)
    try:
        with path.open("rb") as stream:
            if stream.read(len(HDF5)) == HDF5:
                raise BadInput(
                    "this is an HDF5 file, such as a run file, and no text",
                    "Name a protocol, a cell record or a bench file",
                    file=file,
                )
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise BadInput(
                "the file is too large to be a protocol or a cell record", "Check the name", file=file
            )
        data = path.read_bytes()
        return data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("the file is not UTF-8 text", "Save it with the encoding UTF-8", file=file) from None
    except OSError as error:
        raise _unreadable(error, file) from None


def _unreadable(error: OSError | ValueError, file: str) -> BadInput:
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    return BadInput(
        f"the file cannot be read ({reason})", "Check the name and the permissions", file=shown(file)
    )


def require_kind(data: Fields, kind: str, file: str) -> None:
    """Raise `BadInput` where a mapping is plainly another kind of file than the one that is wanted, by its fields."""
    for other, signs in SIGNS.items():
        if other != kind and signs <= set(data) and not SIGNS[kind] <= set(data):
            raise BadInput(f"this is {other}, and {kind} is wanted", f"Name {kind}", file=file)


def parse_text(text: str, file: str) -> Fields:
    """Read a mapping from YAML (or JSON, by the file's suffix); raises `BadInput`."""
    try:
        data = json.loads(text, object_pairs_hook=_unique) if file.endswith(".json") else _yaml(text)
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(
            f"the file cannot be read as {_language(file)}: {_reason(error)}",
            _cure_of(text, error),
            file=file,
        ) from None
    except RecursionError:
        raise BadInput("the file is nested too deeply", "Use fewer levels", file=file) from None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise BadInput("the file does not hold fields with names", "Write 'name: value' lines", file=file)
    return data


def dump_text(data: Mapping[str, Plain], *, as_json: bool = False) -> str:
    """Write a mapping as YAML or JSON text, keys in the order given."""
    if as_json:
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return _written(json.dumps(data))


@lru_cache(maxsize=64)
def _written(data: str) -> str:
    """Write what is in a JSON text as YAML; runs in a row write the same record, protocol and bench."""
    return yaml.dump(json.loads(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _yaml(text: str) -> Plain:
    return deepcopy(_parsed(text))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Plain:
    """Parse a text; a window reads the same few files at each of its looks."""
    data: Plain = yaml.load(text, Loader=_Loader)
    if _count(data, {}) > MOST_VALUES:
        raise ValueError(f"it expands to more than {MOST_VALUES} values")
    return data


def _count(value: Plain, known: dict[int, int | None]) -> int:
    """Count the values with anchors unfolded, without unfolding them."""
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) in known:
        if (count := known[id(value)]) is None:
            raise ValueError("it contains itself")
        return count
    known[id(value)] = None
    items = value.values() if isinstance(value, dict) else value
    known[id(value)] = total = 1 + sum(_count(item, known) for item in items)
    return total


def _unique(pairs: list[tuple[str, Plain]]) -> Fields:
    found: Fields = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"'{key}' appears twice")
        found[key] = value
    return found


_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_UNSEEN = "\u200b-\u200d\u2060\ufeff"
_DASHES = "\u2010-\u2015\u2022\u2212"
_MOST_TRIES = 20  # each reads the text once more
_LEVEL = None  # as many blanks as there are, or as many as a line beside it is indented by
_Sign = tuple[str, str | None, str]  # what there is, what may be meant, and what to do about it
_ODD_SIGNS: tuple[_Sign, ...] = (
    (r"^ *\t\s*", _LEVEL, "Indent line {line} with blanks: YAML takes no tabs"),
    (r"\t", " ", "Write a blank for the tab in line {line}: YAML takes no tabs"),
    (
        rf"^[ \t]*[{_BLANKS}]\s*",
        _LEVEL,
        "Line {line} is indented with a hard blank, which looks like a blank: type it again",
    ),
    (
        rf"[{_BLANKS}]",
        " ",
        "Line {line} has a hard blank behind a colon or a dash, which looks like a blank: type it again",
    ),
    (rf"[{_UNSEEN}]", "", "Line {line} has a character that is not seen: delete the line, and type it again"),
    (rf"^(\s*)[{_DASHES}](?=\s)", r"\1-", "Line {line} begins with a dash or a dot of a text: type '-'"),
    (r"^\s*>+ ?", "", "Leave out the '>' at the beginning of line {line}, and of others if they have one"),
    (
        r"^\s*(```|~~~|</?[A-Za-z][^>]*>).*",
        "",
        "Leave out line {line}: it is the frame of a page from which this was copied",
    ),
)


def _cure_of(text: str, error: Exception) -> str:
    """Say what to do about a file that cannot be read: about a sign without which the reader comes further, if any.

    Where it stands does not matter: where it does no harm, in a text, say, the reader comes no further without it.
    """
    if isinstance(error, yaml.reader.ReaderError):
        sign, number = text[error.position], len(text[: error.position + 1].splitlines())
        return f"Leave out the character U+{ord(sign):04X} in line {number}, which is not seen"
    lines, stopped = text.splitlines(), _line(error)
    if stopped is None:
        return "Correct it"
    back = range(min(stopped, len(lines) - 1), -1, -1)
    tries = ((place, *one) for place in back for one in _repaired(lines, place))
    for place, repaired, cure in islice(tries, _MOST_TRIES):
        next_error = _problem("\n".join([*lines[:place], repaired, *lines[place + 1 :]]))
        further = _line(next_error) if next_error is not None else math.inf
        if further is not None and further > stopped:
            return cure.format(line=place + 1)
    return "Correct it"


def _line(error: Exception) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return mark.line if mark is not None else None


def _repaired(lines: Sequence[str], place: int) -> Iterator[tuple[str, str]]:
    """Yield a line as it may be meant, with what to do about it."""
    line = lines[place]
    for sign, instead, cure in _ODD_SIGNS:
        found = re.search(sign, line)
        if found is None:
            continue
        if instead is not None:
            yield re.sub(sign, instead, line), cure
            continue
        beside = (*lines[max(0, place - 1) : place], *lines[place + 1 : place + 2])
        levels = [len(found[0]), *(_level(other) for other in beside)]
        yield from ((" " * level + line[found.end() :], cure) for level in dict.fromkeys(levels))


def _level(line: str) -> int:
    """Return by how much a line is indented, with the dash of a list that it begins with."""
    return len(line) - len(re.sub(r"^ *(- +)?", "", line))


def _problem(text: str) -> yaml.YAMLError | None:
    """Return what keeps a text from being YAML, whatever it says."""
    try:
        deque(yaml.parse(text, Loader=_Loader), maxlen=0)
    except yaml.YAMLError as error:
        return error
    return None


def _language(file: str) -> str:
    return "JSON" if file.endswith(".json") else "YAML"


def _reason(error: Exception) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        return f"{error.reason} (character {error.position + 1})"
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark else problem
