"""Reference pages made from the code: kinds, code lists, commands, problems, findings.

Run by Sphinx before each build. What stands in the code is documented by being there, so that a
command or a code without a page cannot exist.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from tilth.core import findings, problems
from tilth.core.life.rates import USUAL, RateSettings
from tilth.core.problems import ProblemText
from tilth.text import extract, reference


def cell(text: str) -> str:
    """Text for a cell of a table: one line, no column breaks, no markup by accident."""
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
    for sign in "<>*_`{}[]$":
        escaped = escaped.replace(sign, f"\\{sign}")
    return escaped


def table(headings: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Markdown table."""
    lines = [" | ".join(headings), " | ".join("---" for _ in headings)]
    lines += [" | ".join(row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def braces(text: str) -> str:
    """Message with its doubled braces as the reader sees them."""
    return text.replace("{{", "{").replace("}}", "}")


def codes_page(title: str, about: str, codes: Mapping[str, ProblemText], fix: str) -> str:
    """Page with one row for each code."""
    rows = (
        (f"`{code}`", cell(braces(text.what)), cell(braces(text.fix)))
        for code, text in sorted(codes.items())
    )
    return f"# {title}\n\n{about}\n\n{table(('code', 'what', fix), rows)}"


def parameters(command: click.Command) -> Iterator[tuple[str, ...]]:
    """Rows for the arguments and options of a command."""
    for one in command.params:
        if isinstance(one, click.Option):
            if one.hidden:
                continue
            names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
            if not one.is_flag:
                names += f" {cell(one.make_metavar(click.Context(command)))}"
            yield names, cell(one.help or "")
        else:
            yield f"`{one.make_metavar(click.Context(command))}`", ""


def command_sections(command: click.Command, path: str, depth: int) -> Iterator[str]:
    """Section of a command and of the commands below it."""
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from command_sections(command.commands[name], f"{path} {name}", depth)
        return
    yield f"{'#' * depth} `{path}`\n"
    yield f"{command.help or ''}\n".replace("\b\n", "")
    rows = list(parameters(command))
    if rows:
        yield table(("argument or option", "meaning"), iter(rows))


def commands_page() -> str:
    """Page with every command of the program."""
    main: click.Command = importlib.import_module("tilth.cli").main
    intro = (
        "# Commands\n\nEvery command takes `--json` and ends with exit status 0 (all accepted), 1 "
        "(some refused, or an account that does not close) or 2 (nothing done).\n"
    )
    return "\n".join([intro, *command_sections(main, "tilth", 2)])


def rates_page() -> str:
    """Page with the table of plausible rates as it ships."""
    about = (
        "What one person, machine, dog or team works in a day, in m². A report is asked about "
        f"where it says more than {RateSettings().tolerance:g} times the top of the band; beyond "
        "the ceiling it cannot be approved at all. On difficult ground (terrain "
        f"{', '.join(RateSettings().difficult_terrain)}; vegetation "
        f"{', '.join(RateSettings().difficult_vegetation)}) the top is lower where a source tells. "
        "A rule set tunes all of it under `[rates]`. *Common practice* marks orders of magnitude "
        "for which no source was read; a ceiling is computed from the width, pace and hours told."
    )
    rows = (
        (
            f"`{method}`",
            one.unit,
            f"{one.least:,.0f}",
            f"{one.most:,.0f}",
            f"{one.difficult_most:,.0f}" if one.difficult_most else "",
            f"{one.ceiling:,.0f}",
            cell(one.source),
        )
        for method, one in USUAL.items()
    )
    headings = ("method", "unit", "from", "to", "to, difficult", "ceiling", "source")
    return f"# Plausible rates\n\n{about}\n\n{table(headings, rows)}"


def pages() -> dict[str, str]:
    """All generated pages by file name."""
    extract.load_all()
    return {
        **reference.pages(),
        "commands.md": commands_page(),
        "rates.md": rates_page(),
        "problems.md": codes_page(
            "Problems",
            "Why an input is refused. `{…}` stands for a value of the case.",
            problems.CATALOGUE,
            "how to put it right",
        ),
        "findings.md": codes_page(
            "Findings",
            "What the accounts and checks notice. A finding refuses nothing and stays until it is "
            "closed or explained. `{…}` stands for a value of the case.",
            findings.FINDINGS,
            "how it can be closed",
        ),
    }


def write(folder: Path) -> None:
    """Write the pages that differ from what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
