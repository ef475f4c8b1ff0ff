"""Commands about a bench itself, apart from any run."""
