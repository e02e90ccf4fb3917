"""What a guard found in the way: refused, or overridden with a reason that stays for ever."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tilth.core.problems import Problem, Refused, register

__all__ = ["HARD", "settle"]

HARD = frozenset({"beyond_possible"})
"""Rules that no reason overrides: what they refuse is a slip, and has to be corrected."""

register(
    {
        "override_needs_reason": (
            "{rule} is overridden without a reason.",
            "Give --reason with a sentence that will still be understood in ten years; the "
            "override is a finding for ever.",
        ),
        "override_not_needed": (
            "Nothing stands in the way by the rule {rule}.",
            "Leave --override {rule} out; rules that do: {found}",
        ),
    }
)


def settle(
    obstacles: Sequence[Problem], override: Collection[str] | bool, reason: str
) -> list[dict[str, str]]:
    """Refuse what stands in the way and is not overridden.

    Parameters
    ----------
    obstacles
        What the guards found: code of the rule, record that stands in the way.
    override
        Codes of rules that are overridden; True for every rule that can be.

    Returns
    -------
    list of dict
        ``rule`` and ``record`` of every override, for the field ``overrides`` of the statement.

    Raises
    ------
    Refused
        With everything that stands in the way; ``override_needs_reason``,
        ``override_not_needed``.
    """
    found = {one.code for one in obstacles}
    named = found if override is True else set(override or ())
    if idle := sorted(named - found):
        params = {"rule": ", ".join(idle), "found": ", ".join(sorted(found)) or "none"}
        raise Refused(Problem("override_not_needed", "--override", params))
    standing = [one for one in obstacles if one.code not in named or one.code in HARD]
    if standing:
        raise Refused(*standing)
    if obstacles and not reason.strip():
        rules = ", ".join(sorted(found))
        raise Refused(Problem("override_needs_reason", "--reason", {"rule": rules}))
    unique = dict.fromkeys((one.code, one.where) for one in obstacles)
    return [{"rule": rule, "record": where} for rule, where in unique]
