"""Parts of screens about the bench itself: commissioning, and what is set by hand."""
