"""Write docs/api.md, the public names of every room, from their docstrings and annotations.

    python docs/make_api_page.py            writes the page
    python docs/make_api_page.py --check    exit 1 when the page is not what would be written

What a room publishes is its `__all__`; of the roles of instruments, all that is public.
`make_site.py` writes it anew, so that the site is current whatever was changed since.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel

PAGE = Path(__file__).with_name("api.md")
WIDTH = 100
HEAD = """# API

What other programs may use, room by room: the names that each room publishes. Quantities are in SI, with the unit
in the name; positive current charges the cell. Names that are not here may change from one version to the next.
Worked examples: [notebooks](notebooks.md), [your own scripts](your-own-scripts.md), [the control
channel](control-channel.md).

This page is written by `python docs/make_api_page.py`.
"""
ROOMS = {
    "solbench": "open",
    "solbench.analysis.opened": "Columns OpenedRun OpenedSpectrum Spectra",
    "solbench.acquisition": "",
    "solbench.analysis": "",
    "solbench.fitting": "",
    "solbench.protocols": "",
    "solbench.protocols.kinds.registry": "STEP_KINDS",
    "solbench.drivers": "",
    "solbench.drivers.roles": "",
    "solbench.simulators": "",
}


def page() -> str:
    """Return the text of the page."""
    parts = [HEAD]
    for room, only in ROOMS.items():
        module = import_module(room)
        parts.append(f"## {room}\n\n{_prose(module.__doc__)}\n")
        parts += [_entry(name, thing) for name, thing in _published(module, only)]
    return "\n".join(parts)


def _published(module: Any, only: str) -> Iterator[tuple[str, Any]]:
    if only == "STEP_KINDS":
        yield from ((kind.model.__name__, kind.model) for kind in module.STEP_KINDS.values())
        return
    own = [
        name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__
    ]
    for name in only.split() or getattr(module, "__all__", own):
        if not name.startswith("_"):
            yield name, getattr(module, name)


def _prose(text: str | None) -> str:
    """Return a docstring as Markdown: what is indented stays as it is, a `<` is one."""
    return re.sub(r"<(?=\w)", r"\\<", inspect.cleandoc(text or ""))


def _entry(name: str, thing: Any) -> str:
    if not callable(thing):
        return f"### {name}\n\n```python\n{name}: {type(thing).__name__}\n```\n"
    lines = [f"### {name}", "", "```python", *_signature(name, thing), "```", "", _prose(_own_doc(thing)), ""]
    if inspect.isclass(thing) and (members := list(_members(thing))):
        lines += ["| member | what it is |", "|---|---|", *members, ""]
    return "\n".join(lines)


def _own_doc(thing: Any) -> str:
    """Return what somebody wrote; a dataclass and an enumeration without docstring are given one by Python."""
    text = thing.__doc__ or ""
    return "" if text.startswith(f"{getattr(thing, '__name__', '')}(") else text


def _signature(name: str, thing: Any) -> list[str]:
    if inspect.isclass(thing):
        bases = [base.__name__ for base in thing.__bases__ if base is not object]
        head = f"class {name}({', '.join(bases)})" if bases else f"class {name}"
        if issubclass(thing, (Enum, BaseException)) or getattr(thing, "_is_protocol", False):
            return [head]
        if issubclass(thing, BaseModel):
            return [f"{head}:", *(f"    {key}: {_type(field)}" for key, field in _fields(thing))]
    signature = inspect.signature(thing)
    given = list(_parameters(signature))
    result = signature.return_annotation
    end = (
        ""
        if inspect.isclass(thing) or result is inspect.Signature.empty
        else f" -> {_plain(_name_of(result))}"
    )
    start = "class " if inspect.isclass(thing) else ""
    line = f"{start}{name}({', '.join(given)}){end}"
    if len(line) <= WIDTH:
        return [line]
    return [f"{start}{name}(", *(f"    {one}," for one in given), f"){end}"]


def _parameters(signature: inspect.Signature) -> Iterator[str]:
    """Yield the parameters as Python writes them, with the star before those that have to be named."""
    before: set[Any] = set()
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and before.isdisjoint((one.KEYWORD_ONLY, one.VAR_POSITIONAL)):
            yield "*"
        before.add(one.kind)
        yield _parameter(one)


def _parameter(one: inspect.Parameter) -> str:
    """Return a parameter as Python writes it."""
    text, _, default = str(one.replace(annotation=one.empty)).partition("=")
    if one.annotation is not one.empty:
        text += f": {_plain(_name_of(one.annotation))}"
    if isinstance(one.default, str):  # what is in quotes names no module
        return f"{text} = {default}"
    return _plain(f"{text} = {default}") if default else text


def _plain(text: str) -> str:
    """Return a parameter without what is not for its reader: modules, and where a function lies in memory."""
    text = re.sub(r"<function .*? at 0x[0-9a-f]+>|<factory>|(?<== ).{60,}", "...", text)
    return re.sub(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])", "", text)


def _name_of(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for key in model.model_fields:
        home = next(base for base in model.__mro__ if key in inspect.get_annotations(base))
        yield key, _name_of(inspect.get_annotations(home)[key])


def _type(annotation: str) -> str:
    """Return the type of a field without what only its reader needs (`Annotated[T, ...]`)."""
    return annotation.removeprefix("Annotated[").split(", ")[0] if "Annotated[" in annotation else annotation


def _members(kind: type) -> Iterator[str]:
    """Yield a row for every method and property of a class that has a docstring of its own."""
    if issubclass(kind, Enum):
        yield from (f"| `{one.name}` | `{one.value!r}` |" for one in kind)
        return
    package = kind.__module__.partition(".")[0]  # bases of libraries have manuals of their own
    homes = [base for base in kind.__mro__ if base.__module__.partition(".")[0] == package]
    for key in dict.fromkeys(key for base in homes for key in base.__dict__):
        member = inspect.getattr_static(kind, key)
        text = getattr(member, "__doc__", None)
        if key.startswith("_") or not text or inspect.isclass(member):
            continue
        function = getattr(member, "__func__", member)
        if inspect.isfunction(function):
            given = inspect.signature(function).parameters
            shown = f"{key}({', '.join(name for name in given if name not in ('self', 'cls'))})"
        elif hasattr(member, "__get__"):  # a property, or a command of an instrument
            shown = key
        else:
            continue
        words = " ".join(_prose(text).split()).replace("|", "\\|")
        yield f"| `{shown}` | {words} |"


def main() -> None:
    """Write the page, or say whether it is current."""
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
