"""Write the table of records in docs/file-layout.md from their classes.

    python docs/make_records_table.py            writes the table
    python docs/make_records_table.py --check    exit 1 when the table is not what would be written

A field is described in the docstring of its class (`name`: words).
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from solbench.acquisition.record.events import KINDS, SegmentStart

PAGE = Path(__file__).with_name("file-layout.md")
_BEGIN, _END = "<!-- records: ", "<!-- end of records -->\n"
_ENTRY = re.compile(r"^((?:`\w+`(?:, )?)+): (.*)$", re.MULTILINE)


def table() -> str:
    """Return the table: one row a kind, in the order of the classes."""
    head = ["| kind | when | fields |", "|---|---|---|"]
    rows = [f"| `{name}` | {kind.when} | {', '.join(_described(kind))} |" for name, kind in KINDS.items()]
    return "\n".join([*head, *rows]) + "\n"


def keys(kind: type) -> list[str]:
    """Return the keys of a kind of record in the order of the journal."""
    names = [field.name for field in fields(kind)]
    return [*names, "step", "parameters"] if kind is SegmentStart else names


def page() -> str:
    """Return the text of the page with the table."""
    text = PAGE.read_text(encoding="utf-8")
    first = text.index("\n", text.index(_BEGIN)) + 1
    return text[:first] + table() + text[text.index(_END) :]


def _described(kind: type) -> Iterator[str]:
    words = _words(kind)
    omitted = {field.name for field in fields(kind) if field.metadata.get("omitted")}
    for name in keys(kind):
        mark = "?" if name in omitted else ""
        yield f"`{name}`{mark} ({words[name]})" if name in words else f"`{name}`{mark}"


def _words(kind: type) -> dict[str, str]:
    """Return the words on each field; of several fields together behind the last."""
    found = {}
    for names, words in _ENTRY.findall(inspect.cleandoc(kind.__doc__ or "")):
        found[re.findall(r"`(\w+)`", names)[-1]] = words
    return found


def main() -> None:
    """Write the table, or check it."""
    text = page()
    if "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"{PAGE.name} is not up to date: run python docs/make_records_table.py")


if __name__ == "__main__":
    main()
