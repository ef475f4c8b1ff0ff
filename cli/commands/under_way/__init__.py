"""What is asked of a run while it is under way, beside the verbs without an argument."""
