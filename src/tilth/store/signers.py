"""Where a workspace takes time, chance and signatures from."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from tilth.core.checkpoint import Verifier
from tilth.core.keyring import Keyring
from tilth.core.problems import Problem, Refused
from tilth.store.keys import Committed, Key, Keys
from tilth.store.sealing import Growth

__all__ = ["OUTSIDE", "Signers", "Surroundings"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Time and chance, as a workspace takes them from outside.

    Parameters
    ----------
    clock
        Microseconds since 1970, UTC.
    entropy
        So many random bytes; ids, keys, nonces and salts come from it. Anything but the operating
        system's is for synthetic workspaces, which a seed must be able to repeat.
    """

    clock: Callable[[], int] = lambda: time.time_ns() // 1000
    entropy: Callable[[int], bytes] = secrets.token_bytes

    def utc(self) -> str:
        """Return the time as statements write it: UTC, ``YYYY-MM-DDThh:mm:ssZ``."""
        moment = datetime.fromtimestamp(self.clock() // 1_000_000, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def seeded(self) -> bool:
        """Whether chance comes from elsewhere than the operating system."""
        return self.entropy is not secrets.token_bytes


OUTSIDE = Surroundings()
"""The machine's clock and the operating system's chance."""


class Signers:
    """Signs what a store seals, with the keys that the logs themselves name.

    Parameters
    ----------
    keys
        The private keys.
    receipt_key
        Public key (hex) that seals receipts.

    Attributes
    ----------
    keyring
        What the logs held say; kept up to date by the workspace.
    opening
        Public keys of logs whose first statement is just being appended.
    committed
        Newest committed checkpoint of a log, None while it has none; the store answers, from
        outside the transaction that is being sealed.
    """

    def __init__(self, keys: Keys, receipt_key: str) -> None:
        self._keys = keys
        self._receipt_key = receipt_key
        self.keyring = Keyring({})
        self.opening: dict[str, str] = {}
        self.committed: Committed = _nothing

    def signer_for(self, log: str, size: int) -> Key:
        """Return the key that signs the checkpoint of a log at a size.

        Raises
        ------
        Refused
            ``no_signing_key``, ``key_missing``, ``key_locked`` or ``key_damaged``.
        """
        span = self.keyring.span_at(log, size)
        public_key = span.public_key if span is not None else self.opening.get(log)
        if public_key is None:
            raise Refused(Problem("no_signing_key", log, {"log": log}))
        return self._keys.get(public_key)

    def sign_checkpoint(self, growth: Growth) -> str:
        """Signed note over the new head of a log; the key is named like the log."""
        key = self.signer_for(growth.log, growth.after.size)
        return key.sign_head(growth, self.committed)

    def settled(self, logs: Iterable[str]) -> None:
        """Tell the keys in which logs something is now committed."""
        self._keys.settled(logs, self.committed)

    def sign_receipt(self, body: bytes) -> bytes:
        """Signature of a receipt by the workspace's own key."""
        return self._keys.get(self._receipt_key).sign(body)

    def verifier(self, log: str, size: int) -> Verifier | None:
        """Return the public key that must have signed the checkpoint of a log at a size."""
        span = self.keyring.span_at(log, size)
        return None if span is None else Verifier(log, bytes.fromhex(span.public_key))


def _nothing(log: str) -> None:
    """No log has a checkpoint before a store is open."""
