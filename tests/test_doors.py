"""Every package says what it is and what it publishes, and each published name is there."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import pyvisa_solbench
import solbench

LAZY = ("acquisition", "analysis", "drivers", "fitting", "simulators")
PACKAGES = [solbench.__name__, pyvisa_solbench.__name__] + [
    module.name
    for top in (solbench, pyvisa_solbench)
    for module in pkgutil.walk_packages(top.__path__, f"{top.__name__}.")
    if module.ispkg
]


def test_the_rooms_are_found():
    assert {f"solbench.{room}" for room in (*LAZY, "cli", "gui", "protocols")} < set(PACKAGES)


def test_every_package_has_a_docstring_and_publishes_what_it_lists():
    for name in PACKAGES:
        package = importlib.import_module(name)
        sentence = (package.__doc__ or "").partition("\n\n")[0]
        assert len(sentence.split()) > 2, name
        assert not sentence.startswith("Room "), name
        missing = [
            published for published in getattr(package, "__all__", ()) if not hasattr(package, published)
        ]
        assert missing == [], name


@pytest.mark.parametrize("room", LAZY)
def test_a_name_is_the_one_of_its_module_whatever_was_imported_before(room):
    """A module of a published name would replace it in the package once it is imported."""
    package = importlib.import_module(f"solbench.{room}")
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert not modules & set(package.__all__)


def test_an_unknown_name_is_an_ordinary_mistake():
    with pytest.raises(ImportError, match="cannot import name 'fitt'"):
        exec("from solbench.fitting import fitt")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = importlib.import_module("solbench.analysis").nothing


def test_doors_load_nothing_before_a_name_is_used():
    rooms = ", ".join(f"solbench.{room}" for room in (*LAZY, "protocols"))
    heavy = "{'numpy', 'h5py', 'pydantic', 'yaml', 'scipy'}"
    program = f"import sys, {rooms}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_module_of_a_published_name_does_not_replace_it():
    """`solbench.protocols.plan` is a module, and what the room publishes by that name is its function."""
    program = (
        "import solbench.protocols.plan as _; from solbench.protocols import plan; print(plan.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "solbench.protocols.plan"


def test_the_window_opens_before_anything_that_reads_runs_benches_and_protocols_is_loaded():
    pytest.importorskip("PySide6")
    heavy = "{'h5py', 'pydantic', 'yaml', 'scipy'}"
    program = f"import sys, solbench.gui.app; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
