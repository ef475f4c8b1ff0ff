"""What `solbench doctor` says of ports that are only listed by the system."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from solbench.cli.commands.doctor import _adapters


def test_a_socket_of_the_board_is_no_adapter(monkeypatch: pytest.MonkeyPatch):
    board = SimpleNamespace(device="/dev/ttyS0", vid=None, description="n/a")
    monkeypatch.setattr(list_ports, "comports", lambda: [board])
    assert _adapters().text.startswith("none there")


def test_a_plugged_in_adapter_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path):
    device = tmp_path / "ttyUSB0"
    device.touch()
    adapter = SimpleNamespace(device=str(device), vid=0x0403, description="Prologix GPIB-USB")
    monkeypatch.setattr(list_ports, "comports", lambda: [adapter])
    assert "Prologix GPIB-USB" in _adapters().text
