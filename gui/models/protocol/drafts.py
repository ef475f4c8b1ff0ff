"""Drafts: what was changed on a screen and not saved under a name, as a file that a run can be given."""

import os
import shutil
from functools import cache
from pathlib import Path

from solbench.acquisition.host import platform
from solbench.acquisition.host.platform import is_alive, state_folder
from solbench.gui.models.common.words import tr
from solbench.protocols.errors import BadInput


def draft_path(what: str) -> Path:
    """Return the file of the present draft of a "cell" or "protocol".

    Each program has its own: with a common one, a run would be given what was typed last in another window.
    """
    drafts = state_folder() / "drafts"
    folder = drafts / str(os.getpid())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _remove_abandoned(drafts)
    return folder / f"{what}.yaml"


@cache
def _remove_abandoned(drafts: Path) -> None:
    """Remove the drafts of programs that are gone; once, for asking costs a process for each on Windows."""
    for other in drafts.iterdir():
        if other.name.isdecimal() and not is_alive(int(other.name)):
            shutil.rmtree(other, ignore_errors=True)


def write_whole(path: Path, text: str, what: str) -> None:
    """Write a file of a "record" or "protocol", all of it or nothing; raises BadInput where the disk refuses."""
    try:
        platform.write_whole(path, text)
    except OSError as failure:
        reason = (failure.strerror or str(failure)).lower()
        raise BadInput(
            tr("the {what} was not saved ({reason})", what=what, reason=reason),
            tr("Choose another folder"),
            file=str(path),
        ) from None
