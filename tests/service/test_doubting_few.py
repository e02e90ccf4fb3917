"""What is in doubt of a few areas is what is in doubt of them among all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tilth.service import doubting, doubting_few
from tilth.service.demonstrate import build_demonstration
from tilth.service.session import open_session


def test_a_few_areas_are_in_doubt_as_among_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_demonstration(tmp_path / "demo")
    with open_session(tmp_path / "demo") as session:
        every = sorted(
            {row[0] for row in session.workspace.store.select("released_area", ["record"])}
        )
        stated = doubting.recalled(session)

        def as_if_nothing_was_recalled(_: Any, __: Any, told: Mapping[str, Any]) -> dict[str, Any]:
            return {miss: list(some) for miss, some in told.items() if some}

        monkeypatch.setattr(doubting, "not_stated", as_if_nothing_was_recalled)
        monkeypatch.setattr(doubting_few, "not_stated", as_if_nothing_was_recalled)
        whole = doubting.recalled(session)
        assert len(whole) > len(stated) >= 1
        random = Random(4)
        for count in (1, 3, 20):
            for _ in range(5):
                asked = {*random.sample(every, count), *random.sample(sorted(whole), 3)}
                told = doubting_few.recalled_among(session, asked)
                assert told == {record: whole[record] for record in sorted(asked & whole.keys())}
        monkeypatch.setattr(doubting_few, "FEW", 2)
        assert doubting_few.recalled_among(session, asked) == told
