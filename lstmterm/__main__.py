"""`python -m lstmterm`: the same as the console script."""

from lstmterm.cli import main

if __name__ == "__main__":
    main()
