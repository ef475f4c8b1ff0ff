"""A finished file whose place is held: the run says so, nothing is lost, and the next reader puts it there."""

import os
import shutil
from pathlib import Path

import h5py
import pytest

from solbench.acquisition.errors import RunFileHeld
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.final_file import build_final, put_in_place, waiting_path
from solbench.acquisition.record.reader import open_run, outline
from tests.acquisition.record.test_progress import SHORT
from tests.acquisition.runs import Seen, request, run_it


@pytest.fixture
def viewer(monkeypatch: pytest.MonkeyPatch):
    """A program that has run files open; returns the names that it holds, as Windows then refuses to replace them."""
    held: set[str] = set()
    truly = os.replace

    def replace(source: str | Path, target: str | Path) -> None:
        if Path(target).name in held:
            raise PermissionError(13, "The process cannot access the file", str(target))
        truly(source, target)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr("solbench.acquisition.record.final_file.time.sleep", lambda _s: None)
    return held


@pytest.fixture
def run(tiny: Seen) -> Path:
    return tiny.result.run


@pytest.fixture
def live(run: Path, tmp_path: Path) -> Path:
    """What a viewer has open: some file where the finished one belongs, and the journal beside it."""
    path = tmp_path / "a.h5"
    shutil.copy(run.with_suffix(".journal"), path.with_suffix(".journal"))
    path.write_bytes(b"the live file")
    return path


@pytest.mark.parametrize("read", [open_run, outline, put_in_place])
def test_it_waits_beside_its_place_until_somebody_reads_the_run(live: Path, viewer: set[str], read) -> None:
    viewer.add(live.name)
    with pytest.raises(RunFileHeld, match=r"a\.h5 is open in another program.*waits as a\.h5\.new"):
        build_final(live)
    assert live.read_bytes() == b"the live file"
    assert sorted(path.name for path in live.parent.iterdir()) == ["a.h5", "a.h5.new", "a.journal"]
    read(live)
    assert live.read_bytes() == b"the live file"
    assert waiting_path(live).exists()
    viewer.clear()
    read(live)
    assert not waiting_path(live).exists()
    assert open_run(live).completed


def test_one_that_waits_is_overtaken_by_one_that_is_built_later(live: Path, viewer: set[str]) -> None:
    viewer.add(live.name)
    with pytest.raises(RunFileHeld):
        build_final(live)
    viewer.clear()
    build_final(live)
    assert not waiting_path(live).exists()


def test_the_run_is_completed_and_its_file_is_said_to_be_unfinished(tmp_path: Path, viewer: set[str]) -> None:
    def open_it(event: Event) -> None:
        if event.kind == "end":
            viewer.add("held.h5")

    result = run_it(request(tmp_path / "held.h5", SHORT), open_it)
    assert result.completed
    assert result.file_unfinished
    assert not result.file_poisoned
    assert any("held.h5 is open in another program" in alarm for alarm in result.alarms)
    viewer.clear()
    assert open_run(result.run).completed
    assert not waiting_path(result.run).exists()


def test_axes_are_scales_of_what_stands_beside_them(live: Path) -> None:
    """As xarray and other readers of netCDF look for them; NXsensor_scan wants a user and a program."""
    build_final(live)
    with h5py.File(live) as file:
        entry = file["entry"]
        axes = [(entry["samples"], "test_time_second"), (entry["overview"], "test_time_second")]
        axes += [(spectrum, "frequency_hertz") for spectrum in entry["spectra"].values()]
        for group, axis in axes:
            assert group[axis].is_scale
            others = [data for name, data in group.items() if name != axis]
            assert all(data.dims[0][0] == group[axis] for data in others), group.name
        assert entry["user"].attrs["NX_class"] == "NXuser"
        assert entry["user/name"][()]
        assert entry["process/program"][()] == b"solbench"
        assert entry["process/program"].attrs["version"]
        assert entry["definition"].attrs["version"]
