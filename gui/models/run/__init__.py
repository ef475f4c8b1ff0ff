"""The run on show: everything that is drawn of it, folded from the news of a source."""
