"""Potentiostats and source-measure units of other makes, each written from its manual."""
