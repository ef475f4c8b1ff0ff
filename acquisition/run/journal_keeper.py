"""Keeps the journal of a run at its place: somebody may delete, move or replace it while the run is on."""

from pathlib import Path

from solbench.acquisition.errors import JournalBusy, JournalGone
from solbench.acquisition.host.platform import state_folder
from solbench.acquisition.record.journal import Journal


class JournalKeeper:
    """Puts a journal back from what this program has open; it is time to look once in `every` calls."""

    def __init__(self, journal: Journal, every: int = 200) -> None:
        self._journal = journal
        self._every = self._left = every
        self._is_over = False  # nothing can be mended any more

    @property
    def is_well(self) -> bool:
        """Get whether the whole journal is at its place."""
        try:
            return self._journal.is_in_place and self._journal.is_whole
        except OSError:
            return False

    def is_time(self) -> bool:
        """Say whether it is time to look."""
        left = self._left = self._left - 1
        if left > 0:
            return False
        self._left = self._every
        return True

    def put_back(self) -> str:
        """Put the journal back if it is gone; return what to tell of that, "" for nothing.

        Raises JournalGone, with what to do, where it cannot be put back.
        """
        journal = self._journal
        if self._is_over or self.is_well:
            return ""
        name = journal.path.name
        try:
            if not journal.is_whole:
                self._is_over = True
                return (
                    f"{name} was cut or written by another program while the run was on, so that it cannot be read to "
                    f"its end. Keep all files of the run: journal, checkpoint and live file together hold most of it"
                )
            moved = journal.put_back()
        except (OSError, JournalBusy) as error:
            why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            raise JournalGone(
                f"{name} was taken from {journal.path.parent} while the run was on, and cannot be put back there "
                f"({why}); this program still holds all of it. Make the folder writable, then resume"
            ) from error
        self._is_over = not journal.is_in_place  # a file system that does not tell its files apart
        beside = f"; what lay in its place is now {moved.name}" if moved is not None else ""
        return (
            f"{name} was taken from its folder while the run was on; it was put back, and nothing is lost{beside}. "
            f"Leave the files of a run where they are until it has ended"
        )

    def rescue(self) -> str:
        """Keep a copy where the program keeps its own files, if the journal is not at its place; say where."""
        journal = self._journal
        if self._is_over or self.is_well:
            return ""
        folder = state_folder() / "rescued"
        kept = folder / journal.path.name
        number = 1
        while kept.exists():
            number += 1
            kept = folder / f"{journal.path.stem}-{number}{journal.path.suffix}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            journal.copy(kept)
        except OSError as error:
            return f"{journal.path.name} is gone from {_home(journal)}, and no copy could be kept: {error}"
        return (
            f"{journal.path.name} is gone from {_home(journal)}; all of it is kept as {kept}. Copy it back there, then "
            f"solbench recover {journal.path.stem}.h5"
        )


def _home(journal: Journal) -> Path:
    return journal.path.parent
