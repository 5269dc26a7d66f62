"""The entry point: runs a command, turns every error into one line and an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType

from typer.exceptions import Abort, Exit, TyperException

from livemaster.errors import ExistsError, LivemasterError
from livemaster.printable import printable
from livemaster.ui.streams import PLAIN_WHERE_LACKING

FAILED = 1
SHOW_CURSOR = b"\r\x1b[K\x1b[?25h"
"""Erases the line of the progress bar, which hides the cursor."""
INTERRUPTED = 130
SERVICES = ("play", "live")
"""Commands that run until they are told to end: for them SIGTERM is no failure, from the beginning on."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    0 success, 1 failure, 2 bad input, 130 Ctrl-C, 128 + its number another signal (0 where SIGTERM ends a service).
    """
    given = sys.argv[1:] if arguments is None else arguments
    leave = partial(_leave, serves=bool(given) and given[0] in SERVICES)
    for name, default in (
        ("SIGINT", signal.default_int_handler),
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
    ):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == default:  # what nohup and shells ignore stays ignored
            signal.signal(number, leave)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started the program
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 -- for as long as it runs
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):  # file names and dashes that the terminal's encoding lacks
            stream.reconfigure(errors=PLAIN_WHERE_LACKING)
    # Where there is a scipy, numba would import it to look for a BLAS, which no kernel needs: 0.15 s.
    sys.modules.setdefault("scipy", None)  # type: ignore[arg-type]
    sys.exit(run(given))


def script() -> None:
    """The console script: `main`, and then out at once; taking the compiler down in order would take 0.2 s."""
    try:
        main()
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 0
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # a reader that has gone
            stream.flush()
    os._exit(code)  # every file is closed by now


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; messages go to standard error."""
    try:
        from livemaster.cli.app import app

        result = app(args=arguments, prog_name="livemaster", standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        if "\n" in error.format_message():  # a command without arguments: its help
            print(error.format_message(), file=sys.stderr)
            return error.exit_code
        return _say(error.format_message(), error.exit_code)
    except ExistsError as error:
        return _say(f"{error}, --force overwrites it", error.exit_code)
    except LivemasterError as error:
        return _say(str(error), error.exit_code)
    except Exit as leave:
        result = leave.exit_code
    except (KeyboardInterrupt, Abort):
        result = INTERRUPTED
    except BrokenPipeError:
        _silence_standard_output()  # the reader has gone, and does not want to hear of it
        return FAILED
    except OSError as error:
        _silence_standard_output()
        return _say(f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error), FAILED)
    except Exception as error:
        if os.environ.get("LIVEMASTER_TRACEBACK"):
            raise
        hint = "please report this, with what LIVEMASTER_TRACEBACK=1 shows"
        return _say(f"internal error: {type(error).__name__}: {error} ({hint})", FAILED)
    if result == INTERRUPTED:  # what typer makes of Ctrl-C
        return _say("interrupted", INTERRUPTED)
    return result if isinstance(result, int) else 0


def _silence_standard_output() -> None:
    """Throw away what standard output still holds, which would fail again at exit."""
    with suppress(io.UnsupportedOperation):  # where it is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str, code: int) -> int:
    print(f"livemaster: {printable(' '.join(message.split()))}", file=sys.stderr)
    return code


def _leave(number: int, _frame: FrameType | None, *, serves: bool) -> None:
    """Clean up and end the process at once.

    An exception, as Ctrl-C raises one otherwise, gets lost where native code calls back, as it does while kernels
    are loaded; and threads that are at work would still use what the interpreter tears down.
    """
    for module, clean_up in (("livemaster.documents.hidden", "discard_all"), ("livemaster.audio.spool", "remove_all")):
        if hasattr(sys.modules.get(module), clean_up):
            getattr(sys.modules[module], clean_up)()
    with suppress(OSError, ValueError):  # where there is none, nobody reads
        terminal = sys.stderr.fileno()
        if os.isatty(terminal):
            os.write(terminal, SHOW_CURSOR)
        if number == signal.SIGINT:
            os.write(terminal, b"livemaster: interrupted\n")
    os._exit(0 if serves and number == signal.SIGTERM else 128 + number)
