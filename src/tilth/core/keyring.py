"""Which key seals which stretch of a log: a fold over the log's own acts.

A log's first statement announces its first key. A ``key`` statement is the last of its batch: the
checkpoint that closes that batch is still signed by the old key, every later one by the new. A
``key_revoke`` says from which size on signatures of a stolen key count for nothing. A log whose key
is lost goes on as a new epoch, whose first statement (``epoch``) names the old head and the new
key, and which the authority confirms by a ``countersign``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

__all__ = ["KeySpan", "Keyring", "LogAct", "Standing", "log_origin", "replay", "split_origin"]


@dataclass(frozen=True, slots=True)
class LogAct:
    """One act about a log itself, as read from a log: where it stands and what it says.

    ``fields`` by act: ``key`` {public_key, previous}; ``key_revoke`` {public_key, after_size,
    reason, log?}; ``epoch`` {public_key, reason, old_log, old_size, old_root}; ``countersign``
    {reason?}, with the statement it confirms in ``decides``. Public keys are 64 hexadecimal digits.
    """

    log: str
    index: int
    hash: str
    act: str
    decides: tuple[str, ...]
    fields: Mapping[str, Any]


class Standing(StrEnum):
    """What a signature on a checkpoint is worth."""

    GOOD = "good"
    UNCONFIRMED = "unconfirmed"
    """Right for this log, but nobody who is trusted has vouched for the key yet."""
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key and the sizes of the log whose checkpoints it signs.

    Parameters
    ----------
    public_key
        Ed25519, 64 hexadecimal digits.
    first_size, last_size
        Inclusive; the last is None while the key is in use.
    revoked_after
        Size beyond which its signatures count for nothing, or None.
    announced
        Hash of the statement that announced it.
    confirmed
        Vouched for by an unbroken line from a trusted first key, or by the authority.
    """

    public_key: str
    first_size: int
    last_size: int | None
    revoked_after: int | None
    announced: str
    confirmed: bool = False


def log_origin(operation: str, organisation: str, epoch: int) -> str:
    """Name of a log, the origin line of its checkpoints.

    Examples
    --------
    >>> log_origin("0a", "1b", 2)
    'tilth/0a/1b/2'
    """
    return f"tilth/{operation}/{organisation}/{epoch}"


def split_origin(log: str) -> tuple[str, str, int]:
    """Operation, organisation and epoch of a log; inverse of `log_origin`.

    Raises
    ------
    ValueError
        When the text is not the origin of a log.
    """
    parts = log.split("/")
    if len(parts) != 4 or parts[0] != "tilth" or not parts[3].isdecimal():
        msg = f"not the origin of a log: {log!r}"
        raise ValueError(msg)
    return parts[1], parts[2], int(parts[3])


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of every log, by what the logs say of themselves."""

    spans: Mapping[str, tuple[KeySpan, ...]]

    def span_at(self, log: str, size: int) -> KeySpan | None:
        """Return the key that signs the checkpoint of a log at a size (None: no such log)."""
        for span in self.spans.get(log, ()):
            if span.first_size <= size and (span.last_size is None or size <= span.last_size):
                return span
        return None

    def current(self, log: str) -> KeySpan | None:
        """Return the key that signs the next checkpoint of a log."""
        spans = self.spans.get(log, ())
        return spans[-1] if spans else None

    def judge(self, log: str, size: int, public_key: str) -> Standing:
        """Say what a signature by a key on the checkpoint of a log at a size is worth."""
        span = self.span_at(log, size)
        if span is None or span.public_key != public_key:
            return Standing.UNKNOWN
        if span.revoked_after is not None and size > span.revoked_after:
            return Standing.REVOKED
        return Standing.GOOD if span.confirmed else Standing.UNCONFIRMED

    def logs_of(self, organisation: str) -> tuple[str, ...]:
        """Logs of an organisation by epoch, oldest first; the last is the one written to."""
        own = [log for log in self.spans if split_origin(log)[1] == organisation]
        return tuple(sorted(own, key=lambda log: split_origin(log)[2]))


def replay(acts: Iterable[LogAct], *, authority: str, anchors: Mapping[str, str]) -> Keyring:
    """Keys of every log from its acts, in any order of arrival.

    Parameters
    ----------
    acts
        The acts ``key``, ``key_revoke``, ``epoch`` and ``countersign`` of all logs held; others
        are passed over.
    authority
        Organisation whose countersignature confirms a key and whose revocations reach every log.
    anchors
        First key of a log by its origin, as known from outside the log. A first epoch without one
        is trusted by the key it announces itself.
    """
    ordered = sorted(acts, key=lambda act: (act.log, act.index))
    spans: dict[str, list[KeySpan]] = {}
    for act in ordered:
        if act.act in ("key", "epoch"):
            _announce(spans.setdefault(act.log, []), act)
    for act in ordered:
        if act.act == "key_revoke":
            _revoke(spans, act, authority)
    trust = _Trust(spans, ordered, authority, anchors)
    return Keyring(
        {
            log: tuple(
                replace(span, confirmed=trust.confirmed(log, place))
                for place, span in enumerate(held)
            )
            for log, held in spans.items()
        }
    )


def _announce(held: list[KeySpan], act: LogAct) -> None:
    sealed_at = act.index + 1
    first = 1
    if held:
        if act.act == "epoch" or act.index == 0:
            return  # an epoch opens a log and does nothing inside one
        held[-1] = replace(held[-1], last_size=sealed_at)
        first = sealed_at + 1
    elif act.index != 0:
        return  # a log held in part: its first key is not known
    held.append(KeySpan(str(act.fields.get("public_key", "")), first, None, None, act.hash))


def _revoke(spans: dict[str, list[KeySpan]], act: LogAct, authority: str) -> None:
    target = str(act.fields.get("log", act.log))
    if target != act.log and split_origin(act.log)[1] != authority:
        return  # only the authority speaks about another's key
    after = _size(act, "after_size")
    held = spans.get(target, [])
    for place, span in enumerate(held):
        if span.public_key == act.fields.get("public_key"):
            known = span.revoked_after
            held[place] = replace(span, revoked_after=after if known is None else min(known, after))


def _size(act: LogAct, name: str) -> int:
    """Return a size that an act states; what is no number reads as 0, which trusts nothing."""
    value = act.fields.get(name)
    return value if isinstance(value, int) and value > 0 else 0


class _Trust:
    """Follows the line of announcements back to a key that is known."""

    def __init__(
        self,
        spans: Mapping[str, list[KeySpan]],
        acts: list[LogAct],
        authority: str,
        anchors: Mapping[str, str],
    ) -> None:
        self._spans = spans
        self._anchors = anchors
        self._acts = {act.hash: act for act in acts}
        self._signs: dict[str, list[LogAct]] = {}
        for act in acts:
            if act.act == "countersign" and split_origin(act.log)[1] == authority:
                for named in act.decides:
                    self._signs.setdefault(named, []).append(act)
        self._known: dict[tuple[str, int], bool] = {}

    def confirmed(self, log: str, place: int) -> bool:
        key = (log, place)
        if key not in self._known:
            self._known[key] = False  # a line that leads back to itself confirms nothing
            self._known[key] = self._by_line(log, place) or self._by_authority(log, place)
        return self._known[key]

    def _by_line(self, log: str, place: int) -> bool:
        if place > 0:
            sealed_at = self._acts[self._spans[log][place].announced].index + 1
            return self._holds(log, place - 1, sealed_at)
        span = self._spans[log][0]
        if log in self._anchors:
            return self._anchors[log] == span.public_key
        act = self._acts[span.announced]
        if act.act == "key":
            return split_origin(log)[2] == 1
        # a restored backup goes on with the key that sealed the old head
        old = str(act.fields.get("old_log", ""))
        return self._sealed(old, _size(act, "old_size"), span.public_key)

    def _by_authority(self, log: str, place: int) -> bool:
        announced = self._spans[log][place].announced
        return any(
            self._sealed(sign.log, sign.index + 1) for sign in self._signs.get(announced, ())
        )

    def _sealed(self, log: str, size: int, public_key: str = "") -> bool:
        """Whether a good key (this one, where given) signs that log at that size."""
        for place, span in enumerate(self._spans.get(log, ())):
            if span.first_size <= size and (span.last_size is None or size <= span.last_size):
                fits = not public_key or span.public_key == public_key
                return fits and self._holds(log, place, size)
        return False

    def _holds(self, log: str, place: int, size: int) -> bool:
        after = self._spans[log][place].revoked_after
        return (after is None or size <= after) and self.confirmed(log, place)
