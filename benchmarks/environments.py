"""Environments of their own for the programs that Solbench is measured against, made once from the registry."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

PEERS = {
    "pymeasure": "0.16.0",
    "bluesky": "1.15.1",
    "qcodes": "0.58.0",
    "pyvisa-py": "0.8.1",
    "impedance": "1.7.1",
    "fasteis": "0.1.0",
    "pyimpspec": "5.1.3",
    "pyqtgraph": "0.14.0",
}
NEEDS = {
    "impedance": ["pandas<3", "numpy<2"],  # linKK reads back what numpy 1 prints
    "pymeasure": ["pyside6-essentials==6.10.3"],
    "pyqtgraph": ["pyside6-essentials==6.10.3"],
    "tiled": ["tiled[all]", "bluesky-tiled-plugins"],
}  # which a peer does not name
SERVERS = {"amqtt": "0.12.1", "tiled": "0.2.20"}  # with which tests are made


def folder() -> Path:
    """Return where the environments lie (`SOLBENCH_PEERS` overrides it)."""
    return Path(os.environ.get("SOLBENCH_PEERS") or Path.home() / ".cache" / "solbench-benchmarks")


@cache
def python_with(peer: str) -> str | None:
    """Return the Python of a peer's environment, made where it is missing; None where it cannot be had."""
    if peer == "solbench":
        return sys.executable
    place = folder() / peer
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    making = [sys.executable, "-m", "venv", str(place)]
    if not python.exists() and subprocess.run(making, check=False).returncode:
        return None
    if _version(python, peer) is None:
        order = [
            str(python),
            "-m",
            "pip",
            "install",
            "-q",
            f"{peer}=={(PEERS | SERVERS)[peer]}",
            *NEEDS.get(peer, []),
        ]
        if subprocess.run(order, check=False).returncode:
            return None
    return str(python)


def version_of(peer: str) -> str:
    """Return the version of a peer that is installed, "" where there is none."""
    python = python_with(peer)
    return (_version(Path(python), peer) or "") if python else ""


def _version(python: Path, peer: str) -> str | None:
    order = [str(python), "-c", f"from importlib.metadata import version; print(version({peer!r}))"]
    told = subprocess.run(order, capture_output=True, text=True, check=False)
    return told.stdout.strip() if told.returncode == 0 else None
