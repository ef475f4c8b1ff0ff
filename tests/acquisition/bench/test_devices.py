"""A run goes on by itself where its adapter has another name now, and only with that adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from solbench.acquisition.bench.bench_file import BenchFile, load_bench
from solbench.acquisition.bench.devices import devices_of, followed
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.run.start import Request, resume, start
from solbench.protocols import load_cell, parse_protocol
from solbench.protocols.errors import BadInput
from tests.end_to_end.served import THREE_MINUTES, ServedBench, served_bench


def usb(device: str, serial_number: str) -> ListPortInfo:
    port = ListPortInfo(device)
    port.vid, port.pid, port.serial_number = 0x1D50, 0x6018, serial_number
    return port


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> list[ListPortInfo]:
    """The serial ports of this computer."""
    found: list[ListPortInfo] = []
    monkeypatch.setattr(list_ports, "comports", lambda: found)
    return found


TWO_PORTS = BenchFile.model_validate(
    {
        "name": "rs423",
        "kind": "serial",
        "analyzer_1260": {"address": "COM3"},
        "potentiostat_1287": {"address": "COM4", "settings": {"standby": "half"}},
    }
)


def test_each_port_is_followed_by_itself(ports: list[ListPortInfo]):
    ports += [usb("COM3", "A"), usb("COM4", "B")]
    devices = devices_of(TWO_PORTS)
    assert followed(TWO_PORTS, devices) is TWO_PORTS
    ports[:] = [usb("COM4", "A"), usb("COM9", "B")]  # one where the other was
    now = followed(TWO_PORTS, devices)
    assert (now.analyzer_1260.address, now.potentiostat_1287.address) == ("COM4", "COM9")
    assert now.potentiostat_1287.settings == {"standby": "half"}


def test_a_port_without_its_device_is_kept_if_nothing_else_is_there(ports: list[ListPortInfo]):
    ports += [usb("COM3", "A"), usb("COM4", "B")]
    devices = devices_of(TWO_PORTS)
    ports.clear()
    assert followed(TWO_PORTS, devices) is TWO_PORTS
    ports += [usb("COM3", "C")]
    with pytest.raises(BadInput, match=r"serial number A, is not connected, and at COM3 is another one"):
        followed(TWO_PORTS, devices)


def stopped_run(served: ServedBench, run: Path, port: Path) -> None:
    """Begin a run at a port of this name, and stop it."""
    text = served.bench.read_text()
    bench, _ = load_bench(str(served.bench))
    port.symlink_to(bench.adapter or "")
    served.bench.write_text(text.replace(bench.adapter or "", str(port)))
    bench, text = load_bench(str(served.bench))
    control = RunControl()

    def stop(event: Any) -> None:
        if event.kind == "sample":
            control.request("stopped by a test")

    protocol = parse_protocol(THREE_MINUTES.replace("180 s", "20 s"), "test")
    request = Request(protocol, load_cell("nbh"), bench, text, run)
    assert start(request, control, [stop]).outcome == "interrupted"


@pytest.mark.long
def test_a_run_is_resumed_at_the_port_where_its_adapter_is_now(tmp_path, ports, monkeypatch):
    run, before, after = tmp_path / "a.h5", tmp_path / "ttyUSB0", tmp_path / "ttyUSB1"
    with served_bench(tmp_path, "--pty", "--speed", "30", listens=False) as served:
        monkeypatch.setenv("SOLBENCH_STATE", served.environment["SOLBENCH_STATE"])
        ports += [usb(str(before), "PX1")]
        stopped_run(served, run, before)
        before.rename(after)
        ports[:] = [usb(str(after), "PX1"), usb("/dev/ttyS0", "PX2")]
        assert resume(run, RunControl()).completed
        assert not served.control.truth()["polarized"]
    sessions = [event.body for event in read_journal(journal_path(run)) if event.kind == "session"]
    assert [list(session.usb) for session in sessions] == [[str(before)], [str(after)]]
    assert sessions[1].bench is not None
    assert str(after) in sessions[1].bench.text
