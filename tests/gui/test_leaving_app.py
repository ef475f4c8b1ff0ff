import subprocess
import sys

from tests.end_to_end.programs import environment

PROGRAM = """
import threading, h5py
from h5py._objects import phil
from solbench.gui.app import left
holds = threading.Event()
def hang():
    with phil:
        holds.set()
        threading.Event().wait()
threading.Thread(target=hang, name="rows", daemon=True).start()
holds.wait()
raise SystemExit(left(3))
"""


def test_window_ends_although_a_reader_hangs_in_a_file(tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM],
        env=environment(tmp_path) | {"QT_QPA_PLATFORM": "offscreen"},
        timeout=30,
    )
    assert done.returncode == 3
