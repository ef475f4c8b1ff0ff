"""The simulated bench behind an adapter's wire, for programs outside this process."""
