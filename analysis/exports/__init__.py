"""Writing runs for other programs: Battery Data Format, ZView, tables, unicycler, PyBaMM."""
