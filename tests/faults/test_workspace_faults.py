"""Nothing acknowledged is lost, whatever call fails or kills the program (issue 2 §3, Proof).

A child does what a workspace does (append, import, take in people, rotate a key, erase, rebuild,
back up) and writes an acknowledgement to a pipe after each act. One of its calls to the disk fails
or tears, or the program is killed there. Then the workspace must open, verify from its bytes, hold
everything that was acknowledged, and take the next statement.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from workbench import drafted, make

from tilth.store.backup import restore
from tilth.store.workspace import Workspace

HERE = Path(__file__).parent
COUNT, FAIL_IO, FAIL_SPACE, KILL_BEFORE, KILL_AFTER, TEAR, FAIL_SPACE_EVER = range(7)
NAMES = ("count", "EIO", "ENOSPC", "kill before", "kill after", "torn write", "disk full")
NEVER = 10**9
LEAST_POINTS = 50
DENSITY = int(os.environ.get("TILTH_FAULT_DENSITY", "1"))
"""Larger strikes more of the calls; 12 strikes nearly all of them."""


@dataclass
class Outcome:
    """What the child said before it ended."""

    said: list[dict[str, Any]] = field(default_factory=list)

    def of(self, word: str) -> list[dict[str, Any]]:
        return [one for one in self.said if one["say"] == word]

    @property
    def killed(self) -> bool:
        return bool(self.of("end")[0]["killed"])

    @property
    def hit(self) -> int:
        """Calls that were made to fail; a killed child had one."""
        return 1 if self.killed else sum(one["hit"] for one in self.of("done"))


class Range:
    """The driver, a workspace to copy for each shot, and a count of the shots that hit."""

    def __init__(self, driver: subprocess.Popen[str], template: Path, ground: Path) -> None:
        self._driver = driver
        self._template = template
        self._ground = ground
        self.shots = 0
        self.points = 0

    def strike(
        self, script: str, at: int, mode: int, *, limit: int = 0, power: bool = False
    ) -> tuple[Path, Outcome]:
        self.shots += 1
        folder = self._ground / f"{self.shots}" / "op"
        shutil.copytree(self._template, folder)
        shadow = folder.with_name("shadow")
        if power:
            fill_shadow(shadow, folder)
        commands, answers = self._driver.stdin, self._driver.stdout
        assert commands is not None
        assert answers is not None
        commands.write(
            json.dumps([at, mode, limit, str(shadow) if power else "", str(folder), script]) + "\n"
        )
        commands.flush()
        outcome = Outcome()
        while not outcome.of("end"):
            line = answers.readline()
            assert line, "the driver itself has ended"
            outcome.said.append(json.loads(line))
        self.points += outcome.hit > 0
        if power:
            left = folder.with_name("left")
            from_shadow(shadow, folder.stat().st_ino, left)
            return left, outcome
        return folder, outcome

    def check(
        self, script: str, at: int, mode: int, *, limit: int = 0, power: bool = False
    ) -> Outcome:
        """Strike, then hold the workspace against what was acknowledged."""
        folder, outcome = self.strike(script, at, mode, limit=limit, power=power)
        shot = f"{script}, call {at}, {NAMES[mode]}, limit {limit}, power cut {power}"
        assert not outcome.of("raised"), f"{shot}: {outcome.of('raised')[0]['trace']}"
        try:
            with Workspace.open(folder) as workspace:
                hold_against(workspace, outcome)
        except Exception as error:
            error.add_note(shot)
            raise
        shutil.rmtree(folder.parent)
        return outcome


def fill_shadow(shadow: Path, folder: Path) -> None:
    """Say that all that is in the folder has reached the disk, in the form of `shim.c`."""
    shadow.mkdir()
    for place, folders, files in os.walk(folder):
        here = Path(place)
        lines = []
        for kind, names in (("d", folders), ("f", files)):
            lines += [f"{(here / name).stat().st_ino} {kind} {name}\n" for name in names]
        (shadow / f"d{here.stat().st_ino}").write_text("".join(lines))
        for name in files:
            shutil.copyfile(here / name, shadow / f"f{(here / name).stat().st_ino}")


def from_shadow(shadow: Path, inode: int, target: Path) -> None:
    """Lay out what had reached the disk: names by the last listing, bytes by the last sync."""
    target.mkdir(mode=0o700)
    listing = shadow / f"d{inode}"
    for line in listing.read_text().splitlines() if listing.exists() else ():
        number, kind, name = line.split(" ", 2)
        content = shadow / f"f{number}"
        if kind == "d":
            from_shadow(shadow, int(number), target / name)
        elif content.exists():
            shutil.copyfile(content, target / name)
        else:
            (target / name).touch()  # a name whose bytes never came


def hold_against(workspace: Workspace, outcome: Outcome) -> None:
    before = workspace.verify(deep=True)
    assert before.ok, before.problem
    promised = [one for said in outcome.of("held") for one in said["hashes"]]
    missing = set(promised) - workspace.store.by_hash(promised).keys()
    assert not missing, f"acknowledged and lost: {len(missing)} of {len(promised)}"
    for said in outcome.of("blob"):
        assert workspace.store.blob(said["digest"])
    for said in outcome.of("payload"):
        assert workspace.vault.payload(said["commitment"]) == b"somebody"
    for said in outcome.of("named"):
        assert workspace.settings.name_of(said["id"]) == "Named"
    for said in outcome.of("log"):
        assert said["log"] in workspace.logs()
    for said in outcome.of("erased"):
        assert not list(workspace.vault.payloads(said["record"]))
    for said in outcome.of("backup"):
        restore(Path(said["file"]), workspace.path.parent / "restored", actor="t1")
    workspace.sweep()
    workspace.append([drafted(workspace, "after the fault")])
    assert workspace.verify().ok
    left = [path.name for path in workspace.path.rglob(".*")]
    assert left == [], "the sweep leaves no half-written file"


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    """A folder in memory, where there is one: the shots do not wait for a disk."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="tilth-faults-", dir=place) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def shooting_range(tmp_path_factory: pytest.TempPathFactory, ground: Path) -> Iterator[Range]:
    base = tmp_path_factory.mktemp("faults")
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "a C compiler is needed to build the shim that makes calls fail"
    shim = base / "shim.so"
    source = str(HERE / "shim.c")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(shim), source, "-ldl"],
        check=True,
    )
    with make(base / "op") as workspace:
        record = f"{workspace.settings.organisation}/victim/{'3' * 32}"
        workspace.append([drafted(workspace, "HA-1")])
        with workspace.writing():
            source_file = workspace.vault.put_source(b"a list of names " * 100)
            commitment = workspace.vault.put_payload(record, b"to be erased", source=source_file)
            fields = {"commitment": commitment}
            workspace.append([drafted(workspace, "3" * 32, kind="victim", fields=fields)])
    with subprocess.Popen(
        [sys.executable, str(HERE / "driver.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "LD_PRELOAD": str(shim)},
        text=True,
    ) as driver:
        made = Range(driver, base / "op", ground)
        yield made
        assert driver.stdin is not None
        driver.stdin.close()
        driver.wait()


def chosen(kinds: str, letters: str, every: int) -> list[int]:
    """Every so many of the calls of these kinds, counted from 1."""
    calls = [at for at, kind in enumerate(kinds, 1) if kind in letters]
    return calls[:: max(1, every // DENSITY)]


def calls_of(ground: Range, script: str) -> str:
    """The child's calls in order, a letter each, from a run that nothing strikes."""
    outcome = ground.check(script, NEVER, COUNT)
    assert outcome.hit == 0
    assert not outcome.of("refused"), "without a fault every act succeeds"
    return str(outcome.of("done")[0]["kinds"])


@pytest.mark.parametrize("mode", [FAIL_IO, FAIL_SPACE_EVER, KILL_BEFORE, KILL_AFTER, TEAR])
def test_no_acknowledged_act_is_lost(shooting_range: Range, mode: int) -> None:
    kinds = calls_of(shooting_range, "acts")
    # p: writes of plain files, w: those of SQLite, of which there are many
    rare = chosen(kinds, "p", 1) if mode == TEAR else chosen(kinds, "psrtu", 7)
    for at in sorted({*rare, *chosen(kinds, "w", 24)}):
        outcome = shooting_range.check("acts", at, mode)
        assert outcome.hit, f"call {at} was not reached"
        assert outcome.killed == (mode in (KILL_BEFORE, KILL_AFTER, TEAR))


@pytest.mark.parametrize("mode", [FAIL_IO, FAIL_SPACE_EVER, KILL_BEFORE, TEAR])
@pytest.mark.parametrize(("script", "every"), [("derive", 180), ("backup", 48)])
def test_rebuilding_and_backing_up_survive_too(
    shooting_range: Range, mode: int, script: str, every: int
) -> None:
    kinds = calls_of(shooting_range, script)
    letters = "wp" if mode == TEAR else "wpsrtu"
    for at in chosen(kinds, letters, every):
        assert shooting_range.check(script, at, mode).hit


def test_a_power_cut_loses_nothing_acknowledged(shooting_range: Range) -> None:
    """What was not synchronised is gone: bytes, names, truncations."""
    kinds = calls_of(shooting_range, "acts")
    calls = sorted({*chosen(kinds, "psrtu", 4), *chosen(kinds, "w", 36)})
    for at in calls:
        assert shooting_range.check("acts", at, KILL_BEFORE, power=True).killed
    shooting_range.check("acts", NEVER, COUNT, power=True)


def test_a_full_disk_loses_nothing(shooting_range: Range) -> None:
    """No file may grow beyond a limit: the log's file, its write-ahead log, the vault, a blob."""
    refused = 0
    for kib in [8, 16, 24, 40, 64, 96, 160, 256, 400, 600, 750, 800]:
        outcome = shooting_range.check("acts", NEVER, COUNT, limit=kib * 1024)
        refused += len(outcome.of("refused"))
        shooting_range.points += bool(outcome.of("refused"))
    assert refused >= 12


def test_enough_points_were_hit(
    shooting_range: Range, record_property: Callable[[str, object], None]
) -> None:
    hit = f"{shooting_range.points} of {shooting_range.shots} shots"
    record_property("fault points hit", hit)
    assert shooting_range.points >= LEAST_POINTS
