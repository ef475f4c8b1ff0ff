"""The control channel of a running engine: verbs, messages, server and client, and which runs there are."""
