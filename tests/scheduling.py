"""How tests are dealt to workers: a file to each, and none again that has ended its worker.

xdist 3.8 deals out anew all that a dead worker was given: files that were through, for which the next worker then waits
for ever, and the test that killed it, so that a test out of time would end one worker after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController


class FilesOnce(LoadFileScheduling):
    """`--dist loadfile` whose run ends, red, when a worker dies."""

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
