"""What the window would lose when it writes over a file: comments, which no model of the file holds.

They are left where they stand. Where one belonged to what is gone, the file as it was is kept beside the new one.
"""

import re
import shutil
from difflib import SequenceMatcher
from io import StringIO
from pathlib import Path
from typing import Any

from solbench.gui.models.common.words import tr
from solbench.protocols.errors import BadInput
from solbench.protocols.files import Fields, Plain, parse_text, read_text

WIDTH = 100  # of a line that is written
INDENTED = re.compile(
    r"^( *)[^ #\n-][^\n]*:[ ]*(?:#[^\n]*)?\n(?:\s*#[^\n]*\n)*\1  - ", re.MULTILINE
)  # a list in its field


def written_over(path: Path, text: str) -> tuple[str, Path | None]:
    """Return the text to write over a file, with its comments, and the copy of the file that was kept for others.

    `text` is the new YAML or JSON text without comments. Raises BadInput where no copy can be kept.
    """
    if path.suffix == ".json" or not path.is_file():
        return text, None
    try:
        before = read_text(path, str(path))
    except BadInput:
        return text, keep_comments(path)
    if not has_comments(before):
        return text, None
    merged = with_comments(before, text)
    if merged is None:
        return text, keep_comments(path)
    return merged, None if comments_of(before) <= comments_of(merged) else keep_comments(path)


def with_comments(before: str, text: str) -> str | None:
    """Return a YAML text that holds what `text` does, laid out and commented as `before`; None where that fails."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    layout = YAML()
    layout.preserve_quotes = True
    layout.width = WIDTH
    if INDENTED.search(before):
        layout.indent(mapping=2, sequence=4, offset=2)
    try:
        old, new = parse_text(before, "before.yaml"), parse_text(text, "text.yaml")
        tree = layout.load(before)
        _update(tree, old, new)
        written = StringIO()
        layout.dump(tree, written)
        merged = written.getvalue()
        return merged if parse_text(merged, "merged.yaml") == new else None
    except (YAMLError, BadInput, ValueError, TypeError, KeyError):
        return None


def comments_of(text: str) -> set[str]:
    """Return the comments of a YAML text, and what only looks like one."""
    return {line[line.find("#") :].strip() for line in text.splitlines() if has_comments(line)}


def _update(tree: Any, old: Fields, new: Fields) -> None:
    """Make of the tree of `old` that of `new`; only what is another one is touched."""
    for name in [name for name in tree if name not in new]:
        del tree[name]
    for name, value in new.items():
        if name not in old:
            tree[name] = value
        elif old[name] != value:
            tree[name] = _updated(tree[name], old[name], value)


def _updated(node: Any, old: Plain, new: Plain) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        _update(node, old, new)
        return node
    if isinstance(old, list) and isinstance(new, list):
        _update_list(node, old, new)
        return node
    return new


def _update_list(nodes: Any, old: list[Plain], new: list[Plain]) -> None:
    """Change the items of a list from its end on, so that the places before stay those of `old`."""
    same = SequenceMatcher(None, [_key(item) for item in old], [_key(item) for item in new], autojunk=False)
    for change, first, end, begin, stop in reversed(same.get_opcodes()):
        if change == "equal" or end - first == stop - begin:
            for place, at in zip(range(first, end), range(begin, stop), strict=True):
                if old[place] != new[at]:
                    nodes[place] = _updated(nodes[place], old[place], new[at])
            continue
        for place in reversed(range(first, end)):
            del nodes[place]
        for item in reversed(new[begin:stop]):
            nodes.insert(first, item)


def _key(item: Plain) -> str:
    """Return by what an item of a list is known again: a step by its name."""
    name = item.get("name") if isinstance(item, dict) else None
    return repr(item) if name is None else f"name {name}"


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
            tr("a copy with the comments of the file could not be kept ({reason})", reason=reason),
            tr("Save under another name"),
            file=str(path),
        ) from None
    return copy


def saved_words(path: Path, kept: Path | None) -> str:
    """Say what was saved, and where the comments are that the new file does not have."""
    if kept is None:
        return tr("saved as {path}", path=path)
    return tr("saved as {path}; comments of what is gone are kept in {kept}", path=path, kept=kept.name)
