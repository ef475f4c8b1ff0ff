"""What charging means for the electrodes of a build, as text: in a sodium half cell it is easily mistaken."""

from solbench.protocols import Build

_RULE = "Positive current charges the cell."


def direction_in_words(build: Build) -> str:
    """Return what positive and negative current do to the cell."""
    electrode = build.positive_electrode
    if build.kind == "half":
        return (
            f"{_RULE} This is a half cell with {electrode} on the positive terminal against an electrode that holds "
            f"sodium: sodiation of {electrode} discharges the cell and is NEGATIVE current (Discharging Capacity), "
            f"desodiation of {electrode} charges it and is POSITIVE current (Charging Capacity). Who looks at "
            f"{electrode} as the negative electrode of a full cell calls these two the other way round."
        )
    if build.kind == "full":
        return f"{_RULE} Charging takes sodium out of {electrode}, on the positive terminal, and sodiates the tin."
    if build.kind == "symmetric":
        return (
            f"{_RULE} The cell is symmetric: positive current takes sodium out of the electrode on the positive "
            "terminal, negative current brings it back; neither is a charge of the cell in the usual sense."
        )
    if build.kind == "metal":
        return (
            f"{_RULE} Both electrodes are of metal: positive current strips the one on the positive terminal and "
            "plates the other; neither is a charge of the cell in the usual sense."
        )
    return f"{_RULE} This build stores no charge: the sign only tells the direction of the current."
