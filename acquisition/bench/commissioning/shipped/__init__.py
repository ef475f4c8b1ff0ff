"""Records of simulated units that ship: made by `solbench commission simulated --unit NAME`."""
