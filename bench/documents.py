"""How long a document takes: its value, its pages, and the file.

    python bench/documents.py

Every kind of document of the small operation of the tests, in English and in Arabic, ten times
each; seconds of the clock. ``issue`` builds and keeps the value, ``again`` makes the pages anew.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "documents"))

from operation import make_operation

from tilth.service import papers

TIMES = 10
LIMIT_S = 1.0
SUBJECTS = {
    "task_order": "T-1",
    "situation_report": "weekly",
    "qa_visit_report": "QV-1",
    "completion_report": "T-1",
    "handover_certificate": "HO-1",
    "release_report": "RA-1",
    "operation_completion_report": "",
}


def took(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def main() -> int:
    slow = []
    with tempfile.TemporaryDirectory() as folder:
        session = make_operation(Path(folder) / "work").session
        session.actor = "ma1"
        print(f"{'document':30s} {'first':>7s}  {'again en':>8s}  {'again ar':>8s}  bytes")
        for kind, subject in SUBJECTS.items():
            made: list[papers.Issued] = []
            first = took(lambda: made.append(papers.issue(session, kind, subject)))  # noqa: B023
            code = made[0].code
            again = {
                language: statistics.median(
                    took(lambda: papers.again(session, code, language))  # noqa: B023
                    for _ in range(TIMES)
                )
                for language in ("en", "ar")
            }
            print(
                f"{kind:30s} {first:6.3f} s  {again['en']:6.3f} s  {again['ar']:6.3f} s  "
                f"{len(made[0].pdf):,}",
                flush=True,
            )
            slow += [kind] if max(first, *again.values()) > LIMIT_S else []
        session.workspace.close()
    if slow:
        print(f"over {LIMIT_S:.0f} s: {', '.join(slow)}")
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())
