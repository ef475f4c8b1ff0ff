"""What a person sets by hand while a run is on."""
