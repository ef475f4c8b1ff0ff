"""What a peer's way of keeping samples costs, run by a Python that has the peer: `writing.py WAY FILE COUNT|endless`.

With a count: writes so many samples of time, voltage and current, fsynced once a second, as a run is, and prints the
processor time of one in us. `endless`: writes a hundred a second and prints after each how many were taken, until it is
killed. `WAY FILE rows` prints how many samples are in FILE, `pymeasure_csv FILE column` what it takes to read the
voltage, in ms.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = tuple[float, float, float]
Keep = Callable[[Row], Any]
Way = tuple[Keep, Callable[[], int], Callable[[], Any]]  # keep a row; what to fsync (-1: nothing); finish
NAMES = ("time_s", "voltage_V", "current_A")


def pymeasure_csv(file: Path) -> Way:
    """PyMeasure's recorder: a thread that takes rows from a queue, formats and flushes each."""
    from queue import Queue

    from pymeasure.experiment import FloatParameter, Procedure, Recorder, Results

    class Samples(Procedure):
        DATA_COLUMNS = list(NAMES)
        every = FloatParameter("every", units="s", default=1.0)

    results = Results(Samples(), str(file))
    queue: Queue[Any] = Queue()
    recorder = Recorder(results, queue)
    recorder.start()

    def keep(row: Row) -> None:
        queue.put(dict(zip(NAMES, row, strict=True)))

    def finish() -> None:
        recorder.enqueue_sentinel()
        recorder._thread.join()

    return keep, recorder.handlers[0].stream.fileno, finish


def bluesky_jsonl(file: Path) -> Way:
    """Bluesky's event documents, validated, as lines of JSON."""
    from event_model import compose_run

    stream = file.open("w")
    run = compose_run()
    keys: Any = {name: {"dtype": "number", "shape": [], "source": "benchmark"} for name in NAMES}
    described = run.compose_descriptor(data_keys=keys, name="primary")

    def keep(row: Row) -> None:
        now_s = time.time()
        data = dict(zip(NAMES, row, strict=True))
        document = described.compose_event(data=data, timestamps=dict.fromkeys(NAMES, now_s))
        stream.write(json.dumps(["event", document]) + "\n")
        stream.flush()

    return keep, stream.fileno, stream.flush


def qcodes_database(file: Path) -> Way:
    """QCoDeS's data set in SQLite, each row flushed to the database."""
    import qcodes
    from qcodes.dataset import Measurement, load_or_create_experiment

    qcodes.initialise_or_create_database_at(str(file))
    measurement = Measurement(load_or_create_experiment("samples", "cell"))
    for name in NAMES:
        measurement.register_custom_parameter(name)
    saver = measurement.run().__enter__()

    def keep(row: Row) -> None:
        saver.add_result(*zip(NAMES, row, strict=True))
        saver.flush_data_to_database()

    return keep, lambda: -1, saver.flush_data_to_database  # SQLite syncs by itself


def solbench_journal(file: Path) -> Way:
    """Solbench's journal: a record with its check sum, written before the next."""
    from solbench.acquisition.record.events import Sample
    from solbench.acquisition.record.journal import Journal

    journal = Journal.create(file)

    def keep(row: Row) -> None:
        time_s, voltage_V, current_A = row
        body = Sample(
            step=0, segment=1, voltage_V=voltage_V, current_A=current_A, charge_C=current_A * time_s, range=4
        )
        journal.append(time_s, body)

    return keep, lambda: journal.descriptor, lambda: None


def rows_in(way: str, file: Path) -> int:
    """Return how many samples a file holds that can be read again."""
    if way == "qcodes_database":
        from qcodes.dataset import initialise_or_create_database_at, load_by_id

        initialise_or_create_database_at(str(file))
        return int(load_by_id(1).number_of_results)
    if way == "solbench_journal":
        from solbench.acquisition.record.journal import read_journal

        return sum(1 for _ in read_journal(file))
    lines = [line for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]
    if way == "bluesky_jsonl":
        return len([json.loads(line) for line in lines])
    return sum(not line.startswith(("#", NAMES[0])) for line in lines)


WAYS = {way.__name__: way for way in (solbench_journal, pymeasure_csv, bluesky_jsonl, qcodes_database)}


def main() -> None:
    """Carry out one order."""
    way, file, order = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if order == "rows":
        print(rows_in(way, file))
        return
    if order == "column":
        from pymeasure.experiment import Procedure, Results

        begun_s = time.process_time()
        Results.load(str(file), Procedure).data[NAMES[1]].to_numpy()
        print(1e3 * (time.process_time() - begun_s))
        return
    keep, descriptor, finish = WAYS[way](file)
    if order == "endless":
        for number in itertools.count():
            keep((number * 0.01, 3.1 - number * 1e-5, 1e-4))
            print(number + 1, flush=True)
            time.sleep(0.01)
    rows = [(n * 1.013, 0.9 - 1.3e-6 * n, -1.25613e-4 * (1 + 1e-6 * n)) for n in range(int(order))]
    synced_s, begun_s = time.monotonic(), time.process_time()
    for row in rows:
        keep(row)
        if time.monotonic() - synced_s > 1.0 and descriptor() >= 0:
            os.fsync(descriptor())
            synced_s = time.monotonic()
    finish()
    print(1e6 * (time.process_time() - begun_s) / len(rows))


if __name__ == "__main__":
    main()
