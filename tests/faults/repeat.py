"""One point of the fault tests alone: `PYTHONPATH=.:tests python tests/faults/repeat.py dense kill 37`.

The folder stays, with what the run printed in `out` and `err`, unless all went well.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from breaking import killed_and_resumed, undisturbed
from experiments import DIVERGES, EXPERIMENTS, ON_DEVICES
from laboratory import CHANGING, NEEDING_ROOM, WRITES, Fault
from test_full_disk import filled_and_resumed

LETTERS = {"kill": CHANGING, "torn": WRITES, "once": NEEDING_ROOM, "full": NEEDING_ROOM}
KNOWN = {**EXPERIMENTS, **ON_DEVICES, DIVERGES.name: DIVERGES}


def main() -> None:
    """Breaks the operation, goes on, compares, and says what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiment", choices=KNOWN)
    parser.add_argument("mode", choices=LETTERS)
    parser.add_argument("number", type=int)
    chosen = parser.parse_args()
    whole = undisturbed(KNOWN[chosen.experiment])
    fault = Fault(chosen.mode, chosen.number, LETTERS[chosen.mode])
    check = killed_and_resumed if chosen.mode in ("kill", "torn") else filled_and_resumed
    complaint = check(whole, fault, Path(tempfile.mkdtemp(prefix="nnrun-point-")))
    sys.exit(complaint or 0)


if __name__ == "__main__":
    main()
