"""The desktop: what the technician looks at and clicks. Qt lives here and nowhere else."""
