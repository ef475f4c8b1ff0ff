@rem The desktop, without a console behind it.
@start "" "%~dp0python\pythonw.exe" -P -m solbench gui %*
