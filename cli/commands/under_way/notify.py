"""`solbench notify`: to whom notices of runs are sent, and a test of it."""

from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.control.notices import ADDRESSES, FROM_RUNS, Notice, deliver
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, errors_in_words, say
from solbench.gui.models.common.settings import Settings, settings_path
from solbench.protocols.errors import BadInput

AddressArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ADDRESS]...",
        help="Send notices to these addresses, in the form of apprise; none: show those that are stored.",
    ),
]


def command(
    addresses: AddressArgument = None,
    always: Annotated[
        bool, typer.Option("--always", help="Every run sends them, also without run --notify.")
    ] = False,
    when_asked: Annotated[
        bool, typer.Option("--when-asked", help="Only those with run --notify send them.")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Delete all addresses.")] = False,
    test: Annotated[bool, typer.Option("--test", help="Send a test to every address now.")] = False,
    about: Annotated[
        Path | None, typer.Option("--about", hidden=True, help="Send a notice of this run.")
    ] = None,
    title: Annotated[str, typer.Option("--title", hidden=True, help="Its title.")] = "",
    text: Annotated[str, typer.Option("--text", hidden=True, help="Its text.")] = "",
    urgent: Annotated[
        bool, typer.Option("--urgent", hidden=True, help="Somebody has to do something.")
    ] = False,
) -> None:
    """Keep to whom notices of runs are sent: mail, Teams, Slack and many more. The window uses the same list."""
    with errors_in_words():
        settings = Settings(settings_path())
        if addresses or forget:
            settings.set_texts(ADDRESSES, addresses or [])
        if always or when_asked:
            settings.set(FROM_RUNS, always)
        kept = settings.texts(ADDRESSES)
        if about is None and not test:
            _show(kept, settings.get(FROM_RUNS, False))
            raise typer.Exit(COMPLETED)
        if not kept:
            raise BadInput(
                "no address is kept", "Write one: solbench notify 'mailto://user:password@example.org'"
            )
        problem = deliver(kept, *_about(about, title, text, urgent=urgent))
        if problem:
            say(f"solbench: {problem}")
        raise typer.Exit(ENDED_OTHERWISE if problem else COMPLETED)


def _show(kept: list[str], always: bool) -> None:
    """Say to whom notices go; what follows a scheme is a secret more often than not."""
    for address in kept:
        print(f"{address.partition('://')[0]}://\u2026")
    when = "of every run" if always else "of runs that were begun with --notify, and while the window is open"
    print(f"notices are sent {when}" if kept else "no address is kept")


def _about(run: Path | None, title: str, text: str, *, urgent: bool) -> tuple[Notice, bytes]:
    """Return a notice of a run with its picture, or that of a test."""
    if run is None:
        return Notice("Solbench: a test", "Notices of your runs arrive here.", urgent=False), b""
    from solbench.acquisition.record.journal import journal_path, read_header

    header = read_header(journal_path(run))
    mark = ", SIMULATED" if header.simulated else ""
    what = f"{header.protocol.name} on {header.conditions.cell_id or header.cell.name}{mark}"
    return Notice(f"Solbench: {title}: {what}", f"{what}\n{text}", urgent=urgent), _picture(run)


def _picture(run: Path) -> bytes:
    """Return what was measured so far as a picture, b"" where that cannot be drawn: a notice goes without it, too."""
    try:
        from solbench.acquisition.record.journal import journal_path
        from solbench.acquisition.record.reader import open_run
        from solbench.analysis.views.run_picture import picture_of

        return picture_of(open_run(journal_path(run)))
    except Exception:  # noqa: BLE001 - whatever it was, the words are what matters
        return b""
