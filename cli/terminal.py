"""A person at the terminal mounts the parts, and says so."""

import queue
import sys
import threading
from collections.abc import Callable

from solbench.acquisition.bench.commissioning.record import Step
from solbench.acquisition.commission.parts import Mounting, beginning
from solbench.drivers.clock import HOST_SLICE_S
from solbench.protocols.errors import BadInput


class AtTerminal:
    """A person at the terminal; `poll` is called while they are waited for, and may raise Interrupted."""

    def __init__(self, poll: Callable[[], None]) -> None:
        self._poll = poll
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None

    def mount(self, mounting: Mounting) -> bool:
        """Show how the part is clamped, and wait for a word."""
        print(f"\n{mounting.words}\n\n{mounting.drawing}\n")
        while True:
            answer = self._ask("Clamped? y: yes, it is; n: the part is not at hand: ").strip().lower()
            if answer in ("y", "yes"):
                return True
            if answer in ("n", "no"):
                print(f"Left out: {mounting.cost}.")
                return False

    def number(self, question: str, unit: str) -> float | None:
        """Ask for a number; nothing is no answer."""
        while True:
            answer = self._ask(f"{question} In {unit}, or nothing: ").strip()
            if not answer:
                return None
            try:
                return float(answer.replace(",", "."))
            except ValueError:
                print("That is not a number.")

    def begin(self, step: Step) -> None:
        """Print which step begins."""
        print(beginning(step))

    def show(self, text: str) -> None:
        """Show nothing: what counts is told at the end of the step."""

    def tell(self, text: str) -> None:
        """Print it."""
        print(text)

    def _ask(self, prompt: str) -> str:
        """Wait for a line; the guardian is told meanwhile that this program lives."""
        print(prompt, end="", flush=True)
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
            self._reader.start()
        while True:
            self._poll()
            try:
                line = self._lines.get(timeout=HOST_SLICE_S)
            except queue.Empty:
                continue
            if not line:
                raise BadInput(
                    "nobody is at the terminal: what is clamped must be said by a person",
                    "Call it from a terminal",
                )
            return line

    def _read(self) -> None:
        """Read lines; an empty one is the end."""
        for line in iter(sys.stdin.readline, ""):
            self._lines.put(line)
        self._lines.put("")
