import os
import subprocess
import sys

import pytest
from PySide6.QtGui import QImage

from solbench.gui.palette import DARK, LIGHT
from tests.end_to_end.programs import REPOSITORY

KEYS = ("connect", "cell", "protocol", "start", "queue", "live", "data", "fit", "report")


@pytest.mark.long
def test_pictures_of_every_screen_in_three_looks(finished, tmp_path):
    command = [
        sys.executable,
        "-m",
        "solbench.gui.screenshots",
        str(tmp_path / "shots"),
        "--run",
        str(finished),
    ]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    shots = {path.stem: QImage(str(path)) for path in (tmp_path / "shots").iterdir()}
    assert set(shots) >= {f"{look}-{key}" for look in ("light", "dark", "200") for key in KEYS}
    for name, image in shots.items():
        look, _, _ = name.partition("-")
        assert (image.width(), image.height()) == ((2732, 1536) if look == "200" else (1366, 768))
        panel = (DARK if look == "dark" else LIGHT).panel
        middle = image.pixelColor(image.width() // 2, 25 * image.width() // 1366)
        assert middle.name() == panel, name
    assert shots["light-fit"] != shots["light-report"]
