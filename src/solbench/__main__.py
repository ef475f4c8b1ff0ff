"""`python -m solbench`: the command line."""

from solbench.cli.main import main

if __name__ == "__main__":
    main()
