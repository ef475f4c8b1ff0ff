"""The commands of `solbench`, one module each."""
