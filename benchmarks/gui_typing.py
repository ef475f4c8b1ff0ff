"""How long a key stroke takes on the protocol screen, for a short protocol and for one of many steps.

Run: python -m benchmarks.gui_typing
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np

STEPS = (2, 20, 100)
STROKES = 30


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = tempfile.mkdtemp()
    os.environ["SOLBENCH_STATE"] = os.environ["XDG_CONFIG_HOME"] = folder
    from PySide6.QtWidgets import QApplication

    app = QApplication([])
    from solbench.gui.models.common.settings import Settings
    from solbench.gui.models.context import Context
    from solbench.gui.screens.protocol import ProtocolScreen

    context = Context(Settings(Path(folder) / "desktop.json"))
    context.cell.set("nbh")
    screen = ProtocolScreen(context)
    screen.resize(1250, 540)
    screen.show()
    for steps in STEPS:
        while len(screen.model.data["steps"]) < steps:
            screen.model.add("impedance")
        screen.model.choose((0,))
        print(f"{steps:4} steps: {_strokes(app, screen)}")
    screen.close_down()


def _strokes(app: object, screen: object) -> str:
    times_ms = []
    for number in range(STROKES):
        text = f"-0.{100 + number} mA/cm2"
        began = time.perf_counter()
        screen.model.set(text, "current")  # type: ignore[attr-defined]
        app.processEvents()  # type: ignore[attr-defined]
        times_ms.append((time.perf_counter() - began) * 1e3)
    return f"median {np.median(times_ms):.1f} ms, worst {max(times_ms):.1f} ms a key stroke"


if __name__ == "__main__":
    main()
