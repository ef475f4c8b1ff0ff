"""What to do: quantities, cell records, steps, plans; knows no instrument."""
