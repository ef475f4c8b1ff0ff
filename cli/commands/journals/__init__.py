"""Commands about runs that have ended: their journals, and the catalogue of a lab."""
