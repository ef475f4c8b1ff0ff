"""What is beside the cell as a run hears of it: gauges, how far they are believed, and the stack pressure."""
