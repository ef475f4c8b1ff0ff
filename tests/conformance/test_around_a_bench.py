"""What surrounds the engine on a bench of another make: its bench file, its limits, `solbench instruments`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from solbench.acquisition.bench.bench import Bench, open_at, open_bench
from solbench.acquisition.bench.bench_file import SIMULATED, BenchFile, parse_bench
from solbench.cli.commands import instruments, run
from solbench.protocols import check, load_cell, parse_protocol
from solbench.protocols.errors import BadInput
from solbench.protocols.plausible import Instruments
from solbench.simulators.clock import VirtualClock
from tests.conformance.benches import SM20_ADDRESS, SM20_BENCH, sm20_reach
from tests.conformance.smu_simulator import Sm20
from tests.conformance.test_runs import HOLDS
from tests.modules import ROOT

PAGE = (ROOT / "docs/adding-an-instrument.md").read_text(encoding="utf-8")
(TEXT,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)


def test_the_bench_file_of_the_page_is_read() -> None:
    bench = parse_bench(TEXT, "bench.yaml")
    assert bench.entries == SM20_BENCH.entries
    assert bench.entries["SM20"].address == SM20_ADDRESS


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("positive_terminal: we_re2", "positive_terminal"),
        ("pair: {}", "pair"),
        ("analyzer_1260: {address: 4}", "analyzer_1260"),
    ],
)
def test_what_belongs_to_another_model_is_refused(line: str, field: str) -> None:
    with pytest.raises(
        BadInput, match=r"model 'sm20' has no such entry.*It has: instruments\.SM20"
    ) as caught:
        parse_bench(f"{TEXT}{line}\n", "bench.yaml")
    assert caught.value.field == field


def test_an_instrument_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(BadInput, match=r"instruments\.SM20") as caught:
        parse_bench(f"{TEXT}  SM21: {{address: 3}}\n", "bench.yaml")
    assert caught.value.field == "instruments.SM21"


def test_only_what_the_program_simulates_is_opened_as_simulated() -> None:
    bench = parse_bench(TEXT.replace("kind: visa", "kind: simulated"), "bench.yaml")
    with pytest.raises(BadInput, match="'sm20' is not simulated") as caught:
        open_bench(bench, {}, lambda: None)
    assert caught.value.field == "model"


def test_the_limits_that_a_check_without_a_bench_takes_are_those_of_the_simulated_one() -> None:
    """What a step asks of the bench, such as an analyzer, is only looked at for a bench that is named."""
    limits = SIMULATED.limits
    assert limits.bench
    assert limits.abilities is not None
    assert replace(limits, bench="", abilities=None) == Instruments()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("current_limit: 5 mA", "current_limit: 1.5 A", "more than the 1 A of the SM20"),
        ("voltage: 1.0 V", "voltage: 21 V", "more than the 20 V of the SM20"),
    ],
)
def test_the_limits_of_a_bench_are_its_own(old: str, new: str, says: str) -> None:
    assert old in HOLDS
    beyond = parse_protocol(HOLDS.replace(old, new), "test")
    found = check(beyond, load_cell("nbh"), instruments=SM20_BENCH.limits)
    assert [finding for finding in found if says in finding.message and finding.grade == "error"]


def test_a_protocol_beyond_the_limits_of_its_bench_is_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1.5 A, which a 1287 has, on a bench that has 1 A."""
    protocol, bench = tmp_path / "p.yaml", tmp_path / "bench.yaml"
    protocol.write_text(HOLDS.replace("current_limit: 5 mA", "current_limit: 1.5 A"), encoding="utf-8")
    bench.write_text(TEXT, encoding="utf-8")
    with pytest.raises(typer.Exit):
        run.command(str(protocol), "nbh", str(bench), output=tmp_path / "a.h5", dummy_cell=True)
    assert "more than the 1 A of the SM20" in capsys.readouterr().err
    assert not list(tmp_path.glob("a.*"))


@pytest.mark.parametrize("breaks", [lambda _sm20: None, lambda sm20: setattr(sm20, "dead", True)])
def test_the_instruments_of_any_bench_are_asked_who_they_are(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    breaks: Callable[[Sm20], None],
) -> None:
    sm20 = Sm20(VirtualClock())
    breaks(sm20)

    def opened(bench: BenchFile, *_how: object) -> Bench:
        return open_at(bench, sm20_reach(sm20), lambda: None, None)

    monkeypatch.setattr(instruments, "open_bench", opened)
    (tmp_path / "bench.yaml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(typer.Exit) as left:
        instruments.command(bench=str(tmp_path / "bench.yaml"), json=True)
    answers = json.loads(capsys.readouterr().out)["instruments"]
    assert list(answers) == ["SM20"]
    assert (left.value.exit_code == 0) is not sm20.dead
    assert ("SM20" in (answers["SM20"]["identity"] or "")) is not sm20.dead
    assert bool(answers["SM20"]["problem"]) is sm20.dead
