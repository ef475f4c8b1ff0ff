"""The entries of this folder in the Start menu of the user: python start_menu.py add | remove."""

import os
import shutil
import sys
from pathlib import Path

from comtypes import CoCreateInstance
from comtypes.persist import IPersistFile
from comtypes.shelllink import IShellLinkW, ShellLink

HERE = Path(__file__).resolve().parent
MENU = Path(os.environ["APPDATA"], "Microsoft", "Windows", "Start Menu", "Programs", "Solbench")
DOCUMENTS = str(Path.home() / "Documents")


def add(name: str, program: str, arguments: str, description: str) -> None:
    """Write one entry, which starts in the user's documents; an older one of this name is replaced."""
    entry = CoCreateInstance(ShellLink._reg_clsid_, interface=IShellLinkW)
    entry.SetPath(program)
    entry.SetArguments(arguments)
    entry.SetWorkingDirectory(DOCUMENTS)
    entry.SetDescription(description)
    entry.QueryInterface(IPersistFile).Save(str(MENU / f"{name}.lnk"), 1)


def main() -> None:
    """Do what the first argument says."""
    if sys.argv[1] == "remove":
        shutil.rmtree(MENU, ignore_errors=True)
        print("Solbench is no longer in your Start menu.")
        return
    MENU.mkdir(parents=True, exist_ok=True)
    window = str(HERE / "python" / "pythonw.exe")
    add("Solbench", window, "-P -m solbench gui", "Runs cells on a Solartron 1260 and 1287")
    add(
        "Solbench command line",
        os.environ.get("COMSPEC", "cmd.exe"),
        f'/k set "PATH={HERE};%PATH%" && solbench --help',
        "A console in which the command solbench is known",
    )
    print("Solbench is in your Start menu now.")


main()
