"""The folder that all users of this PC share for lock files."""

import os
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from solbench.acquisition.host.platform import WINDOWS

PLACES = (
    "/run/lock",
    "/var/lock",
    "/var/tmp",
    "/tmp",
)  # the first that is open to everybody, the same for everybody
USERS = "*S-1-5-32-545"  # Windows' group of all users, whatever it is called in its language


def shared_folder() -> Path:
    """Return the folder, created if necessary (`SOLBENCH_LOCKS` overrides it); raises OSError where there is none.

    A file in it can be opened by everybody and taken away by its owner alone, as in every folder with a sticky bit.
    """
    given = os.environ.get("SOLBENCH_LOCKS")
    if given:
        Path(given).mkdir(parents=True, exist_ok=True)
        return Path(given)
    if WINDOWS:
        return _of_all_users(Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "solbench" / "locks")
    for place in PLACES:
        with suppress(OSError):
            mode = os.stat(place).st_mode
            if stat.S_ISDIR(mode) and mode & stat.S_ISVTX and mode & stat.S_IWOTH:
                return Path(place)
    raise OSError(f"none of {', '.join(PLACES)} is open to all users; set SOLBENCH_LOCKS to a folder that is")


def _of_all_users(folder: Path) -> Path:
    """Make a folder whose files all users may change: what lies in ProgramData is its owner's alone."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            grant = ["icacls", str(folder), "/grant", f"{USERS}:(OI)(CI)M"]
            subprocess.run(grant, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return folder
