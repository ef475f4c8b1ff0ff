"""Following runs: which one is on show, what can be asked of it, replay, and what closing the window means."""
