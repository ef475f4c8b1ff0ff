"""Laws through the results of many fits: against temperature, and against time."""
