"""The command line: one file per command; the only code that prints or exits."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs a command and exits with its code; an `NnrunError` is shown bare, a bug of ours keeps its traceback."""
    from nnrun.cli.console import Console
    from nnrun.errors import NnrunError

    os.environ.setdefault("MPLBACKEND", "Agg")
    collects = gc.isenabled()
    gc.disable()  # the syntax trees of Keras' source are no garbage: looking through them is half of `check`
    try:
        from nnrun.cli.app import app

        code = app(args=arguments, prog_name="nnrun", standalone_mode=False)
    except NnrunError as error:
        Console().error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        code = _usage(error)
        if code is None:
            raise
        sys.exit(code)
    finally:
        if collects and arguments is not None:  # else the process ends, which is quicker without a last look
            gc.enable()
    sys.exit(code if isinstance(code, int) else 0)  # typer turns an early Ctrl-C into the number 130


def _usage(error: Exception) -> int | None:
    """Typer's own refusals of what was typed; None for anything else."""
    show = getattr(error, "show", None)
    if show is not None and hasattr(error, "exit_code"):
        show()
        return int(error.exit_code)
    return (
        0
        if type(error).__name__ == "Exit" and getattr(error, "exit_code", 1) == 0
        else getattr(error, "exit_code", None)
    )
