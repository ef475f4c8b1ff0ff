"""Switching a cell off from outside the program that drove it, until it is verified: the lock, then try after try.

The next program takes lock and port over from a guardian that still tries; see `take_lock`.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.bench_lock import BenchLock, BenchTaken, Holder, places_of
from solbench.acquisition.bench.connect import Description, at_ports, open_instruments
from solbench.acquisition.bench.models import MODELS
from solbench.acquisition.control.bench_history import BenchHistory
from solbench.acquisition.control.duties import (
    Duty,
    duties,
    forget_duty,
    give_order,
    is_ordered,
    read_duty,
    withdraw_order,
    write_duty,
)
from solbench.acquisition.host.platform import boot_id, host_s, kill, write_private
from solbench.drivers.clock import SystemClock
from solbench.drivers.errors import DriverError
from solbench.drivers.links.usb_identity import port_of

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 2.0  # between two tries no port is held
PAUSE_GROWS = 0.1  # by so much of the time that was spent in vain
LOOK_S = 0.05  # how often a guardian that waits looks for an order
HANDED_OVER_WITHIN_S = 10.0  # a try at instruments that are silent lasts some seconds
DYING_S = 2.0  # from the end of a program to its guardian's first word


@dataclass(frozen=True)
class SafetyAction:
    """What was done to a cell: why, when it was off, whether that was verified, in words.

    `off_host_s` is the host's time in the boot `boot`, `off_unix_s` the time of day, None: not switched off.
    """

    why: str
    off_host_s: float | None
    verified: bool
    text: str
    off_unix_s: float | None = None
    boot: str = ""
    tries: int = 1
    pressed: bool = False


class LockLost(Exception):
    """Another program has taken the bench; nothing may be sent any more."""


def guard_path(run: Path) -> Path:
    """Return where it is written what was done to the cell of the run file `run` when its program could not."""
    return run.with_suffix(".guard")


def take_lock(description: Description, me: Holder, within_s: float = HANDED_OVER_WITHIN_S) -> BenchLock:
    """Take the lock of a bench for `me`, also from a guardian whose program has gone; raises BenchTaken.

    The guardian is asked, for it holds the port as well. One that does not answer within `within_s` (host time, s)
    was stopped; should it go on, it finds the lock taken and sends nothing more. The guardian of another user, or of a
    program with another state folder, is not asked: it has a cell of its own to answer for. A look at the bench is
    waited for.
    """
    lock = BenchLock(places_of(description), me)
    if lock.acquire():
        return lock
    began = time.monotonic()
    asked = None
    while (spent_s := time.monotonic() - began) < within_s:
        holder = lock.holder()
        duty = read_duty(holder.bench_key if holder is not None else me.bench_key)
        briefly = holder is not None and holder.deed != "run"
        if duty is not None and duty.watched and holder is not None and not briefly:
            raise BenchTaken(holder)
        if duty is not None and duty.state == "trying" and asked != duty.guardian.pid:
            asked = duty.guardian.pid
            give_order(duty.bench_key, asked)
        if lock.acquire():
            if duty is not None:
                withdraw_order(duty.bench_key)
            return lock
        if (duty is None or duty.watched) and not briefly and spent_s > DYING_S:
            raise BenchTaken(holder)
        time.sleep(FIRST_PAUSE_S)
    return _seized(lock, me)


def _seized(lock: BenchLock, me: Holder) -> BenchLock:
    """Take the lock from a guardian of one's own that does not answer; raises BenchTaken."""
    holder = lock.holder()
    duty = read_duty(holder.bench_key if holder is not None else me.bench_key)
    if duty is None or duty.watched:
        raise BenchTaken(holder)
    withdraw_order(duty.bench_key)
    if lock.seize():
        return lock
    if duty.guardian.alive:  # where a lock cannot be seized
        kill(duty.guardian.pid)
        time.sleep(DYING_S)
    if not lock.acquire():
        raise BenchTaken(holder)
    return lock


def duties_at(description: Description) -> list[Duty]:
    """Return the duties at a place of a bench, whatever bench file it had then."""
    places = set(places_of(description))
    return [duty for duty in duties() if places & set(places_of(Description(**duty.description)))]


def keep_trying(
    duty: Duty, lock: BenchLock, within_s: float | None = None
) -> tuple[Duty, SafetyAction | None]:
    """Try until the cell is verified off, at most for `within_s` (s) if that is given.

    Returns the duty as it is now and what was done; None where it was not achieved in time. The duty stays written down
    until then, with the last problem. Raises LockLost when another program has taken the bench, the lock or the run, or
    asks for it.
    """
    began = time.monotonic()
    while True:
        duty = replace(duty, journal_bytes=_journal_at_rest(duty))
        _require_bench(duty, lock)
        write_duty(duty)
        try:
            deed = make_safe_once(_described(duty), duty.why, partial(_require_bench, duty, lock))
        except LockLost:
            raise
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the cell may still be on: try again
            duty = replace(duty, tries=duty.tries + 1, problem=_found(error))
        else:
            deed = _as_was_said(replace(deed, tries=duty.tries + 1), duty.pressed)
            settle(duty, deed)
            return duty, deed
        _require_bench(duty, lock)
        write_duty(duty)
        spent_s = time.monotonic() - began
        if within_s is not None and spent_s > within_s:
            return duty, None
        _wait(min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, PAUSE_GROWS * spent_s)), duty, lock)


def _described(duty: Duty) -> dict[str, Any]:
    """Return how the bench is opened now: its adapters may have come back under other names."""
    now = {port: port_of(identity) for port, identity in duty.usb.items()}
    moved = {port: found for port, found in now.items() if found is not None}
    return asdict(at_ports(Description(**duty.description), moved))


def make_safe(description: dict[str, Any], why: str, within_s: float) -> SafetyAction:
    """Switch a cell off that nobody is known to drive, trying for `within_s` (s); the lock must be held."""
    until = time.monotonic() + within_s
    tries = 0
    while True:
        tries += 1
        try:
            return replace(make_safe_once(description, why), tries=tries)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the cell may still be on: try again
            if time.monotonic() > until:
                problem = _found(error).rstrip(".")
                text = f"{MODELS[Description(**description).model].by_hand}. The cell is not verified off ({problem})."
                return SafetyAction(why, off_host_s=None, verified=False, text=text, tries=tries)
        time.sleep(FIRST_PAUSE_S)


def make_safe_once(
    description: dict[str, Any], why: str, before_sending: Callable[[], None] = lambda: None
) -> SafetyAction:
    """Open the bench, switch the cell off and verify it; raises what went wrong.

    `before_sending` is called before anything is sent, and may raise.
    """
    opened = open_instruments(Description(**description), SystemClock())
    try:
        before_sending()
        forced = opened.equipment.dc.force_off()
        off_s = forced.at_s or host_s()  # the system's clock is the host's time
        before_sending()
        opened.equipment.dc.make_safe()
    except LockLost:  # the port goes with the process: closing it properly would send something
        raise
    except BaseException:
        opened.close()
        raise
    opened.close()
    unix_s = time.time() - (host_s() - off_s)
    text = "the cell was switched off and verified"
    return SafetyAction(why, off_s, verified=True, text=text, off_unix_s=unix_s, boot=boot_id())


def settle(duty: Duty, deed: SafetyAction) -> None:
    """Leave word beside the run and in the bench's history of when its cell was off, and end the duty."""
    BenchHistory(duty.bench_key).made_safe(
        duty.run, deed.off_unix_s, f"made safe: {deed.why}", deed.off_host_s
    )
    if duty.run:
        with suppress(OSError):
            write_private(guard_path(Path(duty.run)), json.dumps(asdict(deed)))
    forget_duty(duty.bench_key)


def _found(error: Exception) -> str:
    """Return what went wrong; what is to be done says who tells it."""
    return error.what if isinstance(error, DriverError) else str(error) or type(error).__name__


def _as_was_said(deed: SafetyAction, pressed_unix_s: float | None) -> SafetyAction:
    """Count from when a person switched it off: the reading confirms the word."""
    if pressed_unix_s is None or deed.off_unix_s is None or deed.off_host_s is None:
        return deed
    earlier_s = max(0.0, deed.off_unix_s - pressed_unix_s)
    at = datetime.fromtimestamp(pressed_unix_s, UTC).isoformat(timespec="seconds")
    return replace(
        deed,
        off_host_s=deed.off_host_s - earlier_s,
        off_unix_s=deed.off_unix_s - earlier_s,
        text=f"{deed.text}; a person said at {at} that it was switched off by hand",
        pressed=True,
    )


def _wait(pause_s: float, duty: Duty, lock: BenchLock) -> None:
    """Wait for the next try; raises LockLost when another program wants the bench."""
    until = time.monotonic() + pause_s
    while (remaining_s := until - time.monotonic()) > 0.0:
        time.sleep(min(LOOK_S, remaining_s))
        _require_bench(duty, lock)


def _require_bench(duty: Duty, lock: BenchLock) -> None:
    """Raise LockLost unless bench and run are still this guardian's to make safe."""
    if not lock.is_mine():
        raise LockLost("another program has taken the bench")
    if is_ordered(duty.bench_key, duty.guardian.pid):
        raise LockLost("another program asks for the bench")
    if duty.journal_bytes is not None and _length(duty.journal) > duty.journal_bytes:
        forget_duty(duty.bench_key)
        raise LockLost("another program continues the run")


def _journal_at_rest(duty: Duty) -> int | None:
    """Return the length of the journal once its program is gone."""
    if duty.journal_bytes is not None or not duty.journal or duty.engine.alive:
        return duty.journal_bytes
    return _length(duty.journal)


def _length(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0
