"""`solbench publish`: finished runs into the lab's Tiled catalogue, as documents of Bluesky's event model."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.record.reader import Run, open_run
from solbench.cli import inputs
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.protocols.errors import BadInput

Became = Literal["sent", "sent anew", "there already"]
KEY = "TILED_API_KEY"


@dataclass(frozen=True)
class PublishResult:
    """What `publish --json` prints: what became of each run file, and why others were not sent."""

    published: dict[str, str]
    left: dict[str, str]


def command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Finished run files.")],
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="The Tiled server, as in http://tiled.lab:8000.")
    ],
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file", metavar="FILE", help=f"A file whose first line is the API key; else {KEY}."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Send finished runs to a Tiled catalogue; one that is there already is not sent twice."""
    published: dict[str, str] = {}
    left: dict[str, str] = {}
    with errors_in_words():
        key = inputs.read_secret(key_file) if key_file else os.environ.get(KEY)
        found = [open_run(inputs.run_path(named)) for named in runs]  # a wrong name before anything is sent
        client = _client(to, key)
        for run in found:
            path = run.path
            try:
                published[str(path)] = became = _published(client, run)
            except Exception as error:  # noqa: BLE001 - of the file, the network or the server: the others are sent
                left[str(path)] = str(error) or type(error).__name__
                say(f"solbench: {path.name} was not sent: {left[str(path)]}")
            else:
                if not json:
                    print(f"{path}: {became}", flush=True)
    if json:
        print_json(PublishResult(published, left))
    raise typer.Exit(ENDED_OTHERWISE if left else COMPLETED)


def _client(url: str, key: str | None) -> Any:
    try:
        tiled = import_module("tiled.client")  # without types, and not there without the extra
    except ImportError:
        raise BadInput(
            "a Tiled catalogue needs the libraries of Tiled", "Install them: pip install 'solbench[tiled]'"
        ) from None
    try:
        return tiled.from_uri(url, api_key=key)
    except Exception as error:
        raise BadInput(
            f"{url} is no Tiled server that lets one in: {error}", "Check the address and the key"
        ) from error


def _published(client: Any, run: Run) -> Became:
    """Send a run unless it is there as it is; what is there in part, or before a correction, is sent anew.

    Raises AcquisitionError where the run goes on.
    """
    from solbench.analysis.exports.documents import documents, start_document

    if run.end is None:
        raise AcquisitionError(f"{run.path.name} has not ended: only a finished run is published")
    uid = run.header.run
    is_there = uid in client
    if is_there:
        known = dict(client[uid].metadata)
        if known.get("stop") and (known.get("start") or {}).get("digest") == start_document(run)["digest"]:
            return "there already"
        client[uid].delete(recursive=True, external_only=False)
    writer = import_module("bluesky_tiled_plugins").TiledWriter(client)
    for name, document in documents(run):
        writer(name, document)
    return "sent anew" if is_there else "sent"
