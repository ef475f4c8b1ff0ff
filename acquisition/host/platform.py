"""Where Linux and Windows differ: folders, file locks, processes of their own session, boot time."""

import contextlib
import errno
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from getpass import getuser
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
WINDOWS = sys.platform == "win32"
LONGEST_PATH = 260
BUSY_S = 0.5  # so long another program may have a small file open
_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def state_folder() -> Path:
    """Return the user's folder for the registry and locks, created if necessary (`SOLBENCH_STATE` overrides it)."""
    given = os.environ.get("SOLBENCH_STATE")
    if given:
        folder = Path(given)
    elif WINDOWS:
        folder = Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "solbench"
    else:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "solbench"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def default_bench_path() -> Path:
    """Return where the user's bench file is looked for; the window's settings lie beside it."""
    if WINDOWS:
        return Path(os.environ.get("APPDATA", str(Path.home()))) / "solbench" / "bench.yaml"
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config) / "solbench" / "bench.yaml"


def open_binary(path: Path, flags: int, mode: int = 0o644) -> int:
    """Open a file by its descriptor; bytes are never translated, which Windows does unless it is told not to."""
    return os.open(path, flags | getattr(os, "O_BINARY", 0), mode)


def make_durable(path: Path) -> None:
    """Have the disk keep what was written to a file."""
    descriptor = open_binary(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder_durable(folder: Path) -> None:
    """Have the disk keep which files are in a folder, where the system lets one ask for that."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append_durably(path: Path, whole: int, line: bytes) -> None:
    """Write a line behind the first `whole` bytes of a file that exists, all of it or nothing; the disk has it then.

    Raises OSError.
    """
    descriptor = open_binary(path, os.O_RDWR)
    try:
        os.ftruncate(descriptor, whole)
        os.lseek(descriptor, 0, os.SEEK_END)
        if os.write(descriptor, line) != len(line):
            os.ftruncate(descriptor, whole)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    make_folder_durable(path.parent)


# The host's time in s that continues through suspend and is the same in every process, asked for four times a reading.
# Not monotonic(), which counts in steps of 15.6 ms on Windows.
host_s: Callable[[], float] = (
    partial(time.clock_gettime, _BOOTTIME) if _BOOTTIME is not None else time.perf_counter
)


@cache
def boot_id() -> str:
    """Return what tells this boot of the PC from another ("" where that cannot be known)."""
    if sys.platform != "linux":
        return boot_by_psutil()
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def boot_by_psutil() -> str:
    """Return when a process began that each boot begins once, "" where there is none.

    The system keeps that time as it was: one that is counted back from now moves when the clock is set.
    """
    import psutil

    for pid in sorted(psutil.pids()) if WINDOWS else [1]:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if not WINDOWS or process.name().lower() == "services.exe":
                return repr(process.create_time())
    return ""


def host_time(unix_s: float, told_s: float | None, boot: str) -> float:
    """Return the host's time (s) of a moment that was told in time of day and, in the boot `boot`, in the host's own.

    In another boot only the time of day has gone on; in this one the clock may have been set since.
    """
    if told_s is not None and boot and boot == boot_id():
        return told_s
    return host_s() - (time.time() - unix_s)


def write_private(path: Path, text: str) -> None:
    """Write a small file that only the user can read, in one move."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
    move(part, path)


def write_whole(path: Path, text: str) -> None:
    """Write a text file, all of it or nothing: what stood there before stays until the disk has it all.

    Raises OSError; a part is not left behind.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        make_durable(part)
        move(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            remove(part)
        raise


def read_private(path: Path) -> str:
    """Return the text of such a file; raises OSError."""
    return patiently(path.read_text)


def patiently(act: Callable[[], T]) -> T:
    """Do something with a file that another program may just be reading or replacing: Windows refuses it meanwhile.

    Raises PermissionError where it is refused for longer.
    """
    until_s = time.monotonic() + BUSY_S
    while True:
        try:
            return act()
        except PermissionError:
            if not WINDOWS or time.monotonic() > until_s:
                raise
            time.sleep(0.01)


def remove(path: Path) -> None:
    """Remove a file, where there is one; Windows removes none that a scanner or another program has open.

    Raises PermissionError where that lasts, OSError.
    """
    patiently(lambda: path.unlink(missing_ok=True))


def move(path: Path, target: Path) -> None:
    """Move a file to where it belongs, over what is there; Windows refuses that while either is open elsewhere.

    Raises PermissionError where that lasts, OSError.
    """
    patiently(lambda: os.replace(path, target))


def if_too_long(path: Path | str) -> str:
    """Return what to add to an error about a path: of one that is too long, Windows says that it is not there."""
    if WINDOWS and len(str(path)) + len("journal") >= LONGEST_PATH:
        return (
            f" (Windows takes paths of {LONGEST_PATH} characters and more only where long paths are allowed)"
        )
    return ""


def as_typed(*arguments: str) -> str:
    """Return arguments as they are typed into a command line of this system."""
    return subprocess.list2cmdline(arguments) if WINDOWS else shlex.join(arguments)


def own_session() -> dict[str, Any]:
    """Return the arguments of subprocess.Popen for a child that outlives this program and its terminal."""
    if WINDOWS:
        flags = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(
            subprocess, "CREATE_NEW_PROCESS_GROUP", 0
        )
        return {"creationflags": flags}
    return {"start_new_session": True}


def is_alive(pid: int) -> bool:
    """Say whether a process exists (a zombie does not)."""
    return _started(pid) is not None


def started_at(pid: int) -> str:
    """Return what tells a process from a later one with the same number ("" where that cannot be known)."""
    return _started(pid) or ""


def _started(pid: int) -> str | None:
    """Return when a process began, "" where it may not be asked; None where there is none."""
    return started_by_proc(pid) if sys.platform == "linux" else started_by_psutil(pid)


def started_by_proc(pid: int) -> str | None:
    """Return it in ticks since boot, as Linux itself counts: a time of day moves when the PC's clock is set."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        try:
            os.kill(pid, 0)
        except PermissionError:  # it is another user's, and the system hides those
            return ""
        except OSError:
            return None
        return ""
    return fields[19] if fields[0] != "Z" else None


def started_by_psutil(pid: int) -> str | None:
    """Return the time of day at which it began, which Windows and macOS keep with the process."""
    import psutil

    try:
        process = psutil.Process(pid)
        return repr(process.create_time()) if process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:  # it is another user's
        return ""


def end_last() -> None:
    """Have Windows end this process after all others of the user when he logs off: it may have to act on their end."""
    if WINDOWS:
        import ctypes

        ctypes.windll.kernel32.SetProcessShutdownParameters(0x100, 1)  # type: ignore[attr-defined]


def kill(pid: int) -> None:
    """End a process by force."""
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGTERM if WINDOWS else signal.SIGKILL)  # on Windows any signal ends it by force


FAR = 1 << 40  # behind the end of any file that is locked


NO_LOCKS = "its file system keeps no locks, so that two programs could write here; keep runs on a local disk"


class FileLock:
    """A lock on a file that the operating system takes back when its owner dies.

    `shared`: with the users of this PC, all of whom may open its file, in a folder that is theirs.
    """

    def __init__(self, path: Path, shared: bool = False) -> None:
        self._path = path
        self._shared = shared
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock; False if another process has it.

        Raises OSError where the file cannot be opened, or where its file system keeps no locks.
        """
        descriptor = self._opened(self._path)
        try:
            mine = _locked(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise OSError(error.errno, NO_LOCKS, str(self._path)) from error
        if not mine:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        if self.is_mine():
            return True
        self.release()  # between opening and locking another process put a file of its own in its place
        return False

    def seize(self) -> bool:
        """Take the lock from a process that is stopped; False where the system does not let a file be replaced.

        The lock of that process is then on a file that has no name any more: see `is_mine`.
        """
        if WINDOWS:
            return False
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        descriptor = self._opened(part)
        try:
            if not _locked(descriptor):
                raise PermissionError
            os.replace(part, self._path)  # refused where it is another user's
        except PermissionError:
            part.unlink(missing_ok=True)  # of its own, and never on Windows
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return self.is_mine()

    def _opened(self, path: Path) -> int:
        if not self._shared:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        no_link = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        for flags in (
            os.O_RDWR,
            os.O_RDONLY,
        ):  # what is another user's is not created anew: Linux refuses that
            try:
                return open_binary(path, flags | no_link)
            except PermissionError:
                continue
            except FileNotFoundError:
                break
        with contextlib.suppress(FileExistsError):
            descriptor = open_binary(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | no_link, 0o666)
            if not WINDOWS:
                os.fchmod(descriptor, 0o666)  # whatever the umask takes off
            return descriptor
        return open_binary(path, os.O_RDWR | no_link)

    def write(self, text: str) -> None:
        """Write who has the lock, as far as the file lets itself be written; the lock must be held."""
        assert self._descriptor is not None
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, text.encode())

    def is_mine(self) -> bool:
        """Get whether this process still has the lock: another one may have seized it while this one was stopped."""
        if self._descriptor is None:
            return False
        mine = os.fstat(self._descriptor)
        try:
            there = self._path.stat()
        except OSError:  # nobody has another one
            return True
        return WINDOWS or (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            if self._shared:
                self.write("")
            os.close(self._descriptor)
            self._descriptor = None


def _locked(descriptor: int) -> bool:
    """Lock an open file; False if another process has it. Raises OSError where no process can."""
    try:
        if WINDOWS:
            import msvcrt

            os.lseek(descriptor, FAR, os.SEEK_SET)  # others cannot read what is locked there
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
        return False
    return True


def user_name() -> str:
    """Return the name under which the user is logged in, "" on a system that does not tell."""
    try:
        return getuser()
    except (OSError, KeyError, ImportError):
        return ""
