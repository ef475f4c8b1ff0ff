"""The sensors of a simulated bench behind a real Modbus server: on TCP, or RTU on a pair of pseudo-terminals."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from solbench.simulators.sensors.registers import NoSuchRegister, RegisterBank

_FUNCTIONS = {3: "holding", 4: "input"}
_SETS = (6, 16)
_REGISTERS = 65_536
_NEVER_S = 3600.0
_STARTS_WITHIN_S = 10.0
_SILENT = logging.NullHandler()

Action = Callable[[int, int, int, int, list[int], Any], Coroutine[None, None, "ExcCodes | None"]]


class ModbusServer:
    """Serves the registers of a bank until `close`; `address` is what a client opens.

    bank: what is read. pty: RTU on a pseudo-terminal in the place of TCP (POSIX only). port: of TCP, 0 for any.
    `hangs_s`: so long every answer takes from now on. Raises OSError for a port in use.
    """

    def __init__(self, bank: RegisterBank, *, port: int = 0, pty: bool = False) -> None:
        self.hangs_s = 0.0
        self._bank = bank
        self._pair = PtyPair() if pty else None
        self._port = port
        self._started = threading.Event()
        self._problem: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="modbus", daemon=True)
        logging.getLogger("pymodbus.logging").addHandler(_SILENT)
        self._thread.start()
        if not self._started.wait(_STARTS_WITHIN_S) or self._problem is not None:
            raise self._problem or OSError("the Modbus server did not start")

    @property
    def address(self) -> str:
        """Get what a client opens: `tcp://127.0.0.1:PORT`, or the name of a serial port."""
        return self._pair.client if self._pair is not None else f"tcp://127.0.0.1:{self._port}"

    def close(self) -> None:
        """Hang up."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if self._pair is not None:
            self._pair.close()

    def __enter__(self) -> ModbusServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await self._listening()
        except (OSError, RuntimeError) as error:
            self._problem = OSError(str(error))
            self._started.set()
            return
        self._started.set()
        await self._stop.wait()
        await server.shutdown()  # type: ignore[no-untyped-call]
        waiting = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in waiting:  # answers that never came
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _listening(self) -> ModbusTcpServer | ModbusSerialServer:
        devices = [
            SimDevice(
                unit_id,
                SimData(0, count=_REGISTERS, values=0, datatype=DataType.REGISTERS),
                action=self._action(unit_id),
            )
            for unit_id in sorted(self._bank.unit_ids)
        ]
        if self._pair is not None:
            serial = ModbusSerialServer(devices, port=self._pair.server, ignore_missing_devices=True)
            await serial.serve_forever(background=True)
            return serial
        network = ModbusTcpServer(devices, address=("127.0.0.1", self._port), ignore_missing_devices=True)
        await network.serve_forever(background=True)
        listening: Any = network.transport
        self._port = listening.sockets[0].getsockname()[1]
        return network

    def _action(self, unit_id: int) -> Action:
        async def answer(
            function_code: int,
            start_address: int,
            address: int,
            count: int,
            current_registers: list[int],
            set_values: Any,
        ) -> ExcCodes | None:
            words: Sequence[int] | None = None
            try:
                if set_values:
                    self._bank.write(unit_id, address, set_values)
                elif function_code not in _SETS:  # which is asked for what was set just now
                    words = self._bank.read(unit_id, _FUNCTIONS.get(function_code, ""), address, count)
            except NoSuchRegister:
                return ExcCodes.ILLEGAL_ADDRESS
            except TimeoutError:
                await asyncio.sleep(_NEVER_S)
                return ExcCodes.DEVICE_FAILURE
            await asyncio.sleep(self.hangs_s)
            if words is not None:
                current_registers[address - start_address : address - start_address + count] = words
            return None

        return answer


class PtyPair:
    """Two pseudo-terminals joined like a cable; `server` and `client` are the names of its ends."""

    def __init__(self) -> None:
        import tty

        self._ends = [os.openpty() for _ in range(2)]
        for _, slave in self._ends:
            tty.setraw(slave)
        self.server, self.client = (os.ttyname(slave) for _, slave in self._ends)
        self._wake_read, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._carry, name="cable", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the cable away."""
        os.write(self._wake, b"!")
        self._thread.join()
        for file in (*(one for end in self._ends for one in end), self._wake, self._wake_read):
            os.close(file)

    def _carry(self) -> None:
        (one, _), (other, _) = self._ends
        across = {one: other, other: one}
        while True:
            ready, _, _ = select.select([one, other, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            for end in ready:
                with suppress(OSError):
                    os.write(across[end], os.read(end, 4096))
