"""A run that can be found and spoken to: its entry in the registry and its control channel."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from solbench.acquisition.control import registry
from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.server import (
    Change,
    ControlServer,
    Manual,
    Note,
    Spectrum,
    no_change,
    no_manual,
    no_spectrum,
)
from solbench.acquisition.record.events import Event, Header


@dataclass
class PublishedRun:
    """An open control channel with its entry; `take` hears the run's events."""

    server: ControlServer
    run: str

    @classmethod
    def open(
        cls,
        run: Path,
        header: Header,
        bench_key: str,
        run_control: RunControl,
        status: Callable[[], Status],
        note: Note,
        spectrum: Spectrum = no_spectrum,
        manual: Manual = no_manual,
        change: Change = no_change,
    ) -> PublishedRun:
        """Begin to serve and write the entry."""
        token = secrets.token_urlsafe(24)
        version = header.program.version
        server = ControlServer(token, version, run_control, status, note, spectrum, manual, change)
        pid, pid_started = registry.this_process()
        server.start()
        entry = registry.Entry(
            run=header.run,
            path=str(run),
            pid=pid,
            pid_started=pid_started,
            port=server.port,
            token=token,
            bench=header.bench.name,
            bench_key=bench_key,
            protocol=header.protocol.name,
            cell=header.cell.name,
            started=header.started,
            version=version,
        )
        registry.register(entry)
        return cls(server, header.run)

    def watched(self) -> bool:
        """Say whether a viewer follows the run."""
        return self.server.watched

    def take(self, event: Event) -> None:
        """Tell clients of an event that is no sample; those they read from the live file."""
        self.server.publish(event.json())

    def close(self) -> None:
        """Take the entry back and close the channel."""
        registry.unregister(self.run)
        self.server.close()
