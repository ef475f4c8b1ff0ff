"""The main window around the screens: status strip, bars, menus, event log, and the keys that always work."""
