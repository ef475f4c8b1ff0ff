"""What is truly there, apart from what a record says: changes of cell, circuit, meters, leads and hands in time."""
