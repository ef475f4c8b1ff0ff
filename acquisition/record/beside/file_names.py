"""Names of run files by a template: `{date}-{time}_{cell}_{protocol}`."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from string import Formatter
from typing import TYPE_CHECKING

from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from solbench.protocols.protocol import Protocol

TEMPLATE = "{date}-{time}_{cell}_{protocol}"
LONGEST = 120  # characters; a file system takes 255 with all that is put behind them
FIELDS = {
    "date": "20260930",
    "time": "0805, of the start",
    "cell": "the cell id, or the cell record where none is given",
    "record": "the cell record",
    "protocol": "the protocol",
    "step": "the first step",
    "operator": "the operator",
}
"""What a template may hold, and what stands for it."""


def file_name(
    template: str, now: datetime, *, cell_id: str, record: str, protocol: str, step: str, operator: str
) -> str:
    """Return the name of a run file without its ending; letters and digits, `-` and `_` are kept.

    What is empty is left out, with one of the signs around it. Raises BadInput for a field that there is not.
    """
    values = {
        "date": now.strftime("%Y%m%d"),
        "time": now.strftime("%H%M"),
        "cell": cell_id or record,
        "record": record,
        "protocol": protocol,
        "step": step,
        "operator": operator,
    }
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise _refusal(template, f"its braces do not fit together ({error})") from None
    for _, name, spec, how in parts:
        if name is not None and (name not in FIELDS or spec or how):
            raise _refusal(template, f"there is no {{{name}}}")
    name = "".join(text + (_plain(values[name]) if name else "") for text, name, _, _ in parts)
    name = re.sub(r"([-_ ])[-_ ]+", r"\1", re.sub(r"[^A-Za-z0-9_-]+", "-", _folded(name)))
    return name.strip("-_ ")[:LONGEST].strip("-_ ") or "run"


def name_for(template: str, now: datetime, protocol: Protocol, record: str) -> str:
    """Return the name of the run file of a protocol on a cell; see `file_name`."""
    conditions = protocol.conditions
    return file_name(
        template,
        now,
        cell_id=conditions.cell_id or "",
        record=record,
        protocol=protocol.name,
        step=next((step.name for step in protocol.steps), ""),
        operator=conditions.operator or "",
    )


def _refusal(template: str, what: str) -> BadInput:
    return BadInput(
        f"the template for names of run files, '{template}', cannot be used: {what}",
        f"Write it of letters and of {', '.join(f'{{{name}}}' for name in FIELDS)}",
    )


def _folded(text: str) -> str:
    """Return a text with plain letters in place of those with accents."""
    spread = unicodedata.normalize("NFKD", text.replace("\u00df", "ss"))
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def _plain(value: str) -> str:
    """Return a value of letters, digits and `-` alone: `_` parts the fields."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", _folded(value)).strip("-")
