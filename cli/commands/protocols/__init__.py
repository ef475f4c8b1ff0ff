"""Commands about protocols themselves."""
