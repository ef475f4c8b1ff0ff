"""A served bench that holds another cell than the run is about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.bench.served_cell import require_cell
from solbench.cli.commands.simulate import bench_text
from solbench.protocols import CellRecord, load_cell
from solbench.protocols.errors import BadInput
from solbench.simulators.server.client import Control
from solbench.simulators.server.server import BenchServer, served_bench
from tests.acquisition.runs import TINY, quiet_bench, request, run_it


@pytest.fixture(scope="module")
def server() -> Iterator[BenchServer]:
    bench = served_bench(load_cell("nbh").build("half").simulated_cell(), speed=60.0)
    with BenchServer(bench, cell_name="nbh, build half") as served:
        yield served


def wider(record: CellRecord) -> CellRecord:
    """The same record with a larger half cell."""
    half = record.builds["half"].model_dump(mode="json", exclude_unset=True)
    other = {**record.model_dump(mode="json", exclude_unset=True)}
    other["builds"] = {**other["builds"], "half": {**half, "area": "1 cm2"}}
    return CellRecord.model_validate(other)


@pytest.mark.parametrize(
    ("cell", "build", "words"),
    [
        (load_cell("nps"), "half", "electrolyte"),
        (load_cell("nbh"), "full", "it is a half build there, a full build here"),
        (wider(load_cell("nbh")), "half", "area 0.785 cm2 there, 1 cm2 here"),
    ],
)
def test_another_cell_build_or_area_is_refused_in_words(server, cell: CellRecord, build: str, words: str):
    with pytest.raises(BadInput) as refused:
        require_cell(server.control, cell.build(build).simulated_cell())
    assert words in str(refused.value)
    assert "nbh, build half" in str(refused.value)
    assert refused.value.field == "--cell"


@pytest.mark.parametrize("temperature_K", [None, 303.15])
def test_the_same_cell_is_accepted_at_any_temperature(server, temperature_K: float | None):
    require_cell(server.control, load_cell("nbh").build("half").simulated_cell(temperature_K))


def test_a_run_on_it_begins_nothing(server, tmp_path: Path):
    text = bench_text(quiet_bench(), server.adapter, server.control, server.addresses)
    bench = parse_bench(text, "served.yaml")
    with pytest.raises(BadInput, match="another cell"):
        run_it(request(tmp_path / "r.h5", TINY, "nps", bench))
    assert list(tmp_path.iterdir()) == []
    with Control(server.control) as control:
        truth = control.truth()
    assert truth["polarized"] is False
    assert truth["closed_host_s"] is None


def test_a_cell_that_is_mounted_later_is_the_one_that_counts(server):
    with Control(server.control) as control:
        control.order({"set": "cell", "cell": load_cell("nps").build("half").simulated_cell(), "name": "nps"})
        require_cell(server.control, load_cell("nps").build("half").simulated_cell())
        with pytest.raises(BadInput, match=r"another cell \(nps\)"):
            require_cell(server.control, load_cell("nbh").build("half").simulated_cell())
        control.set_cell(load_cell("nbh").build("half").simulated_cell())
    require_cell(server.control, load_cell("nbh").build("half").simulated_cell())


def test_a_simulation_that_does_not_answer_is_left_to_the_opening():
    require_cell("127.0.0.1:1", {"kind": "half"})
