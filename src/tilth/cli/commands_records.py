"""Commands about single records and the log."""

from __future__ import annotations

from pathlib import Path

import click

from tilth.cli.command import DONE, Command, Given, folder, saying
from tilth.cli.commands_acts import confirmed
from tilth.core.problems import Problem, Refused

__all__ = ["erase", "explain", "log", "name", "show"]


@click.command(cls=Command, section="Ask")
@folder
@click.argument("record", metavar="RECORD")
def show(given: Given, directory: Path, record: str) -> int:
    """Show a record: its levels, fields, ground with m², and its life statement by statement.

    RECORD is its local id, its national id or its full id.

    \b
    Example:
      tilth show border HA-1
    """
    from tilth.cli import present
    from tilth.service.records import life

    with given.session(directory) as session:
        found = life(session, record)
    given.answer(found, lambda screen: present.record_life(screen, found, directory=str(directory)))
    return DONE


@click.command(cls=Command, section="Ask")
@folder
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    metavar="N",
    help="So many statements.",
)
def log(given: Given, directory: Path, limit: int) -> int:
    """List what was said, newest first.

    \b
    Example:
      tilth log border --limit 100
    """
    from tilth.cli import present
    from tilth.service.records import newest_statements

    with given.session(directory) as session:
        total = session.workspace.store.last_seq()
        lines = newest_statements(session, limit)

    def show_lines(screen: present.Screen) -> None:
        present.log_lines(screen, lines)
        said = f"{len(lines):,} of {total:,} statements, newest first."
        screen.last(said, f"tilth show {directory} RECORD")

    given.answer({"total": total, "statements": lines}, show_lines)
    return DONE


@click.command(cls=Command, section="Decide")
@folder
@click.argument("record", metavar="RECORD")
@click.argument("national_id", metavar="NATIONAL_ID")
@saying
def name(given: Given, directory: Path, record: str, national_id: str, actor: str) -> int:
    """Give a record its national id, as the authority; every id finds the record.

    \b
    Example:
      tilth name border HA-1 UA-2026-00017 --actor nmaa
    """
    from tilth.service.records import name_record

    with given.session(directory, actor) as session:
        result = name_record(session, record, national_id)
    said = f"{record} is also called {result['national_id']}."
    following = f"tilth show {directory} {result['national_id']}"
    given.answer(result, lambda screen: screen.last(said, following))
    return DONE


@click.command(cls=Command, section="Decide")
@folder
@click.argument("record", metavar="RECORD")
@click.option("--code", required=True, metavar="C", help="Which finding: see tilth findings.")
@click.option("--reason", default="", metavar="TEXT", help="Why it stands; needed.")
@click.option("--other", default="", metavar="RECORD", help="The other record, where it names two.")
@click.option("--on", default="", metavar="D", help="Day of the explanation; today without.")
@saying
def explain(
    given: Given,
    directory: Path,
    record: str,
    code: str,
    reason: str,
    other: str,
    on: str,
    actor: str,
) -> int:
    """Say why a finding stands: it stays in the list, with the reason, as explained.

    For who said the record, or the authority. Said again it corrects the reason.

    \b
    Example:
      tilth explain border HA-1 --code overlap --other HA-2 --reason "Two beds" --actor im1
    """
    from tilth.service import findings as noticed

    with given.session(directory, actor) as session:
        said = noticed.explain(session, code, record, reason, other=other, on=on)
        told = noticed.findings(session, code)
    explained = [one for one in told if one["state"] == "explained" and one["reason"] == reason]
    result = {"explanation": said, "code": code, "findings": explained}
    following = f"tilth findings {directory} --code {code}"
    given.answer(result, lambda screen: screen.last(f"{code} of {record} explained.", following))
    return DONE


@click.command(cls=Command, section="Decide")
@folder
@click.argument("records", metavar="RECORD...", nargs=-1, required=True)
@click.option("--reason", default="", metavar="TEXT", help="Why; needed. Never with a name in it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@saying
def erase(
    given: Given, directory: Path, records: tuple[str, ...], reason: str, yes: bool, actor: str
) -> int:
    """Erase records of people for good: their data, and the files it came from.

    The log keeps only that there was a record and that it was erased. Backups made before still
    hold it.

    \b
    Example:
      tilth erase border V-17 --reason "Asked for by the person" --actor im1
    """
    from tilth.service.records import erase_records

    with given.session(directory, actor) as session:
        if not yes:
            _ask(given, len(records))
        erased, counts = erase_records(session, records, reason)
    result = {"records": erased, **counts._asdict()}
    said = (
        f"Erased {len(erased)} records with {counts.payloads} statements, {counts.sources} files "
        f"and {counts.refused} lists of refused rows."
    )
    given.answer(result, lambda screen: screen.last(said, f"tilth verify {directory}"))
    return DONE


def _ask(given: Given, count: int) -> None:
    """Ask before what cannot be taken back."""
    if given.json or not confirmed(f"Erase {count} records? It cannot be taken back."):
        raise Refused(Problem("not_confirmed", "erase"))
