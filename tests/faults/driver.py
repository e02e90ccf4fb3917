"""The program that is struck: loads the shim once, then forks a child for each fault.

Commands come on standard input, ``at mode limit shadow folder script``. For each act that has
returned the child writes an acknowledgement to standard output, a pipe that the test holds; the
parent adds how the child ended.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workspace"))

from workbench import drafted

from tilth.core.problems import Refused
from tilth.core.statement import Source, statement_hash
from tilth.store import rotation
from tilth.store.backup import backup
from tilth.store.protocol import Draft
from tilth.store.settings import Party
from tilth.store.workspace import Workspace


def say(word: str, **facts: object) -> None:
    os.write(1, (json.dumps({"say": word, **facts}) + "\n").encode())


def held(drafts: list[Draft]) -> None:
    say("held", hashes=[statement_hash(draft.header) for draft in drafts])


def append(workspace: Workspace, *names: str) -> None:
    drafts = [drafted(workspace, name) for name in names]
    workspace.append(drafts)
    held(drafts)


def import_file(workspace: Workspace) -> None:
    digest = workspace.store.put_blob(b"a file " * 3000)
    say("blob", digest=digest)
    drafts = [drafted(workspace, "from-file", source=Source(digest, "row 1"))]
    workspace.append(drafts)
    held(drafts)


def take_in_people(workspace: Workspace) -> None:
    with workspace.writing():
        source = workspace.vault.put_source(b"names " * 1000)
        commitment = workspace.vault.put_payload("x/victim/new", b"somebody", source=source)
        fields = {"commitment": commitment}
        drafts = [drafted(workspace, "9" * 32, kind="victim", fields=fields)]
        workspace.append(drafts)
    say("payload", commitment=commitment)
    held(drafts)


def import_in_batches(workspace: Workspace) -> None:
    batches = [[drafted(workspace, f"b-{batch}-{row}") for row in range(20)] for batch in range(3)]
    for batch, _ in zip(batches, workspace.append_many(batches), strict=True):
        held(batch)


def name_a_partner(workspace: Workspace) -> None:
    workspace.change_settings(lambda known: known.with_party(Party("8" * 32, "Named")))
    say("named", id="8" * 32)


def open_partner_log(workspace: Workspace) -> None:
    say("log", log=workspace.open_log(Party("7" * 32, "Partner"), actor="t1"))


def rotate(workspace: Workspace) -> None:
    say("key", key=rotation.rotate(workspace, actor="t1"))


def erase(workspace: Workspace) -> None:
    record = next(one.record for one in workspace.vault.payloads() if one.data == b"to be erased")
    workspace.erase([record], reason="asked", actor="t1")
    say("erased", record=record)


def derive(workspace: Workspace) -> None:
    with workspace.writing():
        workspace.store.keep_many("test", {f"key-{number}": bytes(500) for number in range(20)})
        workspace.store.rebuild()


def keep(workspace: Workspace) -> None:
    """Derived values need not be durable, but may not spoil what follows them."""
    with workspace.writing():
        workspace.store.keep_many("test", {"key": bytes(9000)})


def copy(workspace: Workspace) -> None:
    file = workspace.path.parent / "copy.tilth-backup"
    backup(workspace, file)
    say("backup", file=str(file))


SCRIPTS: dict[str, tuple[Callable[[Workspace], None], ...]] = {
    "acts": (
        lambda workspace: append(workspace, "HA-2", "HA-3", "HA-4"),
        import_file,
        keep,
        take_in_people,
        import_in_batches,
        name_a_partner,
        rotate,
        lambda workspace: append(workspace, "HA-5"),
        open_partner_log,
        erase,
        lambda workspace: append(workspace, "HA-6"),
    ),
    "derive": (derive, lambda workspace: append(workspace, "HA-7")),
    "backup": (copy, lambda workspace: append(workspace, "HA-8")),
}


def attempt(act: Callable[[], object]) -> object:
    """Do an act; a refusal is an answer, anything else that is raised is a fault of the program."""
    try:
        return act()
    except Refused as refusal:
        say("refused", codes=[problem.code for problem in refusal.problems])
    except Exception:
        say("raised", trace=traceback.format_exc())
    return None


def work(folder: Path, script: str) -> None:
    workspace = attempt(lambda: Workspace.open(folder))
    if not isinstance(workspace, Workspace):
        return
    for act in SCRIPTS[script]:
        attempt(lambda act=act: act(workspace))
    attempt(workspace.close)


def main() -> None:
    shim = ctypes.CDLL(os.environ["LD_PRELOAD"])
    shim.fault_kinds.restype = ctypes.c_char_p
    gc.freeze()
    for line in sys.stdin:
        at, mode, limit, shadow, folder, script = json.loads(line)
        child = os.fork()
        if child == 0:
            if limit:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            shim.fault_shadow(shadow.encode())
            shim.fault_arm(at, mode)
            work(Path(folder), script)
            seen, hit, kinds = shim.fault_seen(), shim.fault_hit(), shim.fault_kinds()
            shim.fault_arm(0, 0)
            say("done", seen=seen, hit=hit, kinds=kinds.decode())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        say("end", killed=os.WIFSIGNALED(status))


if __name__ == "__main__":
    main()
