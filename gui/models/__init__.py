"""What the screens show, without Qt."""
