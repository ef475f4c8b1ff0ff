"""Protocols described before they are carried out."""
