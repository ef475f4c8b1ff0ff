"""A bench file of what was found: the instruments that answered, and what only a person can say of the wiring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from solbench.acquisition.bench.bench_file import BenchFile, default_bench_path, parse_bench
from solbench.acquisition.bench.models import MODELS
from solbench.protocols import files
from solbench.protocols.errors import BadInput
from solbench.protocols.files import Fields

Terminal = Literal["ce_re1", "we_re2"]
Mains = Literal["50 Hz", "60 Hz"]
BOTH = ("1260", "1287")
MAKES: Mapping[str, tuple[str, ...]] = {
    "solartron": BOTH,
    "ec301": ("1260", "EC301"),
    "keithley2400_1260": ("1260", "2400"),
    "keithley2400": ("2400",),
}
"""Models of bench by the instruments of which one is made; the first that is there whole is taken."""


class FoundInstrument(Protocol):
    """What was found at one place, as `drivers.links.discovery.Found` and what the window reads of it have it."""

    @property
    def address(self) -> str:
        """Get its address, as a bench file has it."""
        ...

    @property
    def kind(self) -> str:
        """Get what it is, as far as that is known."""
        ...

    @property
    def identity(self) -> str:
        """Get who it says it is."""
        ...

    @property
    def problem(self) -> str:
        """Get what is wrong with it."""
        ...

    @property
    def adapter(self) -> str | None:
        """Get the adapter behind which it is, none where there is no adapter."""
        ...

    @property
    def write_termination(self) -> str:
        """Get the line end to which it responded."""
        ...


@dataclass(frozen=True)
class Wiring:
    """What no instrument says of a bench.

    `positive_terminal`: the leads on the positive terminal of the cell, None where nobody has said so. `mains`: of the
    country. `output_polarity`: -1 where V OUT and I OUT are turned against each other, None where only commissioning
    is to say.
    """

    positive_terminal: Terminal | None = None
    mains: Mains | None = None
    output_polarity: Literal[1, -1] | None = None


def pair_of(found: Iterable[FoundInstrument]) -> dict[str, FoundInstrument]:
    """Return the first 1260 and 1287 that were found together, by name; what is missing is not there."""
    return _together(list(found), BOTH)


def whole_bench(found: Iterable[FoundInstrument]) -> tuple[str, dict[str, FoundInstrument]] | None:
    """Return the model of the first bench that was found whole, and its instruments by name; None where none was."""
    listed = list(found)
    for model, names in MAKES.items():
        here = _together(listed, names)
        if len(here) == len(names):
            return model, here
    return None


def _together(found: list[FoundInstrument], names: tuple[str, ...]) -> dict[str, FoundInstrument]:
    """Return the first instruments of these names that are behind one adapter, or as many as there are."""
    best: dict[str, FoundInstrument] = {}
    for adapter in dict.fromkeys(one.adapter for one in found):
        here = {one.kind: one for one in reversed(found) if one.adapter == adapter and one.kind in names}
        if len(here) == len(names):
            return here
        best = best or here
    return best


def bench_of(found: Iterable[FoundInstrument], name: str = "bench", wiring: Wiring | None = None) -> Fields:
    """Return the fields of a bench file of the first bench that was found whole; raises BadInput where none was.

    A 1260 with a 1287 comes before other makes. Which terminal is positive cannot be found out: it is left out where
    `wiring` does not say it.
    """
    listed = list(found)
    made = whole_bench(listed)
    if made is None:
        missing = [which for which in BOTH if not any(one.kind == which for one in listed)]
        raise BadInput(
            f"no bench can be made: no {' and no '.join(missing) or 'pair on one bus'} was found",
            "See above what is wrong; --all asks all GPIB addresses",
            field="--write",
        )
    model, instruments = made
    adapter = next(iter(instruments.values())).adapter
    fields: Fields = {"name": name, "kind": "prologix" if adapter else "visa"}
    if adapter:
        fields["adapter"] = adapter
    if model != "solartron":
        fields["model"] = model
    others: dict[str, Any] = {}
    for which, one in instruments.items():
        within, _, field = MODELS[model].fields[which].rpartition(".")
        (others if within else fields)[field] = _entry(one)
    if others:
        fields["instruments"] = others
    return with_wiring(fields, wiring or Wiring())


def with_wiring(fields: Fields, wiring: Wiring) -> Fields:
    """Return the fields of a bench file with what is said of its wiring; what is None there stays as it is."""
    changed: dict[str, Any] = dict(fields)
    if wiring.positive_terminal is not None and _has_signs(fields):
        changed["positive_terminal"] = wiring.positive_terminal
    if wiring.mains is not None:
        changed["mains"] = wiring.mains
    if wiring.output_polarity is not None and _has_signs(fields):
        pair = changed.get("pair")
        of_pair: dict[str, Any] = dict(pair) if isinstance(pair, dict) else {}
        changed["pair"] = of_pair | {"output_polarity": wiring.output_polarity}
    return changed


def wiring_of(fields: Fields) -> Wiring:
    """Return what the fields of a bench file, which may be incomplete, say of its wiring."""
    pair = fields.get("pair")
    polarity = pair.get("output_polarity") if isinstance(pair, dict) else None
    terminal, mains = fields.get("positive_terminal"), str(fields.get("mains", "50 Hz"))
    return Wiring(
        terminal if terminal in ("ce_re1", "we_re2") else None,  # type: ignore[arg-type]
        "60 Hz" if mains.replace(" ", "").lower() == "60hz" else "50 Hz",
        polarity if polarity in (1, -1) else None,  # type: ignore[arg-type]
    )


def bench_text(fields: Fields, file: str) -> tuple[str, BenchFile | None]:
    """Return the text of a new bench file, and its bench; None of one that lacks its positive terminal alone.

    Raises BadInput for what no bench can have.
    """
    text = files.dump_text(fields)
    signs: Fields = {"positive_terminal": "we_re2"} if _has_signs(fields) else {}
    whole = parse_bench(files.dump_text({**signs, **fields}), file)
    return text, whole if "positive_terminal" in fields or not signs else None


def free_bench_path(name: str) -> Path:
    """Return a path for a new bench file of this name: the user's own where there is none yet, else beside it."""
    own = default_bench_path()
    if not own.exists():
        return own
    stem = (
        "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name).strip("-")
        or "bench"
    )
    count, path = 1, own.with_name(f"{stem}.yaml")
    while path.exists():
        count += 1
        path = own.with_name(f"{stem}-{count}.yaml")
    return path


def _has_signs(fields: Fields) -> bool:
    """Say whether a bench has to be told which of its leads is on the positive terminal."""
    model = MODELS.get(str(fields.get("model", "solartron")))
    return model is None or bool(model.signs_of)


def _entry(found: FoundInstrument) -> dict[str, Any]:
    entry: dict[str, Any] = {"address": int(found.address) if found.adapter else found.address}
    settings: dict[str, Any] = {}
    if "1255" in found.identity:
        settings["family"] = "1255B"
    if found.write_termination:
        settings["link"] = {"write_termination": found.write_termination}
    if settings:
        entry["settings"] = settings
    return entry
