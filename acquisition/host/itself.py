"""How the program starts itself: by its interpreter, or, packed into one executable, by that."""

import sys

AS_GUARDIAN = "--as-guardian"  # the first argument with which a packed program is a guardian


def command_line(*arguments: str) -> list[str]:
    """Return the command that runs `solbench ARGUMENTS`."""
    return [*_own("solbench.cli.main"), *arguments]


def guardian_command() -> list[str]:
    """Return the command that starts a guardian, which reads what it is told from its stdin."""
    return [sys.executable, AS_GUARDIAN] if _is_packed() else _own("solbench.acquisition.bench.guardian")


def _own(module: str) -> list[str]:
    return [sys.executable] if _is_packed() else [sys.executable, "-P", "-m", module]


def _is_packed() -> bool:
    return bool(getattr(sys, "frozen", False))  # PyInstaller and its like set it
