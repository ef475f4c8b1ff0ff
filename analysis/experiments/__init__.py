"""The experiments of a laboratory: one file each, with its analysis and its figure; a registry lists them."""
