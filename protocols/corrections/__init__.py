"""What was typed about a cell, as fields that can be corrected."""
