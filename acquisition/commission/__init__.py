"""Commissioning: a bench is measured on parts of known value, step by step, and what was found becomes its record."""
