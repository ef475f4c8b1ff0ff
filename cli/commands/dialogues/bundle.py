"""A bundle: what somebody needs to see what instruments said and how a bench is set, in one zip file."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.dialogue.file import DialogueText
from solbench.acquisition.run.replay import journal_beside
from solbench.cli.commands.dialogues.private import (
    bench_without,
    dialogue_without,
    record_without,
    without,
    words_of_here,
)
from solbench.protocols.errors import BadInput


@dataclass(frozen=True)
class Part:
    """A file of a bundle, and what it is in words."""

    name: str
    content: bytes
    about: str

    def __str__(self) -> str:
        return f"{self.name} ({len(self.content) / 1000:.1f} kB): {self.about}"


def parts_of(examined: str, bench: str | None, dialogue: Path | None, *, anonymous: bool) -> list[Part]:
    """Return the parts of a bundle; `examined`: what doctor said. Raises BadInput.

    `anonymous`: without names of users, PCs, files, cells and benches, without paths, hosts and comments.
    """
    words = words_of_here(Path(bench) if bench else None, dialogue)
    parts = []
    if bench is not None:
        file, text = load_bench(bench)
        words.append(file.name)
        record = file.record
        shown = bench_without(text) if anonymous else text
        parts.append(Part("bench.yaml", shown.encode(), "the bench file"))
        if record is not None:
            words += [record.record.by, record.record.adapter, record.record.cables]
            kept = record_without(record.text) if anonymous else record.text
            parts.append(Part("commissioning.json", kept.encode(), "its commissioning record"))
    if dialogue is not None:
        raw = dialogue_without(dialogue, words) if anonymous else _read(dialogue)
        about = "what was said on the wires, with protocol, cell record and bench file of the run"
        played = DialogueText(dialogue)
        if (session := played.about.session) == 1:
            parts.append(Part("run.dialogue", raw, about))
        elif anonymous:  # a journal has names in most of its records
            about += f"; of session {session}, which cannot be replayed without the journal of its run"
            parts.append(Part("run.dialogue", raw, about))
        else:
            parts.append(Part(f"run.{session}.dialogue", raw, about))
            about = "the journal of the run, from which that goes on"
            parts.append(Part("run.journal", _read(journal_beside(played)), about))
    told = without(examined, words) if anonymous else examined
    return [Part("doctor.txt", told.encode(), "what solbench doctor says of this PC"), *parts]


def write_bundle(path: Path, parts: list[Part]) -> None:
    """Write a bundle into a new file; raises FileExistsError, OSError."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as bundle:
        for part in parts:
            bundle.writestr(zipfile.ZipInfo(part.name), part.content)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"it cannot be read ({error.strerror})", "Name a dialogue", file=str(path), field="--dialogue"
        ) from error
