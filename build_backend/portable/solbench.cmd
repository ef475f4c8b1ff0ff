@rem The command line: solbench COMMAND, from this folder or wherever it lies.
@"%~dp0python\python.exe" -P -m solbench %*
