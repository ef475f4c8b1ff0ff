"""Tables of other cyclers: time, voltage, current, by whichever program wrote them."""
