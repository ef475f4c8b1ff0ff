"""Room on the disk: enough before a run begins, and a pause with the cell off before it runs out."""

import shutil
from pathlib import Path

from solbench.acquisition.record.journal import RESERVE_BYTES

JOURNAL_BYTES_A_SAMPLE = 160
LOW_BYTES = 2 * RESERVE_BYTES  # below this a run pauses; the reserve is kept for its end


def free_bytes(folder: Path) -> int:
    """Return the free space (bytes) where `folder` lies."""
    return shutil.disk_usage(folder).free


def needed_bytes(file_bytes: int, samples: int) -> int:
    """Return what a run needs at most: journal, live file, and the final file beside them, twice over."""
    return 2 * (2 * file_bytes + samples * JOURNAL_BYTES_A_SAMPLE) + LOW_BYTES


class DiskWatch:
    """Says when the disk is nearly full; looks at most once in `every` calls, for a look costs microseconds."""

    def __init__(self, folder: Path, every: int = 200) -> None:
        self._folder = folder
        self._every = self._left = every

    def is_low(self) -> bool:
        """Say whether the disk is nearly full, if it is time to look."""
        left = self._left = self._left - 1
        if left > 0:
            return False
        self._left = self._every
        return not self.has_room()

    def has_room(self) -> bool:
        """Say whether there is room to continue; a folder that has vanished has none."""
        try:
            return free_bytes(self._folder) > LOW_BYTES
        except OSError:
            return False
