"""The command that builds the demonstration operation."""

from __future__ import annotations

from pathlib import Path

import click

from tilth.cli.command import DONE, Command, Given, folder

__all__ = ["demo"]


@click.command(cls=Command, section="Begin")
@folder
@click.option(
    "--scale",
    default="small",
    type=click.Choice(["small", "yardstick"]),
    help="small is one hundredth of the yardstick operation.",
)
@click.option("--seed", default=1, type=int, metavar="N", help="Another number, another story.")
def demo(given: Given, directory: Path, scale: str, seed: int) -> int:
    """Build a made-up operation to try things on; everything in it says SYNTHETIC.

    Four organisations of two states form, train, are tasked, work, are checked, release, hand over,
    go home and are thanked; with corrections, returns, a revocation, a recall and two that claim
    one field. The same seed gives the same statements.

    \b
    Example:
      tilth demo demo --scale small
    """
    from tilth.cli import present
    from tilth.service.demonstrate import build_demonstration

    with present.progress("Telling the story") as tell:
        acts = build_demonstration(directory, scale=scale, seed=seed, progress=tell)
    screen = given.screen
    if given.json:
        screen.json({"statements": acts, "scale": scale, "seed": seed, "synthetic": True})
        return DONE
    screen.last(f"{acts:,} statements written, SYNTHETIC.", f"tilth account {directory}")
    return DONE
