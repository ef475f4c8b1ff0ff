"""Bench files of the pyvisa backend: YAML, every key optional, all numbers SI.

    cell: cell.yaml       description of the cell, or the file that holds it; both in SI, see BenchFile
    speed: 60             experiment seconds in a host second, 1 to 3600
    seed: 3               fixes noise and calibration errors
    settings: {...}       names and values of solbench.simulators.electronics.settings.BenchSettings
    world: bench.world    file from which the bench continues in the next program

File names are relative to the bench file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from solbench.simulators.unchecked import Block, Value

SLOWEST, FASTEST = 1.0, 3600.0
_KEYS = ("cell", "speed", "seed", "settings", "world")


class BenchFileError(ValueError):
    """A bench file that cannot be used; the text names file, key and cure."""


@dataclass(frozen=True)
class BenchFile:
    """What a bench file says.

    `cell` is what `solbench.simulators.cell.build_cell` takes: `kind`, `geometry`, `electrolyte`, `simulation`. None
    is the half cell of nbh. `speed` is experiment seconds in a host second.
    """

    cell: Block | None = None
    speed: float = SLOWEST
    seed: int = 0
    settings: Block = field(default_factory=dict)
    world: Path | None = None


def read_bench_file(path: Path) -> BenchFile:
    """Read a bench file; raises BenchFileError."""
    given = _mapping(path)
    for key in given:
        if key not in _KEYS:
            raise BenchFileError(f"{path}: {key} is not known; known are {', '.join(_KEYS)}.")
    cell = given.get("cell")
    if isinstance(cell, str):
        cell = _mapping(path.parent / cell)
    world = given.get("world")
    return BenchFile(
        cell=None if cell is None else _block(path, "cell", cell),
        speed=_number(path, "speed", given.get("speed", SLOWEST), SLOWEST, FASTEST),
        seed=int(_number(path, "seed", given.get("seed", 0), 0, 2**63)),
        settings=_block(path, "settings", given.get("settings") or {}),
        world=None if world is None else path.parent / str(world),
    )


def _load(text: str) -> Value:
    """Read YAML in which 1e-3 is a number, as in YAML 1.2; PyYAML's 1.1 takes it for text."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    number = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", number, list("-+.0123456789"))
    content: Value = yaml.load(text, Loader)
    return content


def _mapping(path: Path) -> Block:
    import yaml

    try:
        content = _load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BenchFileError(
            f"{path} cannot be read: {error.strerror}; name an existing YAML file."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BenchFileError(f"{path} is not YAML: {' '.join(str(error).split())}.") from error
    if content is not None and not isinstance(content, Mapping):
        raise BenchFileError(f"{path} holds {content!r:.40}; it takes lines of key: value.")
    return content or {}


def _block(path: Path, key: str, value: Value) -> Block:
    if not isinstance(value, Mapping):
        raise BenchFileError(f"{path}: {key} is {value!r:.40}; it takes lines of key: value.")
    return value


def _number(path: Path, key: str, value: Value, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BenchFileError(f"{path}: {key} is {value!r}; it takes a number from {low:g} to {high:g}.")
    return value
