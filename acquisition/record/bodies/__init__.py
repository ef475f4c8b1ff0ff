"""The bodies of records, one dataclass a kind; `record.events` is their door."""
