"""How tests are dealt to workers: a file to each, those that wait beside those that compute, and none again that has
ended its worker.

xdist 3.8 deals out anew all that a dead worker was given: files that were through, for which the next worker then waits
for ever, and the test that killed it, so that a test out of time would end one worker after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController


# Their tests start programs and wait for them, or for a time to pass. Several at once leave the processors idle.
WAITING = (
    "tests/end_to_end/",
    "tests/gui/test_attached.py",
    "tests/gui/test_leaving.py",
    "tests/gui/test_searching.py",
    "tests/gui/test_spectrum_now.py",
    "tests/gui/test_starting.py",
    "tests/gui/models/sources/test_feed.py",
    "tests/gui/window/test_left_on_bar.py",
    "tests/acquisition/control/test_server.py",
    "tests/acquisition/record/test_storage_thread.py",
    "tests/acquisition/test_modbus_run.py",
    "tests/cli/commands/test_instruments.py",
    "tests/drivers/links/test_rs423.py",
    "tests/drivers/sensors/test_modbus.py",
    "tests/simulators/server/test_faults.py",
)


class FilesOnce(LoadFileScheduling):
    """`--dist loadfile` whose run ends, red, when a worker dies; half of the workers are given files that wait."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Bring forward the next file that waits while fewer than half of the workers have one, else one that computes.

        Where only files of the other kind are left it is one of those.
        """
        busy = sum(
            any(name.startswith(WAITING) and not all(unit.values()) for name, unit in work.items())
            for work in self.assigned_work.values()
        )
        waits = busy < len(self.assigned_work) // 2
        of_kind = (name for name in self.workqueue if name.startswith(WAITING) == waits)
        if (chosen := next(of_kind, None)) is not None:
            self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)

    def remove_node(self, node: WorkerController) -> str | None:
        """Deal out anew what a worker leaves behind; return the test in which it died, None where it had ended."""
        work = self.assigned_work[node]
        crashed = next((test for unit in work.values() for test, done in unit.items() if not done), None)
        left = {
            name: unit
            for name, unit in (
                (name, unit | dict.fromkeys(unit.keys() & {crashed}, True)) for name, unit in work.items()
            )
            if not all(unit.values())
        }
        work.clear()
        work.update(left)
        super().remove_node(node)
        return crashed
