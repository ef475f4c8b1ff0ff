"""The simulated bench as a process of its own: an adapter's wire, and a control channel beside it."""
