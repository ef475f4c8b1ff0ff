"""The tests of a module lie where the module lies: `tests/drivers/test_clock.py` for `drivers/clock.py`.

A test file of the same folder that imports the module does as well: small modules are tested together. What is
tested from elsewhere stands in the table, with the reason.
"""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import grimp

from tests.modules import MODULES, ROOT

TESTS = ROOT / "tests"
NAMED = re.compile(r"\b(?:solbench|pyvisa_solbench|tests)(?:\.\w+)*")

# pattern of modules -> the test file that carries them out, and why they have none of their own
ELSEWHERE = {
    "acquisition/bench/dialogue/*": ("acquisition/run/test_replay.py", "what is recorded is replayed"),
    "acquisition/bench/guard*": ("end_to_end/test_guardian.py", "the guardian is a process of its own"),
    "acquisition/bench/gauges/lines": (
        "acquisition/test_modbus_run.py",
        "a run reads sensors at their lines",
    ),
    "acquisition/bench/looking": ("end_to_end/test_one_master.py", "a look is tried beside a run"),
    "acquisition/bench/watch": ("acquisition/engine/test_schedule.py", "a schedule is made from a watch"),
    "acquisition/commission/*": (
        "acquisition/commission/test_procedure.py",
        "steps are carried out by the procedure, on simulated specimens",
    ),
    "acquisition/control/idle": ("end_to_end/test_run.py", "what a paused run does, seen from outside"),
    "acquisition/control/outcome": ("analysis/test_summary.py", "a summary says how a run ended"),
    "acquisition/control/published_run": ("acquisition/control/test_server.py", "what the server publishes"),
    "acquisition/engine/actions": ("acquisition/engine/techniques/test_holds.py", "what techniques yield"),
    "acquisition/engine/on_demand": ("acquisition/test_asked_spectrum.py", "a spectrum within a run"),
    "acquisition/engine/switch": ("acquisition/test_safety.py", "what is switched when a run goes wrong"),
    "acquisition/engine/techniques/amplitude": ("acquisition/test_set_means_reached.py", "in whole runs"),
    "acquisition/engine/techniques/impedance": ("acquisition/test_half_cell.py", "spectra of a whole run"),
    "acquisition/engine/techniques/impedance_driven": (
        "acquisition/test_driven_spectra.py",
        "in whole runs, as the other ways of measuring a spectrum",
    ),
    "acquisition/engine/techniques/impedance_galvanostatic": (
        "acquisition/test_alternating_current.py",
        "spectra of whole runs",
    ),
    "acquisition/engine/techniques/impedance_1260": (
        "acquisition/test_cycling.py",
        "the 1260 alone, on pellets",
    ),
    "acquisition/engine/techniques/probes": ("acquisition/test_set_means_reached.py", "in whole runs"),
    "acquisition/engine/techniques/table": ("acquisition/test_cycling.py", "every technique is found in it"),
    "acquisition/host/shared_folder": (
        "acquisition/bench/test_bench_lock.py",
        "where the locks of benches lie",
    ),
    "acquisition/bench/gauges/chamber_entry": (
        "acquisition/bench/gauges/test_chamber.py",
        "what a file says of a chamber",
    ),
    "acquisition/engine/techniques/condition": (
        "acquisition/engine/test_chamber.py",
        "what a run asks a chamber for",
    ),
    "acquisition/record/bodies/*": ("acquisition/record/test_events.py", "every kind is encoded and decoded"),
    "acquisition/record/beside/lines": (
        "acquisition/record/correcting/test_corrections.py",
        "what is appended to a file beside a run, torn and damaged",
    ),
    "acquisition/record/beside/set_conditions": (
        "analysis/experiments/test_conductivity_against_temperature.py",
        "what a person has set acts in the spectra of a run",
    ),
    "acquisition/record/codec": ("acquisition/record/test_events.py", "every kind is encoded and decoded"),
    "acquisition/record/hdf5": ("acquisition/test_run_file.py", "every file is opened by it"),
    "acquisition/run/*": ("acquisition/test_way_out.py", "a session from its start to its way out"),
    "analysis/experiments/in_report": ("analysis/report/test_make.py", "figures and tables of a report"),
    "analysis/experiments/*": (
        "analysis/experiments/test_conductivity_against_temperature.py analysis/experiments/test_series.py",
        "an experiment is tested as a whole, from protocol to figure",
    ),
    "analysis/exports/*": (
        "analysis/exports/test_protocols.py analysis/exports/test_bdf.py",
        "exports are compared as whole files",
    ),
    "analysis/imports/cycling/*": (
        "analysis/imports/cycling/test_files.py",
        "readers are tested by files as their programs write them",
    ),
    "analysis/imports/*": ("analysis/imports/test_spectra.py", "readers are tested by files of the programs"),
    "analysis/interruptions": ("analysis/test_summary.py", "what a direct current meets, by whole runs"),
    "analysis/null_result": ("analysis/test_summary.py", "words of a summary"),
    "analysis/report/*": ("analysis/report/test_make.py", "a page is made as a whole"),
    "analysis/views/fit_*": ("cli/commands/test_fit.py", "what the command fit writes"),
    "analysis/temperature": ("acquisition/test_modbus_run.py", "temperatures act in the conclusions of runs"),
    "cli/*": ("end_to_end/test_run.py", "the command line is tested as a process"),
    "drivers/clock": ("drivers/links/test_link.py", "a link waits by it"),
    "drivers/links/ear": ("acquisition/run/test_replay.py", "what is heard is replayed"),
    "drivers/links/incidents": ("drivers/links/test_asking.py", "what is asked again is noted"),
    "drivers/links/status_bit": ("drivers/links/test_asking.py", "a link learns which bit counts"),
    "drivers/links/wire": ("drivers/links/test_link.py", "the transfers of a link"),
    "drivers/links/prologix_*": ("drivers/links/test_prologix.py", "parts of one adapter"),
    "drivers/solartron/commands*": ("drivers/links/test_commands.py", "every code of a table is sent"),
    "drivers/solartron/fra_pair": ("drivers/solartron/test_pair.py", "what pairs of all makes share"),
    "drivers/keithley/commands*": ("drivers/links/test_commands.py", "as those of Solartron"),
    "drivers/srs/pair": ("conformance/test_analyzer.py", "what the engine relies on in every pair"),
    "drivers/solartron/reading_times": (
        "drivers/solartron/test_solartron1287.py",
        "when readings are looked for",
    ),
    "drivers/solartron/family": ("drivers/solartron/test_solartron1260.py", "what both instruments share"),
    "fitting/*": (
        "fitting/test_joint_fit.py fitting/test_dc_polarization.py",
        "parts of a fit, which is compared with what was put in",
    ),
    "gui/*": (
        "gui/test_access.py gui/test_path.py gui/screens/test_queue.py",
        "the window is tested as a whole, through the keyboard and the mouse",
    ),
    "simulators/server/modbus": ("drivers/sensors/test_modbus.py", "a client of another library reads it"),
    "protocols/experiments": ("protocols/test_protocol_files.py", "they equal the files that are included"),
    "protocols/kinds/driven/current*": (
        "protocols/kinds/test_constant_current.py",
        "parts of one kind of step",
    ),
    "protocols/quantities/units": ("protocols/quantities/test_quantity.py", "quantities are parsed by them"),
    "pyvisa_solbench/__main__": ("test_scripts_as_they_are.py", "a script is run as a process"),
    "pyvisa_solbench/linux_gpib": ("test_scripts_as_they_are.py", "what a script imports"),
    "pyvisa_solbench/bench_file": ("test_pyvisa_solbench.py", "a bench is opened by its file"),
    "simulators/*": (
        "simulators/test_bench.py test_pyvisa_solbench.py",
        "the bench is measured at its bus, as on metal",
    ),
}


def has_something_to_test(path: Path) -> bool:
    return re.search("^(async def|def|class) ", path.read_text(encoding="utf-8"), re.M) is not None


@cache
def imported(path: Path) -> frozenset[str]:
    """The modules that a file names in its imports."""
    found: set[str] = set()
    for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(part, ast.Import):
            found.update(alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom) and part.module is not None:
            found.update((part.module, *(f"{part.module}.{alias.name}" for alias in part.names)))
    return frozenset(found)


def stems(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix()


def is_beside(name: str, path: Path) -> bool:
    folder = TESTS / path.parent.relative_to(ROOT)
    if (folder / f"test_{path.name}").exists():
        return True
    return any(name in imported(test) for test in folder.glob("test_*.py"))


@cache
def alone() -> dict[str, str]:
    """The modules without a test beside them, by where they lie."""
    return {
        stems(path): name
        for name, path in MODULES.items()
        if path.stem != "__init__" and has_something_to_test(path) and not is_beside(name, path)
    }


def entry_of(stem: str) -> str | None:
    """The first pattern of the table that a module matches."""
    return next((pattern for pattern in ELSEWHERE if fnmatchcase(stem, pattern)), None)


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("solbench", "pyvisa_solbench", cache_dir=None)


@cache
def reached(test: Path) -> frozenset[str]:
    """The modules that a test file can run: what it names, for a process too, with its conftest and helpers."""
    waiting = [test, *(folder / "conftest.py" for folder in test.parents if folder.is_relative_to(TESTS))]
    seen: set[Path] = set()
    modules: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.exists():
            continue
        seen.add(path)
        for name in NAMED.findall(path.read_text(encoding="utf-8")):
            if name.startswith("tests."):
                waiting.append(ROOT / f"{name.replace('.', '/')}.py")
            elif name in graph().modules:
                modules |= {name} | graph().find_upstream_modules(name)
    return frozenset(modules)


def test_every_module_is_tested_beside_it_or_stands_in_the_table() -> None:
    assert [stem for stem in alone() if entry_of(stem) is None] == []


def test_every_entry_of_the_table_is_needed_and_names_a_test_that_carries_the_modules_out() -> None:
    for pattern, (files, _) in ELSEWHERE.items():
        modules = {name for stem, name in alone().items() if entry_of(stem) == pattern}
        assert modules, f"everything that {pattern!r} stands for is tested beside it; take the entry out"
        tests = [TESTS / name for name in files.split()]
        assert all(test.exists() for test in tests), pattern
        assert modules - frozenset[str]().union(*map(reached, tests)) == set(), pattern
