"""What is known of a bench from commissioning: the record, where it lies, what it permits and how it is used."""
