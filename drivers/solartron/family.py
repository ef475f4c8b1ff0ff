"""What the 1260 and the 1287 have in common."""

# 1250 operating manual p. 96, of the same family (A for the 1250); the lists of the two were not found
ERROR_TEXTS = {
    1: "unknown command",
    2: "wrong number of arguments",
    3: "argument out of range",
    4: "badly written number",
    5: "this command has no value to ask for",
    31: "voltage DVM overload",  # 1287 manual p. 87
}


SILENT = (
    "Check its power, its address and, on GPIB, the terminator switches F1 and F2 at its rear: both on for EOI, or, "
    'where they say LF, write settings: {link: {write_termination: "\\n"}} into the bench file; a unit whose switches '
    "do not fit ignores everything and answers nothing"
)
BY_HAND = "Press STANDBY on the 1287; its CELL light goes out"


def error_text(code: int) -> str:
    """Return what an error code means."""
    return ERROR_TEXTS.get(code, "not in the pages of the manual that were at hand")
