"""`solbench simulate`: the simulated bench as a process of its own, behind a GPIB adapter's wire."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from acquisition.bench_file import BenchFile, load_bench
from cli import inputs
from cli.output import COMPLETED, errors_in_words, print_json, say
from protocols import files
from protocols.errors import BadInput
from protocols.quantities import to_si

DEFAULT_PORT = 1234  # of a Prologix GPIB-ETHERNET adapter
LOOPBACK = ("127.0.0.1", "localhost")


def command(
    cell: inputs.CellOption = "nbh",
    build: Annotated[str, typer.Option(help="The build of the cell that is mounted.")] = "half",
    bench: Annotated[
        str, typer.Option("--bench", metavar="BENCH", help="A bench file whose 'simulation' block is used.")
    ] = "simulated",
    bench_out: Annotated[
        Path | None,
        typer.Option("--bench-out", metavar="FILE", help="Write a bench file for solbench run --bench FILE."),
    ] = None,
    listen: Annotated[
        str,
        typer.Option(metavar="127.0.0.1:PORT", help="Where the adapter listens; port 0 takes any free one."),
    ] = f"127.0.0.1:{DEFAULT_PORT}",
    pty: Annotated[
        bool, typer.Option("--pty", help="Serve a pseudo-terminal, as a USB adapter does (not on Windows).")
    ] = False,
    exclusive: Annotated[
        bool, typer.Option("--exclusive", help="Take one session at a time, as an adapter on metal does.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=1.0, max=3600.0, help="Experiment seconds in a second of this computer.")
    ] = 1.0,
    fault: Annotated[
        Path | None,
        typer.Option(
            "--fault",
            metavar="FILE",
            help="Faults to come: 'faults:', a list of {after_s: 600, fault: drop_replies, instrument: '1287'}.",
        ),
    ] = None,
    world: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the bench survives the end of this program.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the bench's noise and errors.")] = 0,
) -> None:
    """Serve the simulated 1260 and 1287 behind a Prologix-compatible adapter, until Ctrl-C.

    One JSON line says where: adapter, control channel and addresses.
    """
    with errors_in_words():
        port = port_of(listen)
        bench_file, _ = load_bench(bench)
        if bench_out is not None and bench_out.exists():
            raise BadInput(
                "this file exists already and is never overwritten",
                "Choose another name",
                file=str(bench_out),
                field="--bench-out",
            )
        description = inputs.read_cell(cell).build(build).simulated_cell()
        with _server(
            bench_file, description, _faults(fault), port, pty, exclusive, speed, world, seed
        ) as server:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: server.stop())
            if bench_out is not None:
                bench_out.write_text(bench_text(bench_file, server), encoding="utf-8")
            say("SIMULATION: the instruments behind this adapter are simulated.")
            print_json({"adapter": server.adapter, "control": server.control, "addresses": server.addresses})
            while not server.wait(3600.0):
                pass
    raise typer.Exit(COMPLETED)


def port_of(listen: str) -> int:
    """Return the port of `127.0.0.1:PORT`; raises BadInput for another host: the bench has no password."""
    host, _, port = listen.rpartition(":")
    if host not in LOOPBACK:
        raise BadInput(
            f"'{listen}' is not an address of this computer's loopback, and the bench has no password",
            f"Write 127.0.0.1:{DEFAULT_PORT}, or 127.0.0.1:0 for any free port",
            field="--listen",
        )
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise BadInput(f"'{port}' is no port", "Write a number from 0 to 65535", field="--listen")
    return int(port)


def _faults(path: Path | None) -> list[dict[str, Any]]:
    if path is None:
        return []
    listed = files.parse_text(files.read_text(path, str(path)), str(path)).get("faults")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise BadInput(
            "there is no list of faults",
            "Write faults: and below it entries such as - {after_s: 600, fault: alive}",
            file=str(path),
            field="faults",
        )
    return listed


def _server(
    bench_file: BenchFile,
    cell: dict[str, Any],
    faults: list[dict[str, Any]],
    port: int,
    pty: bool,
    exclusive: bool,
    speed: float,
    world: Path | None,
    seed: int,
) -> Any:
    from simulators.server.adapter import AdapterSettings
    from simulators.server.server import BenchServer, served_bench

    settings = {"positive_terminal": bench_file.positive_terminal, **to_si(bench_file.simulation)}
    try:
        simulated = served_bench(cell, speed=speed, settings=settings, seed=seed, world=world)
        return BenchServer(
            simulated, port=port, pty=pty, settings=AdapterSettings(exclusive=exclusive), faults=faults
        )
    except ValueError as error:
        raise BadInput(str(error), "Correct it and start again") from error
    except OSError as error:
        raise BadInput(
            f"the bench cannot be served: {error.strerror or error}",
            "Choose another port with --listen 127.0.0.1:PORT (0: any free one)",
            field="--pty" if pty else "--listen",
        ) from error


def bench_text(bench_file: BenchFile, server: Any) -> str:
    """Return the text of a bench file that opens a server's instruments."""
    addresses = server.addresses
    return files.dump_text(
        {
            "name": "simulated bench behind an adapter",
            "kind": "prologix",
            "adapter": server.adapter,
            "positive_terminal": bench_file.positive_terminal,
            "simulated": True,
            "served": {"control": server.control},
            "analyzer_1260": {"address": addresses["1260"]},
            "potentiostat_1287": {"address": addresses["1287"]},
        }
    )
