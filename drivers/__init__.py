"""How to talk to the Solartron 1260 and 1287; knows no protocol and no file."""
