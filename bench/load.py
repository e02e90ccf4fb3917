"""People at work on a served operation: ``python bench/load.py [DIR] [--database-url URL] …``.

Each person opens a page every 5 s (30 % operation, 30 % map with 8 tiles, 20 % record, 10 % inbox,
10 % search); each submitter sends a report with a polygon and 15 items every 10 s. Everybody is
signed in; the caches of the server are cold at first. Ends with 1 on any answer of 5xx, on an
acknowledged report that is not there afterwards, or where the server's memory grows by more than
5 % after the first minute. Without DIR: the small demonstration, few people, half a minute.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import math
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

PORT = 8391
MIX = (("operation", 30), ("map", 30), ("record", 20), ("inbox", 10), ("search", 10))
PAGE_GOAL_MS, TILE_GOAL_MS = 300, 100


@dataclass
class Tally:
    """What was measured, from every thread."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)
    forgiving: threading.Event = field(default_factory=threading.Event)

    def note(self, kind: str, seconds: float, status: int, where: str) -> None:
        with self.lock:
            self.times[kind].append(seconds * 1000)
            self.statuses[f"{kind} {status}"] += 1
            if status >= 500 and not self.forgiving.is_set():
                self.wrong.append(f"{status} {where}")


class Person:
    """A browser of one person: one connection kept open, a cookie or a token."""

    def __init__(self, tally: Tally, headers: dict[str, str]) -> None:
        self.tally, self.headers = tally, headers
        self.connection: http.client.HTTPConnection | None = None

    def ask(
        self, kind: str, path: str, body: bytes | None = None, **more: str
    ) -> tuple[int, bytes]:
        began = time.perf_counter()
        kept = self.connection is not None
        status, data = self._once(path, body, more)
        if status == 0 and kept:  # the server had closed a connection that lay idle
            status, data = self._once(path, body, more)
        self.tally.note(kind, time.perf_counter() - began, status, path)
        if status == 0 and not self.tally.forgiving.is_set() and not self.tally.ended.is_set():
            with self.tally.lock:
                self.tally.wrong.append(f"no answer {path}")
        return status, data

    def _once(self, path: str, body: bytes | None, more: dict[str, str]) -> tuple[int, bytes]:
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
            self.connection.request(
                "POST" if body is not None else "GET",
                path,
                body,
                {**self.headers, **more, "Host": f"localhost:{PORT}", "Accept-Encoding": "gzip"},
            )
            answer = self.connection.getresponse()
            data = answer.read()
            if answer.will_close:
                self.connection.close()
                self.connection = None
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return 0, b""
        return answer.status, data


@dataclass
class Setting:
    """What the people look at."""

    cookies: list[str]
    tokens: list[str]
    records: list[str]
    words: list[str]
    box: tuple[float, float, float, float]
    position: str
    template: str


def main() -> int:
    asked = arguments()
    folder = Path(asked.folder) if asked.folder else None
    made = None
    if folder is None:
        made = Path(tempfile.mkdtemp(prefix="tilth-load-"))
        folder = made / "demo"
        subprocess.run(
            [sys.executable, "-m", "tilth", "demo", str(folder), "--json"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    try:
        return measured(asked, folder)
    finally:
        if made is not None:
            shutil.rmtree(made)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default="")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--people", type=int, default=0)
    parser.add_argument("--submitters", type=int, default=0)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kill", action="store_true", help="kill a worker in the middle")
    found = parser.parse_args()
    found.seconds = found.seconds or (300 if found.folder else 30)
    found.people = found.people or (50 if found.folder else 10)
    found.submitters = found.submitters or (5 if found.folder else 2)
    return found


def measured(asked: argparse.Namespace, folder: Path) -> int:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if asked.database_url:
        environment["TILTH_DATABASE_URL"] = asked.database_url
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    log = (folder.parent / f"{folder.name}-load.log").open("wb")
    began = time.perf_counter()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "tilth", "serve", str(folder), "--json"),
            *("--port", str(PORT), "--workers", str(asked.workers), "--log-level", "warning"),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
    )
    try:
        while http_status("/health") != 200:
            assert server.poll() is None, "the server ended; see the log beside the folder"
            time.sleep(0.1)
        first = time.perf_counter() - began
        while http_status("/ready") != 200:
            time.sleep(0.5)
        ready = time.perf_counter() - began
        print(f"first page {first:.1f} s after the start, ready (figures published) {ready:.1f} s")
        setting = people_of(asked, folder, environment)
        return run(asked, folder, environment, server, setting)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
        log.close()


def http_status(path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


PREPARE = """
import json, os, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "tilth.web.settings"
django.setup()
from pathlib import Path
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from tilth.service.session import open_session
from tilth.web.api import tokens
from tilth.web.people.models import Member
people, submitters = int(sys.argv[1]), int(sys.argv[2])
with open_session(Path(os.environ["TILTH_WORKSPACE"])) as session:
    known = session.workspace.settings
    parties = [one.id for one in known.organisations]
    authority = known.authority
    store = session.workspace.store
    records = []
    for kind in ("hazard_area", "released_area", "clearance_report", "task"):
        found = [row[0] for row in store.select(kind, ["record"])]
        records += found[:: max(1, len(found) // 100)]
    rows = [row for row in store.select("hazard_area",
            ["shape_west", "shape_south", "shape_east", "shape_north"]) if row[0] is not None]
    box = [min(r[0] for r in rows), min(r[1] for r in rows),
           max(r[2] for r in rows), max(r[3] for r in rows)]
    places = [str(row[0]) for row in store.select("place", ["name"]) if row[0]]
def member(name, organisation, roles):
    user, _ = User.objects.get_or_create(username=name)
    found, _ = Member.objects.get_or_create(user=user, organisation=organisation,
        defaults={"person_code": name.upper(), "roles": roles})
    return user, found
cookies, keys = [], []
for n in range(people):
    where = authority if n % 2 == 0 else parties[n % len(parties)]
    user, _ = member(f"load-{n}", where, ["information_manager", "operations_manager"])
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    cookies.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
for n in range(submitters):
    others = [one for one in parties if one != authority]
    _, found = member(f"send-{n}", others[n % len(others)], ["team_leader"])
    asked = RequestFactory().get("/")
    asked.user = found.user
    keys.append(tokens.make(asked, found, f"load {n} {os.getpid()}", "write")[1])
print(json.dumps({"cookie": settings.SESSION_COOKIE_NAME, "cookies": cookies, "tokens": keys,
    "records": records, "words": (places or [""])[:50] + [r.rsplit("/", 1)[1] for r in records[:50]],
    "box": box}))
"""


def people_of(asked: argparse.Namespace, folder: Path, environment: dict[str, str]) -> Setting:
    done = subprocess.run(
        [sys.executable, "-c", PREPARE, str(asked.people), str(asked.submitters)],
        env={**environment, "TILTH_WORKSPACE": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    cookies = [f"{told['cookie']}={value}" for value in told["cookies"]]
    began, page, status = time.perf_counter(), b"", 503
    while status == 503:  # the keeper reads a whole log once before it publishes
        status, page = Person(Tally(), {"Cookie": cookies[0]}).ask("map", "/map")
        time.sleep(1 if status == 503 else 0)
    print(f"map published {time.perf_counter() - began:.0f} s later")
    text = (gzip.decompress(page) if page[:2] == b"\x1f\x8b" else page).decode()
    data = json.loads(
        re.search(r'id="ground-data" type="application/json">(.*?)</script>', text)[1]
    )
    return Setting(
        cookies,
        told["tokens"],
        told["records"],
        told["words"],
        tuple(told["box"]),
        str(data["position"]),
        str(data["tiles"]),
    )


def run(
    asked: argparse.Namespace,
    folder: Path,
    environment: dict[str, str],
    server: subprocess.Popen[bytes],
    setting: Setting,
) -> int:
    tally = Tally()
    threads = [
        threading.Thread(target=look, args=(tally, setting, cookie, n), daemon=True)
        for n, cookie in enumerate(setting.cookies)
    ]
    threads += [
        threading.Thread(target=send, args=(tally, setting, token, n), daemon=True)
        for n, token in enumerate(setting.tokens)
    ]
    memory: list[tuple[float, float]] = []
    cpu_before, began = server_cpu(server.pid), time.monotonic()
    own_before = time.process_time()
    for thread in threads:
        thread.start()
    killed = not asked.kill
    while (passed := time.monotonic() - began) < asked.seconds:
        memory.append((passed, resident(server.pid)))
        if not killed and passed > asked.seconds / 2:
            killed = True
            kill_worker(tally, server.pid)
        time.sleep(2)
    tally.ended.set()
    for thread in threads:
        thread.join(timeout=70)
    seconds = time.monotonic() - began
    own, servers = time.process_time() - own_before, server_cpu(server.pid) - cpu_before
    return told(asked, folder, environment, tally, memory, (seconds, own, servers))


def look(tally: Tally, setting: Setting, cookie: str, seed: int) -> None:
    chance = random.Random(seed)
    person = Person(tally, {"Cookie": cookie})
    names, weights = zip(*MIX, strict=True)
    tally.ended.wait(chance.random() * 5)
    while not tally.ended.is_set():
        began = time.monotonic()
        kind = chance.choices(names, weights)[0]
        if kind == "operation":
            person.ask(kind, "/")
        elif kind == "map":
            person.ask(kind, "/map")
            for path in tiles(setting, chance):
                person.ask("tile", path)
        elif kind == "record":
            person.ask(kind, f"/record/{quote(chance.choice(setting.records))}")
        elif kind == "inbox":
            person.ask(kind, "/inbox")
        else:
            person.ask(kind, f"/search?q={quote(chance.choice(setting.words))}")
        tally.ended.wait(max(0.0, 5 - (time.monotonic() - began)))


def tiles(setting: Setting, chance: random.Random) -> list[str]:
    west, south, east, north = setting.box
    zoom = chance.choice((9, 11, 12, 13))
    longitude, latitude = chance.uniform(west, east), chance.uniform(south, north)
    x = int((longitude + 180) / 360 * 2**zoom)
    y = int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * 2**zoom)
    chosen = [
        (layer, dx, dy) for layer in ("hazards", "released") for dx in (0, 1) for dy in (0, 1)
    ]
    return [
        setting.template.replace("LAYER", layer)
        .replace("LEVEL", "prudent")
        .replace("POSITION", setting.position)
        .replace("{z}", str(zoom))
        .replace("{x}", str(x + dx))
        .replace("{y}", str(y + dy))
        for layer, dx, dy in chosen
    ]


def report(setting: Setting, chance: random.Random) -> dict:
    west, south, east, north = setting.box
    x, y = chance.uniform(west, east), chance.uniform(south, north)
    side = 0.0002
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    ring = [[round(lon * 1e9), round(lat * 1e9)] for lon, lat in corners]
    return {
        "local_id": f"LOAD-{uuid.uuid4().hex[:12]}",
        "happened_on": "2026-01-20",
        "methods": ["manual_detector"],
        "processed_area_m2": "240",
        "shape": {"type": "Polygon", "coordinates": [ring]},
        "items": [
            {
                "line_id": str(n),
                "category": "ap_mine",
                "quantity": 1,
                "disposal": "destroyed_in_place",
            }
            for n in range(15)
        ],
    }


def send(tally: Tally, setting: Setting, token: str, seed: int) -> None:
    chance = random.Random(1000 + seed)
    person = Person(tally, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    tally.ended.wait(chance.random() * 10)
    while not tally.ended.is_set():
        began = time.monotonic()
        fields = report(setting, chance)
        key = uuid.uuid4().hex
        body = json.dumps({"fields": fields, "anyway": True}).encode()
        for _ in range(4):  # a lost answer over a poor link: the same again says nothing twice
            status, data = person.ask(
                "report", "/api/v1/records/clearance_report", body, **{"Idempotency-Key": key}
            )
            if status in (200, 201):
                with tally.lock:
                    tally.said.append(fields["local_id"])
                break
            if 400 <= status < 500 and status not in (409, 429):
                with tally.lock:
                    tally.wrong.append(f"{status} {data[:300]!r}")
                return
            if tally.ended.wait(1):
                return
        tally.ended.wait(max(0.0, 10 - (time.monotonic() - began)))


def family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def resident(pid: int) -> float:
    """Memory of all the server's processes in MB, what they share counted once (PSS)."""
    total = 0
    for one in family(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
    return total / 1024


def server_cpu(pid: int) -> float:
    ticks = 0
    for one in family(pid):
        try:
            parts = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += sum(int(value) for value in parts[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def kill_worker(tally: Tally, pid: int) -> None:
    workers = [
        one for one in family(pid) if b"gunicorn" in Path(f"/proc/{one}/cmdline").read_bytes()
    ]
    tally.forgiving.set()
    os.kill(workers[-1], signal.SIGKILL)
    print(f"killed the worker {workers[-1]}")
    threading.Timer(10, tally.forgiving.clear).start()


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def told(
    asked: argparse.Namespace,
    folder: Path,
    environment: dict[str, str],
    tally: Tally,
    memory: list[tuple[float, float]],
    cpu: tuple[float, float, float],
) -> int:
    seconds, own, servers = cpu
    print(
        f"\n{asked.people} people, {asked.submitters} submitters, {asked.workers} workers, "
        f"{seconds:.0f} s, {'PostgreSQL' if asked.database_url else 'SQLite'}"
    )
    print(f"{'what':12} {'asked':>7} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}")
    pages: list[float] = []
    for kind, values in sorted(tally.times.items()):
        shares = [percentile(values, one) for one in (0.5, 0.95, 0.99)]
        print(f"{kind:12} {len(values):7} " + " ".join(f"{one:8.0f}" for one in shares))
        if kind not in ("tile", "report"):
            pages += values
    page95, tile95 = percentile(pages, 0.95), percentile(tally.times["tile"], 0.95)
    print(
        f"pages p95 {page95:.0f} ms (goal {PAGE_GOAL_MS}), tiles p95 {tile95:.0f} ms (goal {TILE_GOAL_MS})"
    )
    print(f"answers by status: {dict(tally.statuses)}")
    early = [mb for at, mb in memory if 50 <= at <= 70] or [mb for _, mb in memory[:3]]
    late = [mb for at, mb in memory if at >= seconds - 15] or [memory[-1][1]]
    growth = sum(late) / len(late) / (sum(early) / len(early)) - 1
    print(
        f"memory (PSS of all processes) {early[0]:.0f} → {late[-1]:.0f} MB, {growth:+.1%} after the first minute"
    )
    print(f"CPU: server {servers / seconds:.0%}, load itself {own / seconds:.0%} of one core")
    lost = missing(folder, environment, tally.said)
    print(f"{len(tally.said)} reports acknowledged, {len(lost)} of them lost")
    for line in tally.wrong[:10]:
        print(f"  wrong: {line}")
    failed = bool(tally.wrong or lost or (seconds > 100 and growth > 0.05))
    print("FAILED" if failed else "held")
    return 1 if failed else 0


def missing(folder: Path, environment: dict[str, str], said: list[str]) -> list[str]:
    code = (
        "import sys, json\nfrom pathlib import Path\nfrom tilth.service.session import open_session\n"
        "with open_session(Path(sys.argv[1])) as s:\n"
        " print(json.dumps([n for n in json.load(sys.stdin)"
        " if not s.workspace.store.find_record(n)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        input=json.dumps(said),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


if __name__ == "__main__":
    sys.exit(main())
