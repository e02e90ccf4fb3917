"""Act three: people are trained, and the authority accredits organisations and teams."""

from __future__ import annotations

from typing import Any, NamedTuple

from tilth.demonstration.cast import END, OPERATORS, START, code_of, iso_day
from tilth.demonstration.formation import Formation, Person, Team, team_code
from tilth.demonstration.ledger import Ledger

__all__ = ["Expiring", "tell_training"]

_TAUGHT = START - 30
"""Last day of the basic course; the special courses end two weeks later."""
_SPECIAL = START - 16
_ACCREDITED = START - 10
_VALID = END + 200

Fields = dict[str, Any]


class Expiring(NamedTuple):
    """A team whose course was taken elsewhere and runs out: its last valid day, an ordinal."""

    operator: int
    number: int
    day: int

    @property
    def code(self) -> str:
        """Code of the team."""
        return team_code(self.operator, self.number)


class _Course(NamedTuple):
    word: str
    name: str
    activities: tuple[str, ...]
    methods: tuple[str, ...]
    syllabus: tuple[tuple[str, int], ...]


_BASIC = _Course(
    "BASIC",
    "Clearance, basic course",
    ("clearance", "bac", "ts", "nts", "eod_spot_task", "marking"),
    (),
    (("Recognition of ordnance", 24), ("First aid", 16), ("Marking", 8), ("Drills", 60)),
)
_COURSES = (
    _Course(
        "DETECTOR",
        "Clearance by detector",
        ("clearance", "eod_spot_task"),
        ("manual_detector", "visual"),
        (("Detector drills", 40), ("Test lane", 8)),
    ),
    _Course(
        "DOGS",
        "Clearance with dogs",
        ("clearance",),
        ("mdd", "manual_detector"),
        (("Handling", 60), ("Test field", 16)),
    ),
    _Course(
        "FLAIL",
        "Mechanical clearance with manual follow-up",
        ("clearance", "ts"),
        ("flail", "manual_detector"),
        (("Machine", 40), ("Follow-up", 16)),
    ),
    _Course(
        "BAC",
        "Battle area clearance",
        ("bac",),
        ("bac_surface", "bac_subsurface"),
        (("Search formations", 16), ("Instrument search", 16)),
    ),
    _Course(
        "SURVEY",
        "Non-technical and technical survey",
        ("nts", "ts"),
        ("interview", "visual", "flail"),
        (("Interviews", 24), ("Mapping", 24)),
    ),
)
_CENTRES = {
    "Suldane": "Suldane Engineer School, training ground",
    "Oravel": "Oravel Mine Action Training Centre",
}


def tell_training(ledger: Ledger, formation: Formation, expiring: Expiring | None) -> None:
    """Tell the courses, everybody's results, and what the authority accredited."""
    for operator, member in enumerate(OPERATORS):
        for course in (_BASIC, *_COURSES):
            fields = _course(operator, course, _CENTRES[member.state])
            local_id = f"{member.code}-C-{course.word}"
            ledger.record(operator, "training_course", local_id, _TAUGHT, fields)
    failed = _first_of_many(formation)
    for team in formation.teams.values():
        ends = expiring is not None and team.code == expiring.code
        until = expiring.day if expiring is not None and ends else _VALID
        for person in team.members:
            if person is failed:
                _result(ledger, person.operator, _BASIC, _TAUGHT, {"person": person.code}, 0)
            day = _SPECIAL - 2 if person is failed else _TAUGHT
            _result(ledger, person.operator, _BASIC, day, {"person": person.code}, until)
        for course in _COURSES:
            if set(course.methods) & set(team.methods) and set(course.activities) & set(
                team.activities
            ):
                _result(ledger, team.operator, course, _SPECIAL, {"team": team.code}, until)
    _tell_accreditations(ledger, formation)


def _first_of_many(formation: Formation) -> Person:
    """Somebody who failed the course at first and passed it two weeks later."""
    return next(team for team in formation.teams.values() if len(team.members) > 1).members[-1]


def _course(operator: int, course: _Course, centre: str) -> Fields:
    last = _TAUGHT if course is _BASIC else _SPECIAL
    hours = sum(hours for _, hours in course.syllabus)
    fields: Fields = {
        "code": f"{code_of(operator)}-C-{course.word}",
        "name": course.name,
        "activities": list(course.activities),
        "centre": centre,
        "syllabus": [{"item": item, "hours": str(hours)} for item, hours in course.syllabus],
        "period_from": iso_day(last - hours // 6),
        "period_to": iso_day(last),
    }
    if course.methods:
        fields["methods"] = list(course.methods)
    return fields


def _result(
    ledger: Ledger, operator: int, course: _Course, day: int, who: Fields, until: int
) -> None:
    """Result of a course, passed until a day; failed without one."""
    number = ledger.number(operator, "training_result")
    word = "passed" if until else "failed"
    fields: Fields = {"course": f"{code_of(operator)}-C-{course.word}", **who, "result": word}
    fields["syllabus_results"] = [
        {"item": item, "result": word if item == course.syllabus[0][0] else "passed"}
        for item, _ in course.syllabus
    ]
    if until:
        fields["valid_until"] = iso_day(until)
    local_id = f"{code_of(operator)}-TR-{number:05d}"
    ledger.record(operator, "training_result", local_id, day, fields)


def _tell_accreditations(ledger: Ledger, formation: Formation) -> None:
    """The contingent is accredited provisionally at first; all others fully."""
    for operator, member in enumerate(OPERATORS):
        teams = [team for team in formation.teams.values() if team.operator == operator]
        fields = _accreditation(ledger, "organisation", member.code, teams)
        if operator == 0:
            fields["status"] = "provisional"
        local_id = f"ACC-{member.code}"
        ledger.record(-1, "accreditation", local_id, _ACCREDITED, fields)
        if operator == 0:
            event = {"status": "full", "reason": "Six weeks of work watched without objection"}
            ledger.revise(-1, "accreditation", local_id, START + 42, event)
        for team in teams:
            fields = _accreditation(ledger, "team", team.code, [team])
            ledger.record(-1, "accreditation", f"ACC-{team.code}", _ACCREDITED + 3, fields)


def _accreditation(ledger: Ledger, holder_type: str, holder: str, teams: list[Team]) -> Fields:
    activities = dict.fromkeys(one for team in teams for one in team.activities)
    methods = dict.fromkeys(one for team in teams for one in team.methods)
    number = ledger.number(-1, "accreditation")
    return {
        "holder_type": holder_type,
        "holder": holder,
        "activities": list(activities),
        "methods": list(methods),
        "hazard_types": ["minefield", "cluster_strike", "battle_area"],
        "issued_on": iso_day(_ACCREDITED if holder_type == "organisation" else _ACCREDITED + 3),
        "expires_on": iso_day(_VALID),
        "status": "full",
        "certificate": f"OMAA/A/{number:04d}",
        "sop_version": "SOP 2024-2",
    }
