"""`python -m livemaster` is the command."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:  # then `-m` has put the working folder before all others, whatever lies in it
        del sys.path[0]

    from livemaster.cli.main import script

    script()
