"""The Solartron 1260 and 1287, each alone and both as a pair."""
