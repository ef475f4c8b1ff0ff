"""The modules of the program, found in the folders."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = frozenset(
    {"acquisition", "analysis", "cli", "drivers", "fitting", "gui", "protocols", "simulators"},
)


def dotted(path: Path) -> str:
    """The name under which the file of a module is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return f"solbench.{name}" if parts[0] in ROOMS else name


MODULES = {
    dotted(path): path
    for folder in sorted({*ROOMS, "pyvisa_solbench"})
    for path in sorted((ROOT / folder).rglob("*.py"))
}
