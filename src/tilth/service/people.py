"""People and their organisations: who may speak for whom."""

from __future__ import annotations

from tilth.core.life.formation import speaks_for
from tilth.core.problems import Refused
from tilth.service.register import register_of
from tilth.service.session import Session

__all__ = ["require_liaison"]


def require_liaison(session: Session, organisation: str, act: str) -> None:
    """Refuse an actor who is listed by another organisation and has no liaison with this one.

    Parameters
    ----------
    organisation
        Id of the organisation spoken for.

    Raises
    ------
    Refused
        ``speaks_for_other``; an actor whom nobody lists is not questioned.
    """
    register = register_of(session)
    problems = speaks_for(register, session.actor, organisation, act, session.today())
    if problems:
        raise Refused(*problems)
