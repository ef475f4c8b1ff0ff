"""`solbench recover`: make the run file again from the journal."""

import typer

from solbench.acquisition.errors import JournalBusy, RunFileError
from solbench.acquisition.host.platform import FileLock
from solbench.acquisition.record.beside.packed import is_kept, packed_path
from solbench.acquisition.record.final_file import build_final
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import open_run
from solbench.cli import inputs
from solbench.cli.arguments import RunArgument
from solbench.cli.output import ENDED_OTHERWISE, errors_in_words, say
from solbench.cli.progress import told


def command(run: RunArgument) -> None:
    """Rebuild the run file of RUN from its journal; a torn record at the journal's end is left out.

    Exit code 1 if the journal is damaged further up: the file ends there, and how many whole records follow is said. A
    run file that contains more than can still be read from its journal is left as it is (exit code 2).
    """
    with errors_in_words():
        path = inputs.run_path(run)
        journal = journal_path(path)
        if not is_kept(journal):
            raise RunFileError(f"{journal}: there is no journal; the run file cannot be built without it")
        lock = FileLock(journal if journal.exists() else packed_path(journal))
        if not lock.acquire():  # its program has the live file open, and viewers read that one
            raise JournalBusy(journal)
        try:
            with told("building the run file") as bar:
                build_final(path, bar)
        finally:
            lock.release()
        found = open_run(path)
        state = "completed" if found.completed else "not completed"
        print(f"{path}: {found.sample_count} samples, {len(found.spectra)} spectra, {state}")
        if found.damage is not None:
            without = (
                "continue the run with solbench resume"
                if found.damage.can_go_on
                else "keep this one as it is"
            )
            say(
                f"solbench: {journal}: {found.damage.words}. The run file ends there. Put the journal back from a "
                f"copy, or {without}"
            )
            raise typer.Exit(ENDED_OTHERWISE)
