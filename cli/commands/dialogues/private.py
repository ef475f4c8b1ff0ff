"""Leaving names and paths out of what is sent to others."""

from __future__ import annotations

import getpass
import gzip
import json
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.commissioning.record import parse_record
from solbench.acquisition.bench.dialogue.file import DialogueText
from solbench.acquisition.bench.dialogue.lines import Asked, Transferred, encode
from solbench.protocols import files

SHORTEST = 3  # letters of a word that is looked for: shorter ones are in every text
PATHS = re.compile(r"(?:[A-Za-z]:\\|\\\\|~?/)[^\s'\",;()]+")
HOSTS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[\w.+-]+@[\w-]+\.[\w.]+\b")
SHIPPED = ("nbh", "nps", "nyzc")
PERSONAL = ("operator", "cell_id", "notes")


def words_of_here(*paths: Path | None) -> list[str]:
    """Return what tells who and where one is: user, PC, folders, and the names of some files."""
    found = [getpass.getuser(), socket.gethostname(), socket.gethostname().split(".")[0]]
    for path in (Path.home(), Path.cwd(), *(path.absolute() for path in paths if path is not None)):
        found += [part for part in path.parts if part not in ("/", "home", "Users")] + [path.stem]
    return found


def without(text: str, words: Iterable[str]) -> str:
    """Return a text without paths, hosts and some words, whatever their case."""
    text = HOSTS.sub("(host)", PATHS.sub("(path)", text))
    for word in sorted({word for word in words if len(word) >= SHORTEST}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "(name)", text, flags=re.IGNORECASE)
    return text


def bench_without(text: str) -> str:
    """Return a bench file without its names, comments, hosts and ports; its instruments and settings stay."""
    data: dict[str, Any] = dict(files.parse_text(text, "bench"))
    data["name"] = "bench"
    for key in ("commissioning", "cables", "visa_library", "served"):
        data.pop(key, None)
    if data.get("adapter"):
        data["adapter"] = "socket://adapter:1234"
    entries = [
        data.get("analyzer_1260"),
        data.get("potentiostat_1287"),
        *data.get("instruments", {}).values(),
    ]
    for place, entry in enumerate(entries):
        if isinstance(entry, dict) and data.get("kind") == "serial":
            entry["address"] = f"port {place}"
    for place, gauge in enumerate(data.get("gauges") or []):
        gauge.pop("comparison", None)
        for way in ("modbus", "lakeshore"):
            if gauge.get(way):
                gauge[way]["connection"] = f"tcp://gauge{place}"
    return files.dump_text(data)


def record_without(text: str) -> str:
    """Return a commissioning record without its names, with the hash of what is left."""
    record = parse_record(text, "commissioning.json")
    left = {"bench": "bench", "by": "(name)", "adapter": "", "cables": "", "dialogue": ""}
    return record.model_copy(update=left).text()


def protocol_without(text: str) -> str:
    """Return a protocol without its name, and without who ran it on which cell."""
    data: dict[str, Any] = dict(files.parse_text(text, "protocol"))
    data["name"] = "protocol"
    data.pop("description", None)
    data["conditions"] = {key: value for key, value in data["conditions"].items() if key not in PERSONAL}
    return files.dump_text(data)


def cell_without(text: str) -> str:
    """Return a cell record without its name, unless it is one that ships."""
    data: dict[str, Any] = dict(files.parse_text(text, "cell"))
    if data.get("name") not in SHIPPED:
        data["name"] = "cell"
    data.pop("notes", None)
    return files.dump_text(data)


LEFT = {
    "protocol": protocol_without,
    "cell": cell_without,
    "bench": bench_without,
    "bench_in_use": bench_without,
    "commissioning": record_without,
}


def dialogue_without(path: Path, words: Iterable[str]) -> bytes:
    """Return a dialogue without names; what was said to and by instruments stays to the letter. Raises BadInput."""
    dialogue, known = DialogueText(path), tuple(words)
    about: dict[str, Any] = dict(vars(dialogue.about))
    texts: Mapping[str, str] = about["texts"]
    about["texts"] = {name: LEFT[name](text) for name, text in texts.items()}
    about["names"] = {name: f"{name}.json" if name == "commissioning" else name for name in about["names"]}
    about["settings"] = [one for one in about["settings"] if not one.startswith("conditions")]
    about["addresses"] = {name: without(str(at), known) for name, at in (about["addresses"] or {}).items()}
    lines = [json.dumps(about) + "\n"]
    for _, line in dialogue.lines():
        if isinstance(line, Transferred) and line.error:
            error = "\n".join(without(part, known) for part in line.error.split("\n"))
            line = replace(line, error=error)
        elif isinstance(line, Asked):
            line = replace(line, reason="(reason)")
        lines.append(encode(line))
    return gzip.compress("".join(lines).encode(), mtime=0)
