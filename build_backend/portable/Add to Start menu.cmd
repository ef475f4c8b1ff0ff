@"%~dp0python\python.exe" -P "%~dp0start_menu.py" add
@if not "%1"=="/quiet" pause
