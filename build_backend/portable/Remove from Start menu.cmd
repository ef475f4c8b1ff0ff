@"%~dp0python\python.exe" -P "%~dp0start_menu.py" remove
@if not "%1"=="/quiet" pause
