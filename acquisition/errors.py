"""What can go wrong while running and keeping, by whose doing it is."""

from pathlib import Path

UNEXPECTED_EXIT = "the program exited unexpectedly"


class AcquisitionError(Exception):
    """Base of the errors below."""


class JournalFull(AcquisitionError):
    """The disk took no more of the journal; everything acknowledged before is there."""

    def __init__(self, path: Path, cause: OSError) -> None:
        super().__init__(
            f"{path}: the journal can no longer be written ({cause.strerror}). "
            f"Nothing that was acknowledged is lost. Free disk space and continue with: solbench resume {path.stem}"
        )


class JournalBusy(AcquisitionError):
    """Another program writes this journal."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: another program is writing this run; stop that one first")


class OutputBusy(AcquisitionError):
    """Another program is writing a file beside the run."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: another program is writing this file. Try again in a moment")


class JournalDamaged(AcquisitionError):
    """A journal cannot be read from its beginning."""


class JournalGone(AcquisitionError):
    """A journal was taken from its place during a run, and cannot be put back."""


class RunFileError(AcquisitionError):
    """A run file cannot be read as one."""


class RunFileHeld(RunFileError):
    """The finished run file waits beside its place, which another program holds."""

    def __init__(self, run: Path, waiting: Path) -> None:
        is_folder = run.is_dir()
        what = "is a folder now" if is_folder else "is open in another program"
        cure = "Move the folder away" if is_folder else "Close it there"
        super().__init__(
            f"{run.name} {what}, so that the finished run file waits as {waiting.name}. {cure}; the next "
            f"solbench summary {run.name}, or the window, then puts it in place"
        )


class Fault(AcquisitionError):
    """The bench or the cell does not behave; the run ends with the cell off."""


class OutputExists(AcquisitionError):
    """A file that the run would write is there already."""
