"""`python -m scanwright` is the command."""

from scanwright.cli.main import run

if __name__ == "__main__":
    run()
