"""Commands about recorded dialogues."""
