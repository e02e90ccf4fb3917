"""What processes share is read before they part, and holds no connection."""

from __future__ import annotations

import gc
from pathlib import Path

from tilth.service.register import register_of
from tilth.service.session import Session, open_session
from tilth.service.warming import warmed
from tilth.store.workspace import Workspace


def reached(roots: list[object]) -> set[type]:
    seen, found, waiting = set(), set(), list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type):
            continue
        seen.add(id(one))
        found.add(type(one))
        if callable(one) or (type(one).__module__ == "builtins" and not gc.is_tracked(one)):
            continue
        waiting += gc.get_referents(one)
    return found


def test_what_is_shared_holds_no_workspace_and_no_connection(read_only: Path) -> None:
    with open_session(read_only) as session:
        kept = warmed(session)
    kinds = reached([*kept.values()])
    assert {"register", "search", "inbox", "lens"} <= kept.keys()
    assert not kinds & {Session, Workspace}
    assert not any(kind.__name__ in ("Connection", "Cursor") for kind in kinds)


def test_a_session_that_was_given_it_answers_as_one_that_read_for_itself(
    served: Path,
) -> None:
    with open_session(served) as session:
        kept = warmed(session)
    with open_session(served, actor="im1") as session:
        from tilth.service.recording import say

        say(session, "place", {"name": "Upper Sael", "local_id": "P-907"})
    with open_session(served) as given, open_session(served) as fresh:
        given.remembered.update(kept)
        mine, own = register_of(given), register_of(fresh)
        for kind in ("task", "team", "organisation", "place"):
            assert mine.of(kind).keys() == own.of(kind).keys()
