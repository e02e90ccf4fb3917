"""The joint formation: who belongs to whom on a day, who may speak for whom, who is where.

Each organisation says its own teams in its own log, so that a person belongs to the organisation in
whose log a team lists the person's code; where the authority entered the paper of another, to that
one. Membership and posts have days: a month or a year of the
beginning counts from its first day, of an end to its last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tilth.core.days import NEVER, first_day, iso, last_day
from tilth.core.findings import Finding
from tilth.core.findings import register as register_findings
from tilth.core.life.quality import speaker_of
from tilth.core.life.register import Held, Register
from tilth.core.life.spans import Spans, joined
from tilth.core.problems import Parameter, Problem, register

__all__ = [
    "Posting",
    "chain_of_command",
    "days_of",
    "formation_findings",
    "formation_of",
    "members_days",
    "members_of",
    "organisations_of",
    "postings",
    "speaks_for",
    "team_of",
]

SAYING = frozenset({"record", "correct", "revise", "withdraw"})
"""Acts that a liaison without a list of acts may do: it says, and decides nothing."""

Days = tuple[int, int]
"""First and last day, ordinals, both counted."""


def days_of(fields: Mapping[str, Any]) -> Days:
    """Days from ``period_from`` to ``period_to``; open where one is absent.

    Examples
    --------
    >>> days_of({"period_from": "1970-01", "period_to": "1970-01"})
    (719163, 719193)
    """
    start, end = str(fields.get("period_from", "")), str(fields.get("period_to", ""))
    return (first_day(start) if start else 0, last_day(end) if end else NEVER)


def _both(one: Days, other: Days) -> Days | None:
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else None


def team_of(register: Register, name: str, author: str = "") -> Held | None:
    """Team that a report or task names by code or id, the author's own first."""
    return register.find("team", name, author)


def chain_of_command(register: Register, team: Held, day: str) -> list[Held]:
    """The team, the unit above it on that day, and so on up to its formation.

    A chain that comes back to a team ends before it; a parent that is not recorded ends it too.
    """
    chain = [team]
    met = {team.record}
    while parent := str(chain[-1].at(day).get("parent", "")):
        above = team_of(register, parent, chain[-1].author)
        if above is None or above.record in met:
            break
        met.add(above.record)
        chain.append(above)
    return chain


def formation_of(register: Register, team: Held, day: str) -> Held:
    """Head of a team's chain of command on a day; the team itself when nothing is above it."""
    return chain_of_command(register, team, day)[-1]


class Member(NamedTuple):
    """A person in a team, by code, with the function and the days."""

    person: str
    function: str
    days: Days


def _members(fields: Mapping[str, Any]) -> Iterator[Member]:
    """Members of a team as its fields list them, within the days of the team."""
    whole = days_of(fields)
    for line in fields.get("members", ()):
        days = _both(days_of(line), whole)
        if days and line.get("person"):
            yield Member(str(line["person"]), str(line.get("function", "")), days)


def members_of(team: Held, day: str) -> dict[str, str]:
    """Codes of the persons in a team on a day, with their functions, in order of the code."""
    on = last_day(day)
    found = {
        one.person: one.function
        for one in _members(team.at(day))
        if one.days[0] <= on <= one.days[1]
    }
    return dict(sorted(found.items()))


def members_days(team: Held, person: str) -> Spans:
    """Days on which a team lists a person; a list that was revised counts until its successor."""
    starts = sorted({0, *(last_day(event.happened_on) for event in team.events)})
    spans: list[Days] = []
    for number, start in enumerate(starts):
        end = starts[number + 1] - 1 if number + 1 < len(starts) else NEVER
        values = team.at(iso(start)) if start else dict(team.fields)
        for one in _members(values):
            shared = _both(one.days, (start, end))
            if one.person == person and shared:
                spans.append(shared)
    return joined(spans)


def organisations_of(register: Register, person: str, day: str) -> dict[str, str]:
    """Organisation ids whose teams list a person's code on a day, each with such a team's record.

    Empty for a code that nobody lists.
    """
    found: dict[str, str] = {}
    for record, team in sorted(register.of("team").items()):
        speaker = speaker_of(register, team)
        if speaker not in found and person in members_of(team, day):
            found[speaker] = record
    return found


def speaks_for(
    register: Register, actor: str, organisation: str, act: str, day: str
) -> list[Problem]:
    """Whether an actor may do an act in the name of an organisation, as far as people are known.

    An actor code that a team of another organisation lists needs a `liaison` of the organisation
    spoken for: said in that organisation's own log, covering the day and the act. An actor whom
    nobody lists is not questioned, and neither is one whom the organisation itself lists.

    Parameters
    ----------
    organisation
        Id of the organisation spoken for.
    act
        Act of the statement, such as ``record`` or ``approve``.

    Returns
    -------
    list of Problem
        ``speaks_for_other`` or nothing. ``where`` is the team that lists the actor.
    """
    listed = organisations_of(register, actor, day)
    if not listed or organisation in listed:
        return []
    speakers = {actor}
    for one in listed:
        speakers |= register.codes(one)
    if any(_covers(register, one, speakers, organisation, act, day) for one in _liaisons(register)):
        return []
    own = min(listed)
    params = {
        "actor": actor,
        "own": register.parties.get(own, own),
        "organisation": register.parties.get(organisation, organisation),
        "act": act,
        "day": day,
    }
    return [Problem("speaks_for_other", listed[own], params)]


def _liaisons(register: Register) -> Iterable[Held]:
    return register.of("liaison").values()


def _covers(
    register: Register, liaison: Held, speakers: set[str], organisation: str, act: str, day: str
) -> bool:
    fields = liaison.at(day)
    acts = frozenset(fields.get("acts", ())) or SAYING
    first, last = days_of(fields)
    return (
        speaker_of(register, liaison) == organisation
        and _speaks_of(register, fields) in ("", organisation)
        and fields.get("speaker") in speakers
        and act in acts
        and first <= last_day(day) <= last
    )


def _speaks_of(register: Register, liaison: Mapping[str, Any]) -> str:
    """Organisation id that a liaison is for; empty where it names nobody."""
    code = str(liaison.get("for_organisation", ""))
    return (register.organisation_of(code) or code) if code else ""


class Posting(NamedTuple):
    """Where somebody was, from one day to another.

    Parameters
    ----------
    deployment
        Record id.
    who
        Code of the person, or record id of the team.
    days
        First and last day, ordinals.
    """

    deployment: str
    who: str
    place: str
    days: Days


def postings(register: Register) -> list[Posting]:
    """Every deployment of persons and teams; that of a team also for each of its members then."""
    found = []
    for record, held in sorted(register.of("deployment").items()):
        fields = held.now()
        place = str(fields.get("place") or fields.get("admin1") or "")
        days = days_of(fields)
        if fields.get("person"):
            found.append(Posting(record, str(fields["person"]), place, days))
        team = team_of(register, str(fields.get("team", "")), held.author)
        if team is None:
            continue
        found.append(Posting(record, team.record, place, days))
        for one in _members(team.now()):
            shared = _both(one.days, days)
            if shared:
                found.append(Posting(record, one.person, place, shared))
    return found


def formation_findings(register: Register) -> list[Finding]:
    """What does not fit in the formation.

    ``team_parent_unknown``, ``command_loop``, ``deployed_twice``, ``team_not_recorded``,
    ``names_nobody``, ``listed_by_two``, ``liaison_not_own``.
    """
    return [
        *_chain_findings(register),
        *_naming_findings(register),
        *_posting_findings(register),
        *_listing_findings(register),
        *_liaison_findings(register),
    ]


def _chain_findings(register: Register) -> Iterator[Finding]:
    above: dict[str, str] = {}
    for record, team in sorted(register.of("team").items()):
        parent = str(team.now().get("parent", ""))
        if not parent:
            continue
        found = team_of(register, parent, team.author)
        if found is None:
            yield Finding("team_parent_unknown", record, params={"parent": parent})
        else:
            above[record] = found.record
    for record in sorted(above):
        chain = [record]
        while (following := above.get(chain[-1], "")) and following not in chain:
            chain.append(following)
        if following == record and record == min(chain):
            names = " → ".join(register.of("team")[one].local_id for one in [*chain, record])
            yield Finding("command_loop", record, params={"chain": names})


def _naming_findings(register: Register) -> Iterator[Finding]:
    for kind in ("asset", "deployment", "honour"):
        for record, held in sorted(register.of(kind).items()):
            fields = held.now()
            team = str(fields.get("team", ""))
            if team and team_of(register, team, held.author) is None:
                yield Finding("team_not_recorded", record, params={"team": team})
            names = ("person", "team", "honoured_organisation")
            if kind != "asset" and not any(fields.get(name) for name in names):
                yield Finding("names_nobody", record)


def _posting_findings(register: Register) -> Iterator[Finding]:
    """Pairs of deployments that put somebody in two places on one day, each pair once."""
    by_who: dict[str, list[Posting]] = {}
    for one in postings(register):
        if one.place:
            by_who.setdefault(one.who, []).append(one)
    told: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for who, some in by_who.items():
        some.sort(key=lambda one: (one.days, one.deployment))
        for number, one in enumerate(some):
            for other in some[number + 1 :]:
                if other.days[0] > one.days[1]:
                    break
                if one.place != other.place and one.deployment != other.deployment:
                    pair = (
                        min(one.deployment, other.deployment),
                        max(one.deployment, other.deployment),
                    )
                    told.setdefault(pair, []).append((other.days[0], who))
    teams = register.of("team")
    for (record, rival), cases in sorted(told.items()):
        first = min(day for day, _ in cases)
        people = sorted({teams[who].local_id if who in teams else who for _, who in cases})
        params: dict[str, Parameter] = {
            "who": ", ".join(people[:5]), "count": len(people), "day": iso(first),
        }  # fmt: skip
        yield Finding("deployed_twice", record, rival, params)


def _listing_findings(register: Register) -> Iterator[Finding]:
    """Persons whom teams of two organisations list on one day, each pair of teams once."""
    listed: dict[str, list[tuple[Days, Held]]] = {}
    for _, team in sorted(register.of("team").items()):
        for one in _members(team.now()):
            listed.setdefault(one.person, []).append((one.days, team))
    told: dict[tuple[str, str], dict[str, int]] = {}
    for person, some in listed.items():
        for number, (days, team) in enumerate(some):
            for other_days, other in some[number + 1 :]:
                shared = _both(days, other_days)
                if shared and speaker_of(register, team) != speaker_of(register, other):
                    pair = told.setdefault((team.record, other.record), {})
                    pair[person] = min(shared[0], pair.get(person, NEVER))
    teams = register.of("team")
    for (record, rival), people in sorted(told.items()):
        begun = (last_day(teams[one].happened_on or "0001") for one in (record, rival))
        params: dict[str, Parameter] = {
            "who": ", ".join(sorted(people)[:5]),
            "count": len(people),
            "day": iso(min(people.values()) or max(begun)),
        }
        yield Finding("listed_by_two", record, rival, params)


def _liaison_findings(register: Register) -> Iterator[Finding]:
    for record, held in sorted(register.of("liaison").items()):
        fields = held.now()
        if _speaks_of(register, fields) not in ("", speaker_of(register, held)):
            code = str(fields["for_organisation"])
            yield Finding("liaison_not_own", record, params={"organisation": code})


register(
    {
        "speaks_for_other": (
            "{actor} is listed in a team of {own} and may not {act} for {organisation} on {day}.",
            "Let one of its own people do it, or record a liaison in the log of {organisation}, "
            "with the speaker {actor}, the act and the day.",
        ),
    }
)
register_findings(
    {
        "team_parent_unknown": (
            "The team belongs to {parent}, which is not recorded.",
            "Record the unit {parent}, or correct the team.",
        ),
        "command_loop": (
            "The chain of command comes back to where it began: {chain}.",
            "Correct the team that has the wrong unit above it.",
        ),
        "team_not_recorded": (
            "The team {team} is not recorded, or several have this code.",
            "Record the team, or correct the code.",
        ),
        "names_nobody": (
            "It names neither a person nor a team nor an organisation.",
            "Correct it with the code of who it is about, or withdraw it.",
        ),
        "deployed_twice": (
            "{who} ({count} in all) are deployed in two places on {day}.",
            "Close the earlier deployment, or correct the days or the place.",
        ),
        "listed_by_two": (
            "{who} ({count} in all) are listed by teams of two organisations on {day}.",
            "End the membership in one of the teams, or record a liaison instead.",
        ),
        "liaison_not_own": (
            "The liaison is for {organisation}, which did not say it; it allows nothing.",
            "Let {organisation} record it in its own log, and withdraw this one.",
        ),
    }
)
