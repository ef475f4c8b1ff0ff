"""Write docs/not-seen-on-metal.md from the settings of drivers and simulators.

    python docs/make_settings_page.py            writes the page
    python docs/make_settings_page.py --check    exit 1 when the page is not what would be written

A setting is described in the docstring of its dataclass (`name`: words) or in the string under its field.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import re
import sys
from collections.abc import Sequence
from itertools import pairwise, zip_longest
from pathlib import Path
from types import ModuleType
from typing import Any

import solbench.drivers.keithley.settings
import solbench.drivers.links.link
import solbench.drivers.links.ports
import solbench.drivers.links.prologix_greeting
import solbench.drivers.links.rs423
import solbench.drivers.solartron.settings
import solbench.drivers.srs.settings
import solbench.protocols.plausible
import solbench.simulators
import solbench.simulators.electronics.makes.settings_2400
import solbench.simulators.electronics.makes.settings_ec301
import solbench.simulators.electronics.settings
from solbench.simulators.instruments.language import Spec
from solbench.simulators.instruments.solartron1260 import TABLE as CODES_1260
from solbench.simulators.instruments.solartron1287 import TABLE as CODES_1287
from solbench.simulators.units.table import TABLE as UNITS

PAGE = Path(__file__).with_name("not-seen-on-metal.md")
UNSURE = frozenset("CDK")
LONGEST_VALUE = 100

HEAD = """# Not seen on metal

<!-- Written by docs/make_settings_page.py: change the settings' docstrings, not this page. -->

Solbench has been tried on the simulated bench only. The instruments' commands were taken from pages of their manuals
and from programs that others have published; where those leave something open, driver and simulator each take it from a
named setting of their own, so that a mistake in one does not hide behind the same mistake in the other. This page lists
all of them, how simulated units differ, and what else is assumed in the simulators' code. Whoever first meets the metal
should go through the first table of each group.

Grades: **A** a manual page, or several independent programs agree; **B** one program; **C** inference; **D** guess or
recollection; **K** general knowledge, to be confirmed at commissioning. A setting that names several grades is as sure
as the lowest of them. No grade: a choice, not a fact.

Driver settings are changed in the [bench file](wiring-and-signs.md#the-bench-file) under `analyzer_1260.settings`,
`potentiostat_1287.settings` and `pair`, those of [other makes](other-makes.md) under `instruments.NAME.settings`, those
of the simulated bench under `simulation`. The parameters of the simulated *cell* are in the cell record, see
[cells](cells.md#the-simulation-block).

Also known from the simulation only: the stop precision in ppm, the noise of 0.1 to 0.2 %, how often a stated interval
holds the true value, the time a sweep takes beyond what the analyzer needs, the time until a cell is safe (no relay
of a 1287 can be read back), that the analyzer shows a voltage by itself as an rms value, the meaning of the status
bits, the polarity of V OUT and I OUT, the galvanostatic gain, and the phase errors of bandwidths and ranges. Nothing
was run on Windows.
"""

UNITS_HEAD = """## Simulated units: how one specimen is drawn

`simulation: {unit: 7}` in a bench file, or `settings: {unit: 7}` in one of the pyvisa backend, makes the simulated
instruments those of number 7: the same ones in every program and on every machine, whatever the seed of the noise.
`typical` lies in the middle of every row (of an error, at one standard deviation), `ideal` has the defaults of the
settings below. Settings that are given beside `unit` win. `0 +- x` is a normal law of standard deviation x, cut off at
three; values are in SI units, groups by RR 1 to 8, RG 1 to 4, or the gain's 0 and 1.

| setting | law | grade | source |
|---|---|---|---|
"""

CONSTANTS_HEAD = """## Simulated bench: what stands in the code

No settings, because a bench on which one of these is different is none of these instruments, or because nothing depends
on it. They can be wrong all the same.

| constant | value | grade | what it is |
|---|---|---|---|
"""

INSTRUMENTS = (
    "bus",
    "electronics",
    "instruments",
    "makes",
)  # rooms of the simulators that take something for true

GROUPS: tuple[tuple[str, ModuleType], ...] = (
    ("Drivers: how an instrument is reached", solbench.drivers.links.link),
    ("Drivers: Prologix adapters", solbench.drivers.links.prologix_greeting),
    ("Drivers: RS-423 ports of the instruments", solbench.drivers.links.rs423),
    ("Drivers: serial ports", solbench.drivers.links.ports),
    ("Drivers: what is taken for true of the instruments", solbench.drivers.solartron.settings),
    ("Drivers: the EC301 of Stanford Research Systems", solbench.drivers.srs.settings),
    ("Drivers: the Keithley 2400", solbench.drivers.keithley.settings),
    ("Simulated bench: how the simulated instruments behave", solbench.simulators.electronics.settings),
    ("Simulated bench: the EC301", solbench.simulators.electronics.makes.settings_ec301),
    ("Simulated bench: the Keithley 2400", solbench.simulators.electronics.makes.settings_2400),
    ("Protocols: limits against which a protocol is checked", solbench.protocols.plausible),
)


@dataclasses.dataclass(frozen=True)
class Setting:
    """One setting as the page shows it; `grades` are the letters that its description names."""

    name: str
    default: str
    words: str
    grades: str

    @property
    def unsure(self) -> bool:
        """Get whether anything about it is inferred, guessed or to be confirmed."""
        return not UNSURE.isdisjoint(self.grades)

    def row(self) -> str:
        """Return the row of the table."""
        return f"| `{self.name}` | {self.default} | {self.grades} | {self.words} |"


def page() -> str:
    """Return the text of the page."""
    rows = [f"| `{row.setting}` | {row.law.words} | {row.grade} | {_cell(row.source)} |" for row in UNITS]
    parts = [HEAD, UNITS_HEAD + "\n".join(rows) + "\n"]
    for title, module in GROUPS:
        parts.append(f"## {title}\n")
        parts += [_section(kind) for kind in _dataclasses(module)]
    rows = [one.row() for one in constants() if one.words]
    parts.append(CONSTANTS_HEAD + "\n".join(rows) + "\n")
    for name, table in (("1260", CODES_1260), ("1287", CODES_1287)):
        rows = [f"| `{code}` | {_takes(spec)} | {_after_reset(spec)} |" for code, spec in table.items()]
        head = f"### Codes of the simulated {name}\n\n| code | takes | after a reset |\n|---|---|---|\n"
        parts.append(head + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _takes(spec: Spec) -> str:
    if spec.query_only:
        return "a query alone"
    if spec.form == "II":
        return "; ".join(f"{channel},{low} to {high}" for channel, (low, high) in spec.channels.items())
    ranges = {"F": f"{spec.low:g} to {spec.high:g}", "I": f"{spec.low:g} to {spec.high:g}, whole"}
    ranges["P"] = f"two, {spec.low:g} to {spec.high:g}, whole"
    return ranges.get(spec.form, "nothing")


def _after_reset(spec: Spec) -> str:
    keeps = spec.form in ("F", "I", "II") and not spec.action and not spec.query_only
    return f"{spec.default:g}" if keeps else ""


def constants() -> list[Setting]:
    """Return the numbers that stand in modules and classes of the simulated instruments, dataclasses apart.

    They are named `instruments.sweep._STANDBY`; the words are the string below them, if there is one.
    """
    root = Path(solbench.simulators.__path__[0])
    found = []
    for room in INSTRUMENTS:
        for path in sorted((root / room).glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += _constants(tree.body, f"{room}.{path.stem}")
    return found


def _constants(body: Sequence[ast.stmt], where: str) -> list[Setting]:
    found = []
    for statement, below in zip_longest(body, body[1:]):
        if isinstance(statement, ast.ClassDef) and not _is_dataclass(statement):
            found += _constants(statement.body, f"{where}.{statement.name}")
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or not _holds_numbers(statement.value):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        name = ", ".join(target.id for target in ast.walk(ast.Tuple(targets)) if isinstance(target, ast.Name))
        is_said = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        words = str(below.value.value) if is_said else ""
        found.append(Setting(f"{where}.{name}", _written(statement.value), _cell(words), _grades(words)))
    return found


def _is_dataclass(kind: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in kind.decorator_list)


def _holds_numbers(value: ast.expr | None) -> bool:
    numbers = (node.value for node in ast.walk(value or ast.Tuple()) if isinstance(node, ast.Constant))
    return any(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)


def _written(value: ast.expr | None) -> str:
    text = ast.unparse(value) if value is not None else ""
    return f"`{text}`" if len(text) <= LONGEST_VALUE else f"{text.count('Spec(') + text.count('Code(')} codes"


def settings_of(kind: type) -> list[Setting]:
    """Return the settings of a dataclass in order."""
    described = _from_docstring(kind) | _from_source(kind)
    found = []
    for field in dataclasses.fields(kind):
        words = described.get(field.name, "")
        found.append(Setting(field.name, _default(field), _cell(words), _grades(words)))
    return found


def prose_of(kind: type) -> str:
    """Return what the docstring says before it comes to single settings."""
    text = inspect.cleandoc(kind.__doc__ or "")
    first = _ENTRY.search(text)
    return " ".join(text[: first.start() if first else None].split())


def _section(kind: type) -> str:
    settings = settings_of(kind)
    lines = [f"### `{kind.__module__}.{kind.__name__}`\n", prose_of(kind) + "\n"]
    unsure = [setting for setting in settings if setting.unsure]
    rest = [setting for setting in settings if not setting.unsure]
    if unsure:
        lines += ["To be confirmed on metal:\n", *_table(unsure)]
    if rest:
        lines += [*(["The rest:\n"] if unsure else []), *_table(rest)]
    return "\n".join(lines)


def _table(settings: Sequence[Setting]) -> list[str]:
    if not any(setting.words for setting in settings):
        head = ["| setting | default |", "|---|---|"]
        return [*head, *(f"| `{setting.name}` | {setting.default} |" for setting in settings), ""]
    head = ["| setting | default | grade | what it is |", "|---|---|---|---|"]
    return [*head, *(setting.row() for setting in settings), ""]


def _dataclasses(module: ModuleType) -> list[type]:
    own = [kind for kind in vars(module).values() if inspect.isclass(kind)]
    return [kind for kind in own if kind.__module__ == module.__name__ and _has_fields(kind)]


def _has_fields(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) and bool(dataclasses.fields(kind))


_ENTRY = re.compile(r"^((?:`\w+`(?:, | and )?)+): ", re.MULTILINE)


def _from_docstring(kind: type) -> dict[str, str]:
    """Take the descriptions that stand in the class's docstring as "`name`, `name`: words"."""
    text = inspect.cleandoc(kind.__doc__ or "")
    entries = list(_ENTRY.finditer(text))
    found: dict[str, str] = {}
    for entry, after in zip_longest(entries, entries[1:]):
        end = after.start() if after else len(text)
        for name in re.findall(r"`(\w+)`", entry[1]):
            found[name] = text[entry.end() : end]
    return found


def _from_source(kind: type) -> dict[str, str]:
    """Take the descriptions that stand as a string under their field."""
    tree = ast.parse(inspect.cleandoc(inspect.getsource(kind)))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef))
    found: dict[str, str] = {}
    for field, below in pairwise(body):
        is_field = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if is_field and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[field.target.id] = str(below.value.value)
    return found


def _grades(words: str) -> str:
    """Return the grades that stand in brackets, each once, the surest first."""
    letters = {letter for bracket in re.findall(r"\(([^()]*)\)", words) for letter in _letters(bracket)}
    return " ".join(sorted(letters))


def _letters(bracket: str) -> list[str]:
    without_ranges = re.sub(r"\b[A-Z] to [A-Z]\b", "", bracket)  # "types A to J" is no grade
    return re.findall(r"(?<![\w`])([ABCDK])(?![\w`])", without_ranges)


def _default(field: dataclasses.Field[Any]) -> str:
    value = field.default
    if value is dataclasses.MISSING:
        assert field.default_factory is not dataclasses.MISSING
        value = field.default_factory()
    return _shown(value)


def _shown(value: Any) -> str:
    if dataclasses.is_dataclass(value):
        changed = [
            f"{field.name} {_shown(getattr(value, field.name))}"
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != field.default and field.default is not dataclasses.MISSING
        ]
        return f"its own defaults{', but ' + ', '.join(changed) if changed else ''}"
    if isinstance(value, tuple):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"`{json.dumps(value)}`" if isinstance(value, str) else str(value)


def _cell(words: str) -> str:
    text = " ".join(words.split()).replace("|", "\\|")
    pieces = text.split("`")  # every other piece is code, where an asterisk stays an asterisk
    return "`".join(piece if place % 2 else piece.replace("*", "\\*") for place, piece in enumerate(pieces))


def main() -> None:
    """Write the page, or check it."""
    text = page()
    if "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"{PAGE.name} is not up to date: run python docs/make_settings_page.py")


if __name__ == "__main__":
    main()
