"""What several models share: numbers, settings, traces, background jobs."""
