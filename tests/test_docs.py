"""The documentation is true: its commands run and print what it shows, and nothing is left out.

A fenced ``console`` block is run in a new folder for each page, block after block: lines that begin
with ``$`` are commands, what follows is their output. In an output a line ``...`` stands for any
lines and ``…`` for any text within a line. A comment on the line before a block marks it:
``<!-- not run: why -->``; ``<!-- file: NAME -->`` puts the block, of any language, into that file;
``<!-- exit: N -->`` is the exit status of the block's last command.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
FENCE = re.compile(
    r"(?:^<!-- *(?P<mark>not run|file|exit): *(?P<said>.*?) *-->\n)?"
    r"^(?P<ticks>`{3,})(?P<language>[\w-]*)\n(?P<body>.*?)^(?P=ticks)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, with the comment before it."""

    line: int
    language: str
    body: str
    mark: str = ""
    said: str = ""


@dataclass(frozen=True)
class Command:
    """A command of a console block and the output that the page shows for it."""

    text: str
    shown: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    return [
        Block(
            text.count("\n", 0, found.start("body")),
            found["language"],
            found["body"],
            found["mark"] or "",
            found["said"] or "",
        )
        for found in FENCE.finditer(text)
    ]


def commands(body: str) -> list[Command]:
    """Commands of a console block; a trailing backslash continues a command on the next line."""
    found: list[Command] = []
    lines = iter(body.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command = command[:-1] + next(lines).strip()
            found.append(Command(command, ()))
        elif found:
            found[-1] = Command(found[-1].text, (*found[-1].shown, line))
    return found


def matches(shown: tuple[str, ...], printed: str) -> bool:
    """Whether the printed text is what the page shows."""
    pattern = ""
    for line in shown:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pieces = (re.escape(piece) for piece in line.rstrip().split("…"))
            pattern += ".*?".join(pieces) + r"[ \t]*\n"
    text = "\n".join(line.rstrip() for line in printed.rstrip("\n").splitlines()) + "\n"
    return re.fullmatch(pattern.replace("\\ ", " "), text) is not None


def pages_with_commands() -> list[Path]:
    found = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    return [
        page
        for page in found
        if "generated" not in page.parts
        and "_build" not in page.parts
        and any(runs(block) for block in blocks(page.read_text(encoding="utf-8")))
    ]


def runs(block: Block) -> bool:
    return block.language == "console" and block.mark != "not run"


@pytest.mark.parametrize(
    "page", pages_with_commands(), ids=lambda page: str(page.relative_to(ROOT))
)
def test_commands_of_the_page_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    shutil.copytree(ROOT / "tests" / "data", tmp_path / "tests" / "data")
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
    }
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.mark == "file":
            (tmp_path / block.said).write_text(block.body, encoding="utf-8")
        if not runs(block):
            continue
        listed = commands(block.body)
        for command in listed:
            done = subprocess.run(
                ["bash", "-c", command.text],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            place = f"{page.name}, line {block.line}: {command.text}\n{done.stdout}{done.stderr}"
            expected = block.said if block.mark == "exit" and command is listed[-1] else "0"
            assert str(done.returncode) == expected, place
            assert "Traceback" not in done.stderr, place
            if command.shown:
                assert matches(command.shown, done.stdout), place


def script(path: Path) -> ModuleType:
    """Import a program that stands outside the package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_code_and_command_has_its_place_in_the_reference() -> None:
    from tilth.core import findings, problems

    pages = script(DOCS / "generate.py").pages()
    for code in problems.CATALOGUE:
        assert f"`{code}`" in pages["problems.md"]
    for code in findings.FINDINGS:
        assert f"`{code}`" in pages["findings.md"]
    assert len(problems.CATALOGUE) > 20
    for name in ("init", "import", "account", "findings", "verify", "key rotate"):
        assert f"`tilth {name}`" in pages["commands.md"]


def test_pictures_are_what_tilth_draws_today() -> None:
    for name, picture in script(ROOT / "tools" / "draw_account.py").pictures().items():
        assert (DOCS / "_static" / name).read_text(encoding="utf-8") == picture, name


def test_every_command_says_what_it_is_for() -> None:
    import click

    from tilth.cli import main

    def walk(command: click.Command, path: str) -> list[str]:
        silent = [] if command.help else [path]
        for one in command.params:
            if isinstance(one, click.Option) and not one.help and not one.hidden:
                silent.append(f"{path} {one.opts[0]}")
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                silent += walk(inner, f"{path} {name}")
        return silent

    assert walk(main, "tilth") == []


def test_every_page_is_reached_from_a_table_of_contents() -> None:
    listed = set()
    for page in DOCS.rglob("*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(), re.DOTALL):
            for line in block.splitlines():
                if line.strip() and not line.startswith(":"):
                    listed.add((page.parent / line.strip()).resolve())
    built = {"_build", "generated"}
    pages = {p.with_suffix("").resolve() for p in DOCS.rglob("*.md") if not built & set(p.parts)}
    assert pages - listed == {DOCS / "index"}


def test_decisions_are_short_and_say_what_they_cost() -> None:
    for page in (DOCS / "decisions").glob("[0-9]*.md"):
        text = page.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40, page.name
        for heading in ("## Decision", "## Why", "## What it costs"):
            assert heading in text, f"{page.name}: {heading}"


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (("a", "...", "d"), "a\nb\nc\nd\n", True),
        (("a", "...", "d"), "a\nd\n", True),
        (("a", "d"), "a\nb\nd\n", False),
        (("until … known",), "until 1 Mar 2026 known\n", True),
        (("x (1) [2]",), "x (1) [2]   \n", True),
        (("5,006",), "5,007\n", False),
    ],
)
def test_shown_output_is_compared(shown: tuple[str, ...], printed: str, same: bool) -> None:
    assert matches(shown, printed) is same


def test_blocks_are_found_with_their_comments() -> None:
    page = (
        "<!-- not run: needs root -->\n```console\n$ make run\n```\n"
        "<!-- file: m.toml -->\n```toml\na = 1\n```\n"
        "```console\n$ echo a \\\n    b\na b\n```\n"
    )
    first, second, third = blocks(page)
    assert (first.mark, first.said, runs(first)) == ("not run", "needs root", False)
    assert (second.mark, second.said, second.body) == ("file", "m.toml", "a = 1\n")
    assert commands(third.body) == [Command("echo a b", ("a b",))]
