"""A process that has Keras loaded and forks a child for each command: `python forkserver.py SOCKET tensorflow`.

A client connects to SOCKET, sends one line of JSON and reads two lines: the child's process number, and, when the
child has ended, how. The line holds

    arguments   what `nnrun` gets
    folder      the child's current folder; its `out` and `err` become what the command prints
    fault       [mode, number, letters, root, ledger] of shim.c, or null
    start       a time at which the child begins, so that many begin at once; 0: now
    before      before what the process ends with 0: "" or "training", when the run's folder and lock are there

Nothing here computes on TensorFlow or JAX, whose threads would not live in a child.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from importlib import import_module
from typing import Any, NoReturn

WANTED = (
    "nnrun.cli.app",
    "nnrun.cli.study",
    "nnrun.experiment",
    "nnrun.report.draw",
    "nnrun.report.page",
    "nnrun.studies.folds",
    "nnrun.training.trainer",
    "h5py",
    "jinja2",
    "matplotlib.pyplot",
    "pandas",
    "sklearn.model_selection",
)


def load(backend: str) -> None:
    """Imports what a command on a backend would import, so that its children need not."""
    from nnrun.model import framework

    framework.configure(lean=True)
    framework.use(backend)
    getattr(framework, backend)()  # before scikit-learn, as a command does
    for name in WANTED:
        import_module(name)


def serve(listener: socket.socket) -> None:
    """Takes commands until the client's end of stdin closes."""
    children: dict[int, tuple[int, socket.socket]] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    case = json.loads(connection.makefile().readline())
                    pid = os.fork()
                    if pid == 0:
                        child(case)
                    watched = os.pidfd_open(pid)
                    children[watched] = pid, connection
                    selector.register(watched, selectors.EVENT_READ)
                    connection.sendall(f"{pid}\n".encode())
                else:
                    watched = int(key.fd)
                    selector.unregister(watched)
                    os.close(watched)
                    pid, connection = children.pop(watched)
                    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                    with connection:
                        connection.sendall(f"{ended}\n".encode())


def child(case: dict[str, Any]) -> NoReturn:
    """Runs one command as a process of its own would."""
    code = 70
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(case["folder"])
        for descriptor, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if case["before"] == "training":
            from nnrun.training import trainer

            trainer.train = lambda job: os._exit(0)
        sys.argv = ["nnrun", *case["arguments"]]
        if case["fault"]:
            mode, number, letters, root, ledger = case["fault"]
            texts = [os.fsencode(text) for text in (mode, letters, root, ledger)]
            if ctypes.CDLL(None).nnrun_fault(texts[0], ctypes.c_long(number), *texts[1:]) != 0:
                raise RuntimeError(f"the shim refused {case['fault']}")
        time.sleep(max(0.0, case["start"] - time.time()))
        from nnrun.cli import main

        main(case["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    load(sys.argv[2])
    gc.collect()
    gc.freeze()  # so that a child's collections copy no page of ours
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(sys.argv[1])
        door.listen(256)
        print("ready", flush=True)
        serve(door)
