"""`python -m livemaster` is the command."""

from livemaster.cli.main import script

if __name__ == "__main__":
    script()
