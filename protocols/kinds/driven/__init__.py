"""Steps that drive a cell: what they are, and what is checked of them."""
