"""Where operating systems differ: state folder, locks, processes, sleep."""
