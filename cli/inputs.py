"""Options that several commands share, and how they become objects."""

import random
import re
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from solbench.acquisition.bench.bench_file import BenchFile, load_bench
from solbench.acquisition.bench.commissioning.standing import require_commissioned
from solbench.acquisition.errors import RunFileError
from solbench.acquisition.host.platform import if_too_long
from solbench.acquisition.record.beside.file_names import name_for
from solbench.acquisition.record.beside.packed import is_kept
from solbench.acquisition.record.journal import journal_path, read_header, run_file
from solbench.acquisition.run.start_check import disk_finding
from solbench.protocols import (
    Build,
    CellRecord,
    Protocol,
    estimate,
    load_cell,
    load_protocol,
    takes_spectra,
)
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.files import read_text, require_file
from solbench.protocols.quantities.quantity import read
from solbench.protocols.settings import with_settings

if TYPE_CHECKING:  # few runs have one
    from solbench.acquisition.bench.scenario import Scenario

MOST_SEED = 10**9


def read_protocol(protocol: str, settings: list[str] | None) -> Protocol:
    """Load a protocol and apply `--set`; raises BadInput."""
    loaded = load_protocol(protocol)
    return with_settings(loaded, settings) if settings else loaded


def continued(
    protocol: Protocol, record: CellRecord, continues: str | None, folder: Path, *, simulated: bool | None
) -> tuple[Protocol, list[str]]:
    """Return a protocol that goes on where a run or a cell's life ended, and what was set for that; raises BadInput.

    By the option, else by `conditions.continues` where the protocol does not say itself what has passed. `simulated`
    says whether the bench is; None where no bench is named.
    """
    said = protocol.conditions
    if continues is None and not said.history and said.state_of_charge is None:
        continues = said.continues
    if continues is None:
        return protocol, []
    from solbench.analysis.history.beginning import beginning_of

    found = beginning_of(continues, folder, protocol, record, simulated=simulated)
    settings = found.settings(continues)
    return with_settings(protocol, settings), settings


def read_cell(cell: str | None) -> CellRecord:
    """Load a cell record; raises BadInput when none is named."""
    if cell is None:
        raise BadInput(
            "no cell is given",
            "Say which cell is mounted: a cell record file, or nyzc, nps or nbh",
            field="--cell",
        )
    return load_cell(cell)


def read_bench(
    reference: str | None, protocol: Protocol, *, dummy_cell: bool = False, accepted: datetime | None = None
) -> tuple[BenchFile, str]:
    """Load a bench; raises BadInput for a real one that is not commissioned for what a protocol does.

    `accepted`: when the run was found fit for it, where it has waited since.
    """
    bench, text = load_bench(reference)
    now, spectra = accepted or datetime.now(UTC), takes_spectra(protocol)
    require_commissioned(bench, now, dummy_cell=dummy_cell, spectra=spectra)
    return bench, text


def read_scenario(reference: str | None, build: Build, duration_s: float) -> "Scenario | None":
    """Load a scenario, or deal one for a run of this build and duration; raises BadInput."""
    if reference is None:
        return None
    from solbench.acquisition.bench.deal import deal
    from solbench.acquisition.bench.scenario import load_scenario

    if reference != "random":
        return load_scenario(Path(reference))
    return deal(random.SystemRandom().randrange(MOST_SEED), build, duration_s)


def read_quantity(text: str, kind: str, option: str) -> float:
    """Return the value (SI, above zero) of an option that takes a quantity of this kind; raises BadInput."""
    try:
        return read(text, kind)
    except FieldError as error:
        raise BadInput(error.message, error.cure, field=option) from None


def output_path(output: Path | None, protocol: Protocol, record: CellRecord) -> Path:
    """Return the run file: as requested, or a new name in the present folder (UTC time, cell, protocol).

    What stands in braces is filled in, as in a template: `runs/{date}_{cell}.h5`.
    """
    if output is None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        parts = (stamp, record.name, protocol.name)
        return Path("_".join(re.sub(r"[^A-Za-z0-9-]+", "-", part) for part in parts) + ".h5").absolute()
    if "{" in output.name:
        try:
            name = name_for(output.name.removesuffix(".h5"), datetime.now(), protocol, record.name)
        except BadInput as error:
            cure = f"{error.cure}. A name without '{{' is taken as it is"
            raise BadInput(error.message, cure, field="-o", file=str(output)) from None
        output = output.with_name(f"{name}.h5")
    if output.suffix != ".h5":
        raise BadInput(
            "the name of a run file ends in .h5", f"Write {output.name}.h5", field="-o", file=str(output)
        )
    if not output.absolute().parent.is_dir():
        cure = "Make it first, or choose another"
        if "{" in str(output.parent):
            cure += "; only what stands in braces in the name of the file itself is filled in"
        message = f"the folder does not exist{if_too_long(output.absolute())}"
        raise BadInput(message, cure, field="-o", file=str(output))
    _require_files(output)
    return output.absolute()


def _require_files(output: Path) -> None:
    """Raise BadInput where the folder takes no files, such as /proc; one without the right is for others to say."""
    try:
        with TemporaryFile(dir=output.absolute().parent):
            return
    except PermissionError:
        return
    except OSError as error:
        raise BadInput(
            f"no file can be created in its folder ({(error.strerror or 'it cannot be written').lower()})",
            "Choose a folder on a disk",
            field="-o",
            file=str(output),
        ) from None


def read_secret(path: Path) -> str:
    """Return the password or key on the first line of a file; raises BadInput where it has none."""
    secret = read_text(path, str(path)).partition("\n")[0].strip()
    if not secret:
        raise BadInput("its first line is empty", "Write the password or key there", file=str(path))
    return secret


def run_path(run: Path) -> Path:
    """Return the .h5 path of a run that was named by file, journal or stem; raises BadInput when nothing is there.

    RunFileError, JournalDamaged or OSError where it is no run, without reading all of it.
    """
    path = run_file(run)
    if not path.exists() and not is_kept(journal_path(path)):
        raise BadInput("there is no such run here", "Name its .h5 or .journal file", file=str(run))
    journal = journal_path(path)
    for one in (path, journal):
        if one.exists():
            require_file(one, str(one))
    from solbench.acquisition.record.reader import (
        is_finished,  # with HDF5, which most commands need later or never
    )

    if is_finished(path):
        return path
    if not is_kept(journal):
        raise RunFileError(f"{path} is not a finished run file, and there is no journal beside it")
    read_header(journal)
    return path


def require_room(run: Path, protocol: Protocol, build: Build) -> None:
    """Raise BadInput when the disk has no room for twice what the run is expected to need."""
    found = disk_finding(run.parent, estimate(protocol, build))
    if not found.passed:
        raise BadInput(f"there is not enough space on the disk: {found.text}", file=str(run))
