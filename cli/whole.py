"""The command line with all of its commands, for those who look at them: tests, and the pages made of their help."""

from types import ModuleType

from solbench.cli.commands import (
    check,
    doctor,
    export,
    fit,
    gui,
    import_protocol,
    instruments,
    make_safe,
    practice,
    queue,
    recover,
    report,
    resume,
    run,
    runs,
    service,
    simulate,
    summary,
    verbs,
)
from solbench.cli.commands.bench import board, commission, manual, meters, thermometer
from solbench.cli.commands.cells import cell, correct, tag
from solbench.cli.commands.dialogues import replay
from solbench.cli.commands.journals import pack, publish
from solbench.cli.commands.protocols import describe, new
from solbench.cli.commands.under_way import change, notify, spectrum
from solbench.cli.main import COMMANDS, app_of

MODULES: tuple[ModuleType, ...] = (
    cell,
    describe,
    new,
    board,
    change,
    check,
    commission,
    correct,
    doctor,
    export,
    fit,
    gui,
    import_protocol,
    instruments,
    make_safe,
    manual,
    meters,
    notify,
    pack,
    practice,
    publish,
    queue,
    recover,
    replay,
    report,
    resume,
    run,
    runs,
    service,
    simulate,
    spectrum,
    summary,
    tag,
    thermometer,
    verbs,
)
"""Where `COMMANDS` are found by their names; imported here, so that whoever reads imports sees them."""
app = app_of(COMMANDS)
