"""`solbench simulate`: the simulated bench as a process of its own, behind a GPIB adapter's wire."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from solbench.acquisition.bench.bench_file import BenchFile, load_bench
from solbench.acquisition.bench.scenario import Scenario
from solbench.cli import arguments, inputs
from solbench.cli.output import COMPLETED, errors_in_words, print_json, say
from solbench.protocols import CellRecord, check, files, raise_errors
from solbench.protocols.check import TOO_FULL
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.files import Fields
from solbench.protocols.protocol import from_data

if TYPE_CHECKING:
    from solbench.simulators.bench import SimulatedBench
    from solbench.simulators.server.server import BenchServer

T = TypeVar("T")
DEFAULT_PORT = 1234  # of a Prologix GPIB-ETHERNET adapter
WITHOUT_PROTOCOL_S = 4 * 3600.0  # so long is a run on it taken to be, where a scenario is dealt
LOOPBACK = ("127.0.0.1", "localhost")


def command(
    cell: arguments.CellOption = "nbh",
    build: Annotated[str, typer.Option(help="The build of the cell that is mounted.")] = "half",
    bench: Annotated[
        str,
        typer.Option(
            "--bench",
            metavar="BENCH",
            help="A bench file whose 'simulation' block describes the instruments.",
        ),
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
        bool, typer.Option("--exclusive", help="Accept one session at a time, as a real adapter does.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=1.0, max=3600.0, help="Experiment seconds per second of this computer.")
    ] = 1.0,
    fault: Annotated[
        Path | None,
        typer.Option(
            "--fault",
            metavar="FILE",
            help="Scheduled faults: 'faults:' with entries like {after_s: 60, fault: dead, instruments: ['1260']}.",
        ),
    ] = None,
    scenario: arguments.ScenarioOption = None,
    world: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file in which the bench survives the end of this program."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the bench's noise and errors.")] = 0,
    state_of_charge: Annotated[
        str | None,
        typer.Option(
            "--state-of-charge",
            metavar="STATE",
            help="What the cell holds already, such as '50 %' or '0.7 mAh/cm2'.",
        ),
    ] = None,
    history: Annotated[
        list[str] | None,
        typer.Option(
            "--history",
            metavar="CHARGE",
            help="A charge that has passed through the cell before, such as '-1.4 mAh/cm2'; positive charged it; may "
            "be repeated, half-cycle by half-cycle.",
        ),
    ] = None,
    continues: arguments.ContinuesOption = None,
) -> None:
    """Serve the simulated 1260 and 1287, or the instruments of --bench, behind a Prologix-compatible adapter.

    It ends with Ctrl-C.
    One JSON line says where: adapter, control channel and addresses.
    """
    with errors_in_words():
        port = port_of(listen)
        bench_file, _ = load_bench(bench)
        record = inputs.read_cell(cell)
        mounted = _of_options(lambda: record.build(build))
        passed_C = passed_before(record, build, state_of_charge, history, continues)
        description = mounted.simulated_cell(None, passed_C)
        name = f"{record.name}, build {build}"
        faults = read_faults(fault)
        true = inputs.read_scenario(scenario, mounted, WITHOUT_PROTOCOL_S)
        require_new(bench_out)
        if world is not None and world.exists():
            files.require_file(world, str(world))
        simulated = make_bench(bench_file, description, speed, seed, world, true)
        try:
            server = open_server(
                simulated, port, pty, exclusive, faults, fault, name, shows_cell=true is None
            )
            serve(server, bench_file, bench_out)
        finally:
            simulated.close()
    raise typer.Exit(COMPLETED)


def passed_before(
    record: CellRecord,
    build: str,
    state_of_charge: str | None,
    history: list[str] | None,
    continues: str | None,
) -> tuple[float, ...]:
    """Return the charges (C) that have passed through the cell that is served; raises BadInput."""
    given = [state_of_charge is not None, bool(history), continues is not None]
    if sum(given) > 1:
        raise BadInput(
            "several options say what the cell holds",
            "Keep one of --state-of-charge, --history and --continues",
            field="--continues" if given[2] else "--history",
        )
    said: Fields = {"temperature": "unknown", "stack_pressure": "unknown"}
    if state_of_charge is not None:
        said["state_of_charge"] = state_of_charge
    if history:
        said["history"] = [*history]
    step: Fields = {"name": "served", "kind": "rest", "time": "1 s"}
    data: Fields = {"name": "served", "build": build, "conditions": said, "steps": [step]}
    protocol = _of_options(lambda: from_data(data, ""))
    protocol, _ = inputs.continued(protocol, record, continues, Path(), simulated=None)

    def checked() -> tuple[float, ...]:
        findings = check(protocol, record)
        for too_full in (
            one for one in findings if one.rule is TOO_FULL
        ):  # its cure has tolerances, and here are none
            raise BadInput(too_full.message, "Write less, or check the mass of tin", field=too_full.field)
        raise_errors(findings, "", record.name)
        return protocol.conditions.passed_C(record.build(build))

    return _of_options(checked)


def _of_options(read: Callable[[], T]) -> T:
    """Return what is read of the options; raises BadInput that names the option where a protocol has a field."""
    try:
        return read()
    except (BadInput, FieldError) as error:
        place = error.field.removeprefix("conditions.")
        option = next((one for name, one in _OPTIONS.items() if place.startswith(name)), error.field)
        file = error.file if isinstance(error, BadInput) else ""
        raise BadInput(error.message, error.cure, file=file, field=option) from None


_OPTIONS = {"state_of_charge": "--state-of-charge", "history": "--history", "build": "--build"}


@dataclass(frozen=True)
class Served:
    """What is printed when the bench can be reached; `addresses` by instrument, `lines` of sensors."""

    adapter: str
    control: str
    addresses: dict[str, int]
    lines: dict[str, str]


def port_of(listen: str) -> int:
    """Return the port of `127.0.0.1:PORT`; raises BadInput for another host: the bench has no password."""
    host, _, port = listen.rpartition(":")
    if host not in LOOPBACK:
        raise BadInput(
            f"'{listen}' is not on this computer's loopback, and the bench has no password",
            f"Write 127.0.0.1:{DEFAULT_PORT}, or 127.0.0.1:0 for any free port",
            field="--listen",
        )
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise BadInput(f"'{port}' is not a port number", "Write a number from 0 to 65535", field="--listen")
    return int(port)


def read_faults(path: Path | None) -> list[Fields]:
    """Read a fault file; raises BadInput. What the entries say is checked by the server."""
    if path is None:
        return []
    listed = files.parse_text(files.read_text(path, str(path)), str(path)).get("faults")
    faults = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    if not isinstance(listed, list) or len(faults) < len(listed):
        raise BadInput(
            "there is no list of faults",
            "Write faults: and below it entries such as - {after_s: 600, fault: alive}",
            file=str(path),
            field="faults",
        )
    return faults


def require_new(path: Path | None) -> None:
    """Raise BadInput where a file is there already."""
    if path is not None and path.exists():
        raise BadInput(
            "this file exists already and is never overwritten",
            "Choose another name",
            file=str(path),
            field="--bench-out",
        )


def bench_text(
    bench_file: BenchFile,
    adapter: str,
    control: str,
    addresses: dict[str, int],
    lines: Mapping[str, str] | None = None,
) -> str:
    """Return the text of a bench file that opens a server's instruments; the rest is as in `bench_file`.

    `lines`: where the lines of sensors are served, by what `bench_file` calls them.
    """
    written = bench_file.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for name in ("simulation", "commissioning"):
        written.pop(name, None)
    if bench_file.is_whole_unit:
        written["simulation"] = {"unit": bench_file.unit}  # with which a record may ship
    for gauge in written.get("gauges", ()):
        way = next((gauge[name] for name in ("modbus", "lakeshore") if name in gauge), None)
        if way is not None:
            way["connection"] = (lines or {}).get(way["connection"], way["connection"])
        elif "tc08" not in gauge:
            gauge["address"] = addresses[gauge["name"]]
    for name, field in bench_file.known_model.fields.items():
        within, _, entry = field.rpartition(".")
        place = written.setdefault(within, {}) if within else written
        place[entry] = {**place.get(entry, {}), "address": addresses[name]}
    return files.dump_text(
        {
            **written,
            "name": "simulated bench behind an adapter",
            "kind": "prologix",
            "adapter": adapter,
            "simulated": True,
            "served": {"control": control},
        }
    )


def make_bench(
    bench_file: BenchFile,
    cell: Fields,
    speed: float,
    seed: int,
    world: Path | None,
    scenario: Scenario | None,
) -> SimulatedBench:
    """Make the bench with this cell, or with what the scenario says is there; raises BadInput."""
    from solbench.acquisition.bench.truth import (
        PASSED,
        chamber_of,
        electronics_of,
        press_of,
        sensors_of,
        simulated,
        thermometers_of,
        true_cell,
        truly,
    )
    from solbench.simulators.server.server import served_bench

    for place, gauge in enumerate(bench_file.gauges):
        if gauge.tc08 is not None:
            raise BadInput(
                f"'{gauge.name}' is at a TC-08, which is simulated within the program alone",
                "Serve a bench with Modbus sensors, or run on this one with solbench run --bench",
                file=bench_file.source,
                field=f"gauges[{place}].tc08",
            )
    settings = electronics_of(bench_file)
    there = true_cell(scenario, cell)
    true = truly(scenario, there)
    there.pop(PASSED, None)
    with simulated(bench_file.source):
        return served_bench(
            there,
            speed=speed,
            settings=settings,
            seed=seed,
            world=world,
            thermometers=thermometers_of(bench_file),
            sensors=sensors_of(bench_file),
            chamber=chamber_of(bench_file),
            press=press_of(bench_file),
            truly=true,
        )


def open_server(
    simulated: SimulatedBench,
    port: int,
    pty: bool,
    exclusive: bool,
    faults: list[Fields],
    fault_file: Path | None,
    name: str,
    *,
    shows_cell: bool,
) -> BenchServer:
    """Serve a bench behind an adapter; raises BadInput."""
    from solbench.simulators.server.adapter import AdapterSettings
    from solbench.simulators.server.faults import FaultError
    from solbench.simulators.server.server import BenchServer

    settings = AdapterSettings(exclusive=exclusive)
    try:
        return BenchServer(
            simulated,
            port=port,
            pty=pty,
            settings=settings,
            faults=faults,
            cell_name=name,
            shows_cell=shows_cell,
        )
    except FaultError as error:
        raise BadInput(
            str(error), "Correct it, or leave it out", file=str(fault_file), field="faults"
        ) from error
    except OSError as error:
        cure = "leave --pty out" if pty else "choose another port, or 0 for any free one"
        raise BadInput(
            f"the bench cannot be served ({error.strerror or error})",
            cure.capitalize(),
            field="--pty" if pty else "--listen",
        ) from error


class _Ended(BaseException):
    """Ctrl-C or SIGTERM."""


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    _on_signals(signal.SIG_IGN)  # once is enough, and the bench is to be left whole
    raise _Ended


def serve(server: BenchServer, bench_file: BenchFile, bench_out: Path | None) -> None:
    """Print where the server is, and let it run until the user ends it."""
    with server:
        try:
            _on_signals(_end)
            if bench_out is not None:
                text = bench_text(bench_file, server.adapter, server.control, server.addresses, server.lines)
                bench_out.write_text(text, encoding="utf-8")
            say("SIMULATION: the instruments behind this adapter are simulated.")
            print_json(Served(server.adapter, server.control, server.addresses, server.lines))
            while not server.wait(1.0):  # not for ever: some systems would not hear Ctrl-C meanwhile
                pass
            _on_signals(signal.SIG_IGN)
        except _Ended:
            return
