"""Commands that ask: the account, and what was noticed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tilth.cli.command import DONE, SOME_REFUSED, Command, Given, folder
from tilth.core.days import ordinal
from tilth.core.problems import Problem, Refused, register

if TYPE_CHECKING:
    from tilth.cli.screen import Screen

__all__ = ["account", "findings"]

register(
    {
        "since_after_until": (
            "The period begins on {since}, after its end on {until}.",
            "Exchange the two days, or leave --until out for now.",
        ),
    }
)

LEVELS = ("reported", "verified", "approved", "prudent")


@click.command(cls=Command, section="Ask")
@folder
@click.option(
    "--level", type=click.Choice(LEVELS), help="One level in exact m²; all four without it."
)
@click.option("--known-at", default="", metavar="T", help="As known at a day, time or position:N.")
@click.option("--until", default="", metavar="D", help="State at the end of this day; now without.")
@click.option("--since", default="", metavar="D", help="What has moved since the end of this day.")
@click.option(
    "--by",
    default=None,
    type=click.Choice(
        ["hazard", "classification", "organisation", "month", "method", "project", "place"]
    ),
    metavar="CUT",
    help="Cut by hazard, classification, organisation, month, method, project or place.",
)
@click.option(
    "--svg",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the account into a picture, at --level or reported.",
)
def account(
    given: Given, directory: Path, level: str | None, svg: Path | None, **asked: str | None
) -> int:
    """Print the accounts of land and items, with level, date and what they leave out.

    Exit status 1 when an account does not close. With --json and without --level the account is
    the reported one.

    \b
    Examples:
      tilth account border
      tilth account border --level approved --until 2026-03-31 --known-at 2026-04-10
    """
    from tilth.cli import present
    from tilth.service.accounting import Question, accounts
    from tilth.text.accounts import is_closed, items_closed

    wanted = [level] if level else (["reported"] if given.json else list(LEVELS))
    question = Question(**{name: value or "" for name, value in asked.items()})
    with given.session(directory) as session, present.progress("Computing the account"):
        found = accounts(session, question, wanted)  # refuses what is no day
        _require_order(question.since, question.until or session.today())
    if svg is not None:
        from tilth.documents.account_svg import account_svg

        svg.write_text(account_svg(found[wanted[0]]), encoding="utf-8")
    given.answer(
        found[wanted[0]],
        lambda screen: present.account(screen, found, directory=str(directory)),
    )
    closed = all(is_closed(one) and items_closed(one) for one in found.values())
    return DONE if closed else SOME_REFUSED


def _require_order(since: str, until: str) -> None:
    """Refuse a period that ends before it begins."""
    if since and ordinal(since) > ordinal(until):
        params = {"since": since, "until": until}
        raise Refused(Problem("since_after_until", "--since", params))


@click.command(cls=Command, section="Ask")
@folder
@click.option("--code", default="", metavar="C", help="Only findings of this code.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table, to be sent to the operator.")
@click.option("--geojson", is_flag=True, help="As GeoJSON, with the ground concerned.")
@click.option("--all", "every", is_flag=True, help="Show every finding, not the largest 40.")
def findings(
    given: Given, directory: Path, code: str, as_csv: bool, geojson: bool, every: bool
) -> int:
    """List what the accounts and checks have noticed, the largest stake first.

    A finding refuses nothing; it stays until it is closed by a statement or explained.

    \b
    Examples:
      tilth findings border
      tilth findings border --code overlap --geojson > overlaps.geojson
    """
    from tilth.cli import present
    from tilth.service import findings as noticed

    if as_csv + geojson + given.json > 1:
        raise Refused(Problem("two_answers", "findings", {"one": "--csv", "other": "--geojson"}))
    with given.session(directory) as session, present.progress("Looking for contradictions"):
        found = noticed.findings(session, code)
    if as_csv:
        click.echo(noticed.findings_csv(found), nl=False)
        return DONE
    if geojson:
        given.screen.json(noticed.findings_geojson(found))
        return DONE

    def show(screen: Screen) -> None:
        limit = None if every else 40
        present.finding_list(screen, found, limit=limit, directory=str(directory))

    given.answer({"findings": found}, show)
    return DONE
