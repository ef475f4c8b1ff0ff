"""A bench file of what was found: the instruments that answered, and what only a person can say of the wiring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from solbench.acquisition.bench.bench_file import BenchFile, default_bench_path, parse_bench
from solbench.protocols import files
from solbench.protocols.errors import BadInput
from solbench.protocols.files import Fields

Terminal = Literal["ce_re1", "we_re2"]
Mains = Literal["50 Hz", "60 Hz"]
BOTH = ("1260", "1287")


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
    listed = list(found)
    best: dict[str, FoundInstrument] = {}
    for adapter in dict.fromkeys(one.adapter for one in listed):
        here = {one.kind: one for one in reversed(listed) if one.adapter == adapter and one.kind in BOTH}
        if len(here) == len(BOTH):
            return here
        best = best or here
    return best


def bench_of(found: Iterable[FoundInstrument], name: str = "bench", wiring: Wiring | None = None) -> Fields:
    """Return the fields of a bench file of the first 1260 and 1287 found together; raises BadInput when one is missing.

    Which terminal is positive cannot be found out: it is left out where `wiring` does not say it.
    """
    listed = list(found)
    pair = pair_of(listed)
    if len(pair) < len(BOTH):
        missing = [which for which in BOTH if not any(one.kind == which for one in listed)]
        raise BadInput(
            f"no bench can be made: no {' and no '.join(missing) or 'pair on one bus'} was found",
            "See above what is wrong; --all asks all GPIB addresses",
            field="--write",
        )
    adapter = pair["1260"].adapter
    fields: Fields = {"name": name, "kind": "prologix" if adapter else "visa"}
    if adapter:
        fields["adapter"] = adapter
    fields |= {"analyzer_1260": _entry(pair["1260"]), "potentiostat_1287": _entry(pair["1287"])}
    return with_wiring(fields, wiring or Wiring())


def with_wiring(fields: Fields, wiring: Wiring) -> Fields:
    """Return the fields of a bench file with what is said of its wiring; what is None there stays as it is."""
    changed: dict[str, Any] = dict(fields)
    if wiring.positive_terminal is not None:
        changed["positive_terminal"] = wiring.positive_terminal
    if wiring.mains is not None:
        changed["mains"] = wiring.mains
    if wiring.output_polarity is not None:
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
    whole = parse_bench(files.dump_text({"positive_terminal": "we_re2", **fields}), file)
    return text, whole if "positive_terminal" in fields else None


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


def _entry(found: FoundInstrument) -> dict[str, Any]:
    entry: dict[str, Any] = {"address": int(found.address) if found.adapter else found.address}
    if found.write_termination:
        entry["settings"] = {"link": {"write_termination": found.write_termination}}
    return entry
