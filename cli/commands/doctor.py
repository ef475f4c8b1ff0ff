"""`solbench doctor`: is this PC fit to run cells, and if not, what to do."""

import ctypes
import importlib.util
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.bench.bench import open_gauges
from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.commissioning.standing import remarks, standing
from solbench.acquisition.bench.gauges.shown import read_all
from solbench.acquisition.errors import AcquisitionError, OutputExists
from solbench.acquisition.host import boot_service
from solbench.acquisition.host.platform import WINDOWS, FileLock, state_folder
from solbench.cli import arguments
from solbench.cli.commands.dialogues.bundle import Part, parts_of, write_bundle
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.protocols.errors import BadInput

OLDEST_PYTHON = (3, 11)
SLOW_FSYNC_S = 0.1
DAY_S = 86400.0
SHARES = ("nfs", "cifs", "smb", "afs", "ncpfs", "davfs", "fuse.sshfs", "9p")
CLOUDS = ("onedrive", "dropbox", "nextcloud", "owncloud", "google drive", "googledrive", "icloud", "seafile")
NO_VISA = (
    "no library for GPIB cards (needed for those only): install NI-VISA, Keysight IO Libraries, or "
    "linux-gpib with gpib-ctypes"
)
QT_LIBRARIES = {  # what PySide6 loads, and Debian's packages of them
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
}


@dataclass(frozen=True)
class Item:
    """One thing looked at; `needed` says whether headless runs need it, too."""

    name: str
    good: bool
    text: str
    needed: bool = True

    def __str__(self) -> str:
        mark = "ok  " if self.good else "FAIL" if self.needed else "note"
        return f"{mark}  {self.name}: {self.text}"


@dataclass(frozen=True)
class Examination:
    """What `--json` prints."""

    items: list[Item]


BundleOption = Annotated[
    Path | None,
    typer.Option(
        "--bundle", metavar="FILE.zip", help="Pack this, the bench file and a dialogue for somebody else."
    ),
]
DialogueOption = Annotated[
    Path | None,
    typer.Option("--dialogue", metavar="DIALOGUE", help="The dialogue of a run to pack (.dialogue)."),
]
AnonymousOption = Annotated[
    bool, typer.Option("--anonymous", help="Leave names, paths, hosts and comments out of the bundle.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Write the bundle without asking.")]


def command(
    bench: arguments.ExaminedBenchOption = None,
    json: JsonOption = False,
    bundle: BundleOption = None,
    dialogue: DialogueOption = None,
    anonymous: AnonymousOption = False,
    yes: YesOption = False,
) -> None:
    """Look at Python, disk, locks, folder, clock, VISA, adapters, Qt's libraries, sleep, service; say what to do."""
    with errors_in_words():
        _require_place(bundle, dialogue)
        library = _library_of(bench)
        found = [
            _python(),
            _disk(),
            _state(),
            _locks(Path.cwd()),
            _place(Path.cwd()),
            _clock(time.time()),
            _visa(library),
            _adapters(),
            _qt(),
            _sleep(),
            _boot(),
            *_commissioning(bench),
            *_sensors(bench),
        ]
        if json:
            print_json(Examination(found))
        else:
            for item in found:
                print(item)
        if bundle is not None:
            parts = parts_of("\n".join(map(str, found)) + "\n", bench, dialogue, anonymous=anonymous)
            _pack(bundle, [_versions(), *parts], yes)
        sick = any(item.needed and not item.good for item in found)
        raise typer.Exit(ENDED_OTHERWISE if sick else COMPLETED)


def _require_place(bundle: Path | None, dialogue: Path | None) -> None:
    """Raise BadInput or OutputExists where a bundle cannot be written, or a dialogue is named without one."""
    if bundle is None:
        if dialogue is not None:
            raise BadInput(
                "a dialogue is packed into a bundle, and none is to be written",
                "Add --bundle FILE.zip",
                field="--dialogue",
                file=str(dialogue),
            )
        return
    if bundle.exists():
        raise OutputExists(str(bundle))
    if not bundle.absolute().parent.is_dir():
        raise BadInput(
            "the folder does not exist",
            "Make it first, or choose another",
            field="--bundle",
            file=str(bundle),
        )


def _pack(bundle: Path, parts: list[Part], yes: bool) -> None:
    """Show what a bundle holds, ask, and write it; raises BadInput where nobody can be asked."""
    say(f"{bundle.name} will hold:")
    for part in parts:
        say(f"  {part}")
    if not yes and not sys.stdin.isatty():
        raise BadInput("nobody can be asked here", "Add --yes if it may be written", field="--bundle")
    if yes or typer.confirm("Write it?", err=True):
        write_bundle(bundle, parts)
        say(f"{bundle} is written; nothing was sent")


def _versions() -> Part:
    """Return the versions of the program, of Python and of the libraries."""
    names = (
        "solbench",
        "pyvisa",
        "pyvisa-py",
        "pyserial",
        "numpy",
        "scipy",
        "h5py",
        "pydantic",
        "pymodbus",
        "lakeshore",
    )
    lines = [f"python {platform.python_version()} on {platform.system()} {platform.release()}"]
    for name in names:
        with suppress(metadata.PackageNotFoundError):
            lines.append(f"{name} {metadata.version(name)}")
    return Part("versions.txt", ("\n".join(lines) + "\n").encode(), "; ".join(lines))


def _commissioning(bench: str | None) -> list[Item]:
    """Look at the commissioning of a bench: what is missing, what has changed, what will end."""
    if bench is None:
        return []
    file, _ = load_bench(bench)
    found = standing(file)
    told = remarks(file, datetime.now(UTC))
    if not found.needed and found.record is None:
        return [Item("commissioning", good=True, text="not needed, simulated", needed=False)]
    until = f"holds until {found.ends:%Y-%m-%d}" if found.ends is not None else "none"
    return [Item("commissioning", good=not told, text="; ".join(told) or until, needed=False)]


def _sensors(bench: str | None) -> list[Item]:
    """Read the sensors beside the cell that have lines of their own; a run may have those on the instruments' bus."""
    if bench is None:
        return []
    file, _ = load_bench(bench)
    on_bus = [
        Item(
            f"sensor {one.name}",
            good=True,
            text="on the instruments' bus: solbench check reads it",
            needed=False,
        )
        for one in file.gauges
        if one.is_on_bus
    ]
    if len(on_bus) == len(file.gauges):
        return on_bus
    try:
        clock, gauges, close = open_gauges(file)
    except AcquisitionError as error:
        return [*on_bus, Item("sensors", good=False, text=str(error), needed=False)]
    try:
        found = read_all(gauges, clock)
    finally:
        close()
    return [
        *(Item(f"sensor {one.name}", one.value is not None, str(one), needed=False) for one in found),
        *on_bus,
    ]


def _boot() -> Item:
    """Look whether cells are made safe when this PC starts again after a power cut."""
    service = boot_service.status()
    cure = "" if service.installed else "; after a power cut a driven cell stays on until somebody comes: "
    text = f"{service.text}{cure}{'' if service.installed else 'solbench service install'}"
    return Item("service at boot", service.at_boot, text, needed=False)


def _python() -> Item:
    shown = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, OLDEST_PYTHON))
    good = sys.version_info[:2] >= OLDEST_PYTHON
    return Item("Python", good, shown if good else f"{shown} is too old; install {wanted} or later")


def _disk() -> Item:
    """Time what the journal does: a short write and an fsync, in the present folder."""
    try:
        with tempfile.NamedTemporaryFile(dir=Path.cwd()) as file:
            times = [_synced_write(file.fileno()) for _ in range(20)]
    except OSError as error:
        return Item(
            "disk", good=False, text=f"{Path.cwd()} cannot be written ({error}); change to a folder that can"
        )
    median, worst = statistics.median(times), max(times)
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    text = f"{free:.0f} GB free here, fsync {median * 1e3:.1f} ms (worst {worst * 1e3:.0f} ms)"
    slow = f"{text}; a network drive or a worn disk? Keep runs on a local disk and copy them afterwards"
    return Item("disk", median < SLOW_FSYNC_S, text if median < SLOW_FSYNC_S else slow)


def _synced_write(descriptor: int) -> float:
    start = time.perf_counter()
    os.write(descriptor, b"x" * 160)
    os.fsync(descriptor)
    return time.perf_counter() - start


def _state() -> Item:
    try:
        folder = state_folder()
    except OSError as error:
        return Item(
            "state folder", good=False, text=f"{error}; set SOLBENCH_STATE to a folder that can be written"
        )
    good = os.access(folder, os.W_OK)
    return Item(
        "state folder", good, str(folder) if good else f"{folder} cannot be written; correct its permissions"
    )


def _locks(folder: Path) -> Item:
    """Try what keeps two programs from writing one run."""
    try:
        with tempfile.TemporaryDirectory(dir=folder) as inside:
            lock = FileLock(Path(inside) / "lock")
            lock.acquire()
            lock.release()
    except OSError as error:
        return Item("locks", good=False, text=f"{folder}: {error.strerror or error}")
    return Item("locks", good=True, text="files can be locked here")


def _place(folder: Path) -> Item:
    """Say whether the present folder is on a network share, or is copied by a program of a cloud."""
    import psutil

    disks = [one for one in psutil.disk_partitions(all=True) if folder.is_relative_to(one.mountpoint)]
    kind = max(disks, key=lambda one: len(one.mountpoint)).fstype.lower() if disks else ""
    cloud = next((part for part in folder.parts if part.lower().startswith(CLOUDS)), None)
    if cloud is not None:
        text = (
            f"'{cloud}' is copied to a cloud while it is written; keep runs elsewhere and copy finished files"
        )
    elif kind.startswith(SHARES) or str(folder).startswith(("\\\\", "//")):
        text = f"{folder} is on a network share ({kind or 'UNC'}); keep runs on a local disk and copy them afterwards"
    else:
        return Item("folder", good=True, text=f"on this PC ({kind or 'unknown'})", needed=False)
    return Item("folder", good=False, text=text, needed=False)


def _clock(now_s: float) -> Item:
    """Hold the time of day against the age of the program itself: runs are dated by it."""
    made_s = Path(__file__).stat().st_mtime
    if now_s < made_s - DAY_S:
        shown = time.strftime("%Y-%m-%d", time.localtime(now_s))
        return Item(
            "clock", good=False, text=f"it says {shown}, which is before the program was made; set it"
        )
    return Item("clock", good=True, text=time.strftime("%Y-%m-%d %H:%M %z", time.localtime(now_s)))


def _visa(library: str | None) -> Item:
    """Try the VISA library that a bench names, or any; pyvisa-py, always there, reaches no GPIB card by itself.

    `library` is None where no bench needs one.
    """
    import pyvisa

    try:
        manager = pyvisa.ResourceManager(library or "")
        found = str(manager.visalib)
        manager.close()
    except (OSError, ValueError, pyvisa.Error) as error:
        reason = str(error).splitlines()[0]
        return Item("VISA", good=False, text=f"{NO_VISA} ({reason})", needed=library is not None)
    alone = found.endswith("py") and not any(map(importlib.util.find_spec, ("gpib_ctypes", "Gpib", "gpib")))
    if alone:
        return Item("VISA", good=False, text=f"pyvisa-py alone: {NO_VISA}", needed=library is not None)
    return Item("VISA", good=True, text=found, needed=library is not None)


def _library_of(bench: str | None) -> str | None:
    """Return the VISA library that a bench needs, None where it needs none."""
    if bench is None:
        return None
    file, _ = load_bench(bench)
    return file.visa_library if file.kind == "visa" else None


def _adapters() -> Item:
    from serial.tools import list_ports

    # Sockets of the board (ttyS) are listed by the system whether anything is there or not.
    ports = [port for port in list_ports.comports() if port.vid is not None or "ttyS" not in port.device]
    if not ports:
        return Item(
            "USB adapters",
            good=True,
            text="none there (fine with GPIB-ETHERNET, GPIB cards or the simulator)",
        )
    closed = [port.device for port in ports if not WINDOWS and not os.access(port.device, os.R_OK | os.W_OK)]
    if closed:
        cure = f"sudo usermod -aG dialout {os.environ.get('USER', '$USER')}, then log in again"
        return Item(
            "USB adapters",
            good=False,
            text=f"no permission to open {', '.join(closed)}: {cure}",
            needed=False,
        )
    return Item(
        "USB adapters", good=True, text=", ".join(f"{port.device} ({port.description})" for port in ports)
    )


def _qt() -> Item:
    if WINDOWS or sys.platform == "darwin":
        return Item("Qt libraries", good=True, text="come with PySide6", needed=False)
    missing = [package for library, package in QT_LIBRARIES.items() if not _loads(library)]
    if missing:
        return Item(
            "Qt libraries",
            good=False,
            text=f"for the desktop: sudo apt install {' '.join(missing)}",
            needed=False,
        )
    return Item("Qt libraries", good=True, text="all there", needed=False)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _sleep() -> Item:
    """Say whether the PC may go to sleep: then nothing watches the cell."""
    if WINDOWS:
        return Item("sleep", good=False, text="check it: powercfg /change standby-timeout-ac 0", needed=False)
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return Item(
            "sleep",
            good=True,
            text="no systemd here: nothing is known that sends this PC to sleep",
            needed=False,
        )
    asked = subprocess.run(
        [systemctl, "is-enabled", "sleep.target"], capture_output=True, text=True, check=False
    )
    if asked.stdout.strip() == "masked":
        return Item("sleep", good=True, text="sleep is masked", needed=False)
    cure = "a sleeping PC watches no cell: sudo systemctl mask sleep.target suspend.target hibernate.target"
    return Item("sleep", good=False, text=cure, needed=False)
