"""The command `solbench`: one paragraph for bad input, never a traceback for what the user can mend.

Exit codes: 0 completed, 1 ended otherwise (limit, stop, fault), 2 bad input.
"""

from __future__ import annotations

import sys

import typer

from cli import check, doctor, fit, instruments, make_safe, recover, resume, run, simulate, summary, verbs

app = typer.Typer(
    name="solbench",
    help="Run cells on a Solartron 1260 and 1287, or on the simulated bench.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.command)
app.command("check")(check.command)
app.command("instruments")(instruments.command)
app.command("summary")(summary.command)
app.command("recover")(recover.command)
app.command("resume")(resume.command)
app.command("doctor")(doctor.command)
app.command("runs")(verbs.runs)
app.command("attach")(verbs.attach)
app.command("pause")(verbs.pause)
app.command("skip")(verbs.skip)
app.command("stop")(verbs.stop)
app.command("make-safe")(make_safe.command)
app.command("simulate")(simulate.command)
app.command("fit")(fit.command)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):  # a run file's units hold characters that some consoles lack
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()


if __name__ == "__main__":
    main()
