"""Drawn spectra in every dialect, whole and spoilt: the same numbers come back, or the file is refused."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from solbench.analysis.imports.files import read_spectra
from solbench.analysis.imports.spectrum import Spectrum
from solbench.protocols.errors import BadInput
from tests.analysis.imports.dialects import DIALECTS, Points, drawn_spectrum
from tests.tiers import few

MARKS = str.maketrans(".,", ",.")
AS_PRINTED = 2e-3  # three digits behind the point, and a tenth of a degree


def read(folder: Path, text: str) -> list[Spectrum]:
    path = folder / "measured.dat"
    path.write_bytes(text.encode("utf-8"))
    return read_spectra(path)


def is_row(line: str) -> bool:
    return re.fullmatch(r"[\s\d.,;eE+\-]+", line) is not None and len(re.findall(r"\d+", line)) >= 3


def parts(line: str) -> list[str]:
    """The fields of a line (even places) and what is between them (odd places)."""
    return re.split(r"(\t ?|;|\s+)" if "\t" in line or ";" in line else r"(, ?|\s+)", line)


def in_rows(text: str, change: Callable[[list[str]], list[str]], only: int | None = None) -> str:
    """Change the fields of all rows, or of one, counted from the last."""
    lines = text.splitlines(keepends=True)
    places = [place for place, line in enumerate(lines) if is_row(line)]
    for place in places if only is None else [places[-only]]:
        body = lines[place].rstrip("\r\n")
        lines[place] = "".join(change(parts(body))) + lines[place][len(body) :]
    return "".join(lines)


def exchanged(text: str, dice: random.Random) -> str:
    count = min(len(parts(line.rstrip())) for line in text.splitlines() if is_row(line))
    first, second = dice.sample(range(0, count, 2), 2)

    def change(fields: list[str]) -> list[str]:
        if max(first, second) < len(fields):
            fields[first], fields[second] = fields[second], fields[first]
        return fields

    return in_rows(text, change)


def dropped(text: str, dice: random.Random) -> str:
    place = dice.choice((0, 2, 4))
    only = dice.choice((None, 2))
    return in_rows(text, lambda fields: fields[:place] + fields[place + 2 :], only)


def emptied(text: str, dice: random.Random) -> str:
    place = dice.choice((0, 2, 4))
    return in_rows(text, lambda fields: [*fields[:place], "", *fields[place + 1 :]], 3)


def doubled(text: str, dice: random.Random) -> str:
    return text + text


def doubled_rows(text: str, dice: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    rows = [place for place, line in enumerate(lines) if is_row(line)]
    return "".join([*lines[: rows[-1] + 1], *(lines[place] for place in rows), *lines[rows[-1] + 1 :]])


def cut_off(text: str, dice: random.Random) -> str:
    return text[: dice.randrange(len(text) // 4, len(text))]


def other_marks(text: str, dice: random.Random) -> str:
    return re.sub(r"(?<=\d)[.,](?=\d)", lambda found: found[0].translate(MARKS), text)


def other_marks_in_one_column(text: str, dice: random.Random) -> str:
    place = dice.choice((0, 2, 4))
    return in_rows(
        text, lambda fields: [*fields[:place], fields[place].translate(MARKS), *fields[place + 1 :]]
    )


def other_marks_in_one_row(text: str, dice: random.Random) -> str:
    return in_rows(text, lambda fields: [field.translate(MARKS) for field in fields], 4)


def disordered(text: str, dice: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    rows = [place for place, line in enumerate(lines) if is_row(line)]
    others = [lines[place] for place in dice.sample(rows, len(rows))]
    for place, line in zip(rows, others, strict=True):
        lines[place] = line
    return "".join(lines)


def other_sign(text: str, dice: random.Random) -> str:
    place = dice.choice((0, 2, 4))

    def change(fields: list[str]) -> list[str]:
        field = fields[place]
        return [*fields[:place], field[1:] if field.startswith("-") else f"-{field}", *fields[place + 1 :]]

    return in_rows(text, change)


SPOILT = (
    exchanged,
    dropped,
    emptied,
    doubled,
    doubled_rows,
    cut_off,
    other_marks,
    other_marks_in_one_column,
    other_marks_in_one_row,
    disordered,
    other_sign,
)


def wrong_points(found: list[Spectrum], truth: list[Points]) -> list[float]:
    """The frequencies of points that are none of the truth."""
    f, z = (np.concatenate([spectrum[part] for spectrum in truth]) for part in (0, 1))
    return [
        at
        for spectrum in found
        for at, impedance in zip(spectrum.frequency_Hz, spectrum.impedance_ohm, strict=True)
        if not np.any((np.abs(f / at - 1) < AS_PRINTED) & (np.abs(z - impedance) < AS_PRINTED * np.abs(z)))
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_spectra_come_back_as_they_were(tmp_path: Path, dialect: str) -> None:
    rng = np.random.default_rng(20)
    for count in (1, 1, 3):
        truth = [drawn_spectrum(rng) for _ in range(count)]
        found = read(tmp_path, DIALECTS[dialect](truth))
        assert len(found) == count
        for spectrum, (f, z) in zip(found, truth, strict=True):
            assert np.allclose(spectrum.frequency_Hz, f, rtol=AS_PRINTED)
            assert np.max(np.abs(spectrum.impedance_ohm / z - 1)) < AS_PRINTED
            assert [note for note in spectrum.notes if "frequency" not in note] == []


def compare_spoilt(folder: Path, dialect: str, seeds: range) -> tuple[list[object], int]:
    """Read spoilt files; returns those that were read wrong without a word, and how many were refused."""
    wrong: list[object] = []
    refused = 0
    for seed in seeds:
        truth = [drawn_spectrum(np.random.default_rng(seed))]
        for spoil in SPOILT:
            text = spoil(DIALECTS[dialect](truth), random.Random(seed))
            try:
                found = read(folder, text)
            except BadInput:
                refused += 1
            else:
                wrong += [(spoil.__name__, seed, at) for at in wrong_points(found, truth)[:1]]
    return wrong, refused


@few("dialect", DIALECTS, range(0, 20, 3))
def test_a_spoilt_file_is_never_read_wrong(tmp_path: Path, dialect: str) -> None:
    wrong, refused = compare_spoilt(tmp_path, dialect, range(3))
    assert wrong == []
    assert refused > 6


@pytest.mark.long
@pytest.mark.parametrize("dialect", DIALECTS)
def test_many_spoilt_files_are_never_read_wrong(tmp_path: Path, dialect: str) -> None:
    assert compare_spoilt(tmp_path, dialect, range(100, 160))[0] == []


@few("dialect", ["ZPlot", "EC-Lab", "Nova", "Thales"], (0, 3))
def test_a_bad_measurement_is_no_contradiction(tmp_path: Path, dialect: str) -> None:
    """Drift, an outlier, noise of 5 %, a short bar, a loop: it is read; what it is worth is told elsewhere."""
    rng = np.random.default_rng(9)
    f = np.geomspace(1e5, 0.1, 37)
    s = 2j * np.pi * f
    arc = 30 + 100 / (1 + s * 1e-3)
    noise = 1 + 0.05 * (rng.normal(size=37) + 1j * rng.normal(size=37))
    outlier = np.where(np.arange(37) == 9, 3.0, 1.0)
    measured = [
        arc * np.linspace(1.0, 1.4, 37),
        arc * outlier,
        arc * noise,
        (0.005 + 2e-6 * s) * noise,
        arc - 50 / (1 + s),
        3e6 / (1 + 3e6 * s * 3e-11) * noise,
    ]
    for z in measured:
        (found,) = read(tmp_path, DIALECTS[dialect]([(f, z)]))
        assert wrong_points([found], [(f, z)]) == []
