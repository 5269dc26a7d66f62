"""The entry point: runs a command, turns every error into one line and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from typer.exceptions import Abort, Exit, TyperException

from livemaster.errors import LivemasterError

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0 success, 1 failure, 2 bad input, 130 Ctrl-C."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; messages go to standard error."""
    from livemaster.cli.app import app

    try:
        result = app(args=arguments, prog_name="livemaster", standalone_mode=False)
    except TyperException as error:
        return _say(error.format_message(), error.exit_code)
    except LivemasterError as error:
        return _say(str(error), error.exit_code)
    except Exit as leave:
        return leave.exit_code
    except (KeyboardInterrupt, Abort):
        return _say("interrupted; nothing was written", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; do not complain at exit
        return 1
    return result if isinstance(result, int) else 0


def _say(message: str, code: int) -> int:
    print(f"livemaster: {' '.join(message.split())}", file=sys.stderr)
    return code


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    """Leave by way of the clean-up handlers, as Ctrl-C does."""
    raise KeyboardInterrupt
