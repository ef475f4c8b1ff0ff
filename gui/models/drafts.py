"""Drafts: what was changed on a screen and not saved under a name, as a file that a run can be given."""

from __future__ import annotations

from pathlib import Path

from acquisition.host import state_folder


def draft_path(what: str) -> Path:
    """Return the file of the present draft of a "cell" or "protocol"."""
    folder = state_folder() / "drafts"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder / f"{what}.yaml"
