"""Commands for documents: issue one, make it again, list them, check a code."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from tilth.cli.command import DONE, SOME_REFUSED, Command, Given, folder, saying
from tilth.core.problems import Problem, Refused, register

if TYPE_CHECKING:
    from tilth.cli.screen import Screen
    from tilth.service.papers import Checked

__all__ = ["check", "document"]

_ASK = "Ask"

register(
    {
        "document_unnamed": (
            "Which document is not said.",
            "Name one: {names}; or give --again CODE or --list.",
        ),
        "output_missing": (
            "Where the document goes is not said.",
            "Give -o FILE.pdf.",
        ),
    }
)


@click.command(cls=Command, section=_ASK)
@folder
@click.argument("kind", default="")
@click.argument("record", default="")
@click.option("--lang", default="", metavar="L", help="en, fr, es, ru, uk, ar or ko.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Where the PDF goes; an earlier file of that name is replaced.",
)
@click.option("--level", default="", metavar="L", help="Level of the figures; the kind's without.")
@click.option("--until", default="", metavar="D", help="Day the figures hold until; today without.")
@click.option("--for", "speaking_for", default="", metavar="CODE", help="Organisation that issues.")
@click.option("--again", default="", metavar="CODE", help="Make a document again from its code.")
@click.option("--list", "listed", is_flag=True, help="List the documents that were issued.")
@saying
def document(
    given: Given,
    directory: Path,
    kind: str,
    record: str,
    lang: str,
    output: Path | None,
    level: str,
    until: str,
    speaking_for: str,
    again: str,
    listed: bool,
    actor: str,
) -> int:
    """Issue a document as PDF with its data embedded, or make one again.

    KIND is task_order, situation_report, qa_visit_report, completion_report, handover_certificate,
    operation_completion_report or release_report; RECORD is what it is about. A situation report is
    of a period: daily, weekly or its first day.

    \b
    Example:
      tilth document work handover_certificate HO-1 --lang uk -o certificate.pdf --actor im1
      tilth document work --again 8G9PZ-8TNPD-KRM4A-6NMBF-6 --lang en -o copy.pdf
    """
    from tilth.service import papers
    from tilth.service.paper_values.registry import KINDS_OF_DOCUMENT

    with given.session(directory, actor) as session:
        if listed:
            known = papers.documents(session)
            given.answer([asdict(one) for one in known], lambda screen: _list(screen, known))
            return DONE
        if not kind and not again:
            names = ", ".join(KINDS_OF_DOCUMENT)
            raise Refused(Problem("document_unnamed", "", {"names": names}))
        if output is None:
            raise Refused(Problem("output_missing"))
        with _written(output) as file:  # opened first: what cannot be written is not issued
            if again:
                issued = papers.again(session, again, lang)
            else:
                issued = papers.issue(
                    session,
                    kind,
                    record,
                    language=lang or "en",
                    level=level,
                    until=until,
                    speaking_for=speaking_for,
                )
            file.write(issued.pdf)
    told = {
        "code": issued.code,
        "record": issued.record,
        "language": issued.language,
        "new": issued.new,
        "file": str(output),
        "bytes": len(issued.pdf),
    }
    given.answer(told, lambda screen: _issued(screen, told, directory))
    return DONE


@click.command(cls=Command, section=_ASK)
@click.argument("words", metavar="[DIR] CODE", nargs=-1, required=True)
def check(given: Given, words: tuple[str, ...]) -> int:
    """Say whether a document stands: issued, superseded, revoked or unknown.

    CODE stands in the foot of every page; case, spaces and hyphens do not matter. Without DIR the
    present folder is the workspace. Ends with 1 for what is not issued or stands no more.

    \b
    Example:
      tilth check work 8G9PZ-8TNPD-KRM4A-6NMBF-6
    """
    from tilth.service import papers

    directory, code = Path(), "".join(words)
    if len(words) > 1 and Path(words[0]).is_dir():
        directory, code = Path(words[0]), "".join(words[1:])
    with given.session(directory) as session:
        found = papers.check(session, code)
    given.answer(asdict(found), lambda screen: _checked(screen, found))
    return DONE if found.state == "issued" else SOME_REFUSED


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """File that stands in its place once all went well; else what was there stays."""
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _issued(screen: Screen, told: dict[str, Any], directory: Path) -> None:
    screen.line()
    screen.spans(("code ", ""), (told["code"], "bold"))
    done = "Issued" if told["new"] else "Made again"
    said = f"{done} in {told['language']}, {told['bytes']:,} bytes in {told['file']}."
    code = shlex.quote(told["code"])  # the last character may mean something to a shell
    screen.last(said, f"tilth check {directory} {code}")


def _checked(screen: Screen, found: Checked) -> None:
    screen.line()
    good = found.state == "issued"
    screen.spans((found.code, "bold"), (" is ", ""), (found.state, "green" if good else "red"))
    if found.state == "unknown":
        screen.last("Nobody whose log is held here issued a document with this code.")
        return
    lines = {
        "document": found.document.replace("_", " "),
        "about": found.subject or "the operation",
        "issued": f"{found.issued_on} by {found.issued_by}, in {found.language}",
        "figures": f"{found.level} until {found.until}" if found.level else "",
        "instead of it" if found.state == "superseded" else "because of": found.by,
    }
    for name, text in lines.items():
        if text:
            screen.line(f"{name}: {text}")
    screen.last(_ENDINGS[found.state])


_ENDINGS = {
    "issued": "It stands as it was issued.",
    "superseded": "It was issued so, and something newer has taken its place.",
    "revoked": "It was issued so, and the authority has revoked what it says.",
}


def _list(screen: Screen, known: Sequence[Checked]) -> None:
    from tilth.cli.screen import Column

    columns = [Column("issued", wrap=False), Column("document"), Column("about")]
    columns += [Column("code", wrap=False), Column("state", wrap=False)]
    rows = [
        [
            one.issued_on,
            one.document.replace("_", " "),
            one.subject or "the operation",
            one.code,
            one.state,
        ]
        for one in known
    ]
    screen.table(columns, rows)
    told = f"{len(rows)} documents." if len(rows) != 1 else "1 document."
    screen.last(told)
