"""Where the news of a run come from: a running engine, a finished file, a replay."""
