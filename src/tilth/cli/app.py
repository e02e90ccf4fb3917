"""The program ``tilth``: its commands in the groups in which its help lists them."""

from __future__ import annotations

import click

from tilth.cli.command import Program
from tilth.cli.commands_accounts import account, findings
from tilth.cli.commands_accreditation import accredit, gate, training
from tilth.cli.commands_acts import approve, dispute, return_, revoke, undo, vouch, withdraw
from tilth.cli.commands_demo import demo
from tilth.cli.commands_documents import check, document
from tilth.cli.commands_explosives import explosives
from tilth.cli.commands_files import import_, kinds, problems, template
from tilth.cli.commands_folder import backup, init, rebuild, restore, verify
from tilth.cli.commands_handover import handover, release_check, review
from tilth.cli.commands_indicators import indicators
from tilth.cli.commands_join import join
from tilth.cli.commands_keys import key
from tilth.cli.commands_people import return_check, service_record
from tilth.cli.commands_quality import nonconformity, sample, visit
from tilth.cli.commands_recall import recall
from tilth.cli.commands_records import erase, explain, log, name, show
from tilth.cli.commands_rules import rules
from tilth.cli.commands_say import correct, record, revise
from tilth.cli.commands_serve import serve, sign
from tilth.cli.commands_tasks import task
from tilth.cli.commands_users import user

__all__ = ["main"]


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command has help of its own with an example: tilth import --help.",
)
@click.version_option(package_name="tilth", message="%(prog)s %(version)s")
@click.option("--ascii", is_flag=True, help="Replace marks and signs by plain ASCII.")
@click.option("--debug", is_flag=True, help="Show where in the program a mishap happened.")
def main(ascii: bool, debug: bool) -> None:
    """Account for mine clearance: land and items, as records that add up.

    A workspace is a folder, DIR. Files go in with import, figures come out with account, each with
    its level, its date and what it leaves out.

    \b
    From a table to an account:
      tilth init work --organisation "My organisation"
      tilth import work reports.csv --kind clearance_report --actor im1
      tilth account work

    Exit status: 0 all accepted, 1 some refused or an account that does not close, 2 nothing done.
    """


for _command in (
    init,
    join,
    demo,
    serve,
    template,
    kinds,
    import_,
    record,
    correct,
    revise,
    visit,
    nonconformity,
    sample,
    recall,
    problems,
    training,
    accredit,
    gate,
    task,
    explosives,
    release_check,
    handover,
    review,
    service_record,
    return_check,
    account,
    document,
    check,
    findings,
    indicators,
    show,
    log,
    vouch,
    approve,
    return_,
    revoke,
    withdraw,
    undo,
    dispute,
    rules,
    explain,
    name,
    erase,
    verify,
    rebuild,
    backup,
    restore,
    key,
    user,
    sign,
):
    main.add_command(_command)
