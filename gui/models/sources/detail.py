"""Samples of blocks that the window has let go of, read again in a thread of their own."""

import threading
from collections.abc import Callable

import numpy as np

from solbench.acquisition.record.columns import SAMPLE
from solbench.acquisition.record.slices import UNREADABLE, Slices
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.blocks import BLOCK
from solbench.gui.models.common.trace import Detail


class DetailReader:
    """Reads the samples of blocks in a thread that begins with the first request; the newest request counts."""

    def __init__(self, slices: Callable[[], Slices]) -> None:
        self._slices = slices
        self._request: Array | None = None
        self._answer: Detail | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    def want(self, blocks: Array) -> None:
        """Ask for the samples of these blocks."""
        with self._changed:
            self._request = blocks
            self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="detail", daemon=True)
            self._thread.start()

    def take(self) -> Detail | None:
        """Return what was read since the last call."""
        with self._changed:
            answer, self._answer = self._answer, None
        return answer

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def _serve(self) -> None:
        while True:
            with self._changed:
                while self._request is None and not self._closing:
                    self._changed.wait()
                blocks, self._request = self._request, None
                if self._closing or blocks is None:
                    return
            try:
                answer = detail_of(blocks, self._slices())
            except UNREADABLE:  # the blocks stay on show; the next view asks again
                continue
            with self._changed:
                self._answer = answer


def detail_of(blocks: Array, slices: Slices) -> Detail:
    """Read the samples of blocks; those that are not whole where they are read are left out."""
    starts = np.flatnonzero(np.diff(blocks, prepend=-2) > 1)
    groups = np.split(blocks, starts[1:])
    parts = slices.read([(int(group[0]) * BLOCK, (int(group[-1]) + 1) * BLOCK) for group in groups])
    whole = [
        (group, part) for group, part in zip(groups, parts, strict=True) if len(part) == len(group) * BLOCK
    ]
    rows = np.concatenate([part for _, part in whole]) if whole else np.empty(0, SAMPLE)
    found = np.concatenate([group for group, _ in whole]) if whole else blocks[:0]
    columns = tuple(rows[name].astype(np.float32) for name in ("voltage_V", "current_A"))
    return Detail(found, rows["time_s"].copy(), columns)
