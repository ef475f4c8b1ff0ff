"""Parts of the Data screen: correcting a run, and the life of a cell."""
