"""Where the files of a run lie, by their names; loads nothing that reads them."""

from pathlib import Path

from solbench.acquisition.record.beside.packed import PACKED

BESIDE = (
    ".h5",
    ".journal",
    ".log",
    ".world",
    ".guard",
    ".dialogue",
    ".corrections",
    ".tags",
)  # endings of a run's files; any other belongs to its name


def run_file(name: str | Path) -> Path:
    """Return the run file that a user means by its name, by that of a file beside it, or without the ending."""
    path = Path(str(name).removesuffix(PACKED)).absolute()
    return path.with_suffix(".h5") if path.suffix in BESIDE else path.with_name(f"{path.name}.h5")


def journal_path(run: Path) -> Path:
    """Return where the journal of the run file `run` lies."""
    return run.with_suffix(".journal")
