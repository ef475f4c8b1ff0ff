"""What the screens show, without Qt: each model can be tested and used without a window."""
