"""What a run or a fit shows: its table and figure, relaxation times, half-cycles."""
