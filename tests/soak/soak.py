#!/usr/bin/env python3
"""Runs `lessonspace batch` for a given time against a server that fails at random, and checks against
the server's log that

* no link is lost: a link that arrived is in LINKS, and its row is never requested again;
* no row is silently requested twice: a row is `unknown` if an earlier attempt may have created its Space,
  `created` only if the server responded with 201, and `existing` only if no earlier attempt is in doubt;
* no row fails because of 429, and nothing is sent during a Retry-After;
* the progress lines are correct when they are printed.

    cargo build && python3 tests/soak/soak.py target/debug/lessonspace [SECONDS] [SEED]

It needs only Python 3.9, uses its own port on 127.0.0.1, and is not part of CI. The seed repeats the
weather and the signals, but not the timing. If a check fails, it prints a report, keeps the folder with the
roster, LINKS, journal and log, and exits 1.
"""

import base64
import csv
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field

TIMEOUT = 4  # of one row, in seconds
MAX_WAIT = 8
KEY = "soak-key-12345678"


def default_signals():
    """Background programs of a script ignore Ctrl-C, and the runs would inherit that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@dataclass
class Launch:
    """One request, as the server saw it."""

    row: tuple
    begin: float
    weather: str
    acted: float = 0.0  # when a link was made; 0 if none was
    status: int = 0  # 0 if there was no response
    end: float = 0.0  # when the response was written
    link: str = ""
    retry_after: int = 0
    cut: bool = False


@dataclass
class Log:
    launches: list = field(default_factory=list)
    hellos: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Server:
    """The practice API on a bad day. Its weather changes every few seconds."""

    WEATHER = {"calm": 6, "flaky": 6, "busy": 2, "gone": 2, "no-launches": 1, "slow": 2}

    def __init__(self, seed, deadline):
        self.deadline = deadline
        self.random = random.Random(seed)
        self.log = Log()
        self.spaces = set()
        self.serial = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v2/"
        self.weather = "calm"
        threading.Thread(target=self.accept, daemon=True).start()
        threading.Thread(target=self.change, daemon=True).start()

    def change(self):
        while time.time() < self.deadline:
            kinds = list(self.WEATHER)
            self.weather = self.random.choices(kinds, self.WEATHER.values())[0]
            longest = 6 if self.weather in ("gone", "no-launches") else 3
            # Sometimes longer than any run waits.
            time.sleep(14 if self.random.random() < 0.03 else self.random.uniform(0.3, longest))
        # Lets the last run finish.
        self.weather = "calm"

    def accept(self):
        while True:
            stream, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(stream,), daemon=True).start()

    def serve(self, stream):
        with stream:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = stream.makefile("rb")
            try:
                while self.one(stream, reader):
                    pass
            except OSError:
                pass

    def one(self, stream, reader):
        """Responds to a request. Returns false if the connection ends."""
        line = reader.readline().decode()
        if not line:
            return False
        length = 0
        while (header := reader.readline().decode().strip()) != "":
            name, _, value = header.partition(":")
            if name.lower() == "content-length":
                length = int(value)
        body = reader.read(length)
        if "/hello/" in line:
            return self.hello(stream)
        body = json.loads(body)
        launch = Launch((body["id"], body["user"]["id"]), time.time(), self.weather)
        with self.log.lock:
            self.log.launches.append(launch)
        return self.answer(stream, launch)

    def hello(self, stream):
        with self.log.lock:
            self.log.hellos.append(time.time())
        if self.weather == "gone":
            return False
        stream.sendall(http("200 OK", '{"response":"Hello"}'))
        return True

    def answer(self, stream, launch):
        dice = self.random.random()
        kind = {"gone": "drop", "busy": "429", "no-launches": "503"}.get(self.weather, "link")
        if self.weather == "flaky" and dice < 0.4:
            kinds = ["drop", "act-drop", "cut", "500", "502", "503", "504", "429", "408", "retry-after"]
            kind = self.random.choice(kinds)
        if self.weather == "slow" and dice < 0.5:
            time.sleep(self.random.choice([0.2, 0.5, 1.5, TIMEOUT + 1]))
        if kind == "drop":
            return False
        if kind == "429":
            launch.retry_after = self.random.choice([0, 1, 2])
            return self.refuse(stream, launch, 429)
        if kind == "retry-after":
            launch.retry_after = 1
            return self.refuse(stream, launch, 503)
        if kind.isdigit():
            # A server may make the link despite an error.
            if kind != "408" and dice < 0.1:
                self.make(launch)
            return self.refuse(stream, launch, int(kind))
        bytes_ = self.make(launch)
        if kind == "act-drop":
            return False
        if kind == "cut":
            launch.cut = True
            stream.sendall(bytes_[: len(bytes_) - 30])
            return False
        launch.status = 201 if b" 201 " in bytes_[:16] else 200
        stream.sendall(bytes_)
        launch.end = time.time()
        return True

    def refuse(self, stream, launch, status):
        launch.status = status
        header = f"Retry-After: {launch.retry_after}\r\n" if launch.retry_after else ""
        launch.end = time.time()
        stream.sendall(http(f"{status} No", "{}", header))
        return True

    def make(self, launch):
        with self.log.lock:
            is_new = launch.row[0] not in self.spaces
            self.spaces.add(launch.row[0])
            self.serial += 1
            serial = self.serial
        launch.acted = time.time()
        room = f"room-of-{launch.row[0]}"
        claims = {"nbf": 1767225600, "exp": 4099798800, "id": launch.row[1], "serial": serial}
        token = ".".join(b64(json.dumps(part)) for part in ({"alg": "HS256"}, claims)) + ".c2lnbmF0dXJl"
        launch.link = f"https://go.room.sh/?user={token}&room={room}"
        answer = {"client_url": launch.link, "room_id": room, "secret": "s", "room_settings": {}}
        return http("201 Created" if is_new else "200 OK", json.dumps(answer))


def b64(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def http(status, body, headers=""):
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{headers}\r\n{body}"
    ).encode()


@dataclass
class Run:
    begin: float
    end: float
    code: int
    killed: float  # when it was killed with SIGKILL; 0 if it was not
    lines: list  # time and text of each line on stderr
    total: int = 0


class Campaign:
    """A roster, run and resumed until all its rows have links."""

    def __init__(self, binary, seed, folder, deadline):
        self.binary, self.folder = binary, folder
        self.random = random.Random(seed)
        self.server = Server(self.random.random(), deadline)
        spaces = self.random.choice([1, 5, 60, 400])
        self.rows = [(f"space-{row % spaces}", f"p{row}") for row in range(self.random.choice([60, 200, 400]))]
        with open(folder / "roster.csv", "w") as file:
            file.write("id,user id,user name\n")
            file.writelines(f"{space},{person},Person {person}\n" for space, person in self.rows)
        self.rate = self.random.choice([0, 8, 8, 16, 16, 40])
        self.runs = []
        self.faults = []

    def fault(self, text):
        self.faults.append(text)

    def run(self, resume, deadline):
        environment = {
            "HOME": str(self.folder), "PATH": "/nowhere", "TZ": "UTC",
            "LESSONSPACE_API_URL": self.server.url, "LESSONSPACE_API_KEY": KEY,
        }
        command = [self.binary, "batch", "roster.csv", "-o", "links.csv", "--rate", str(self.rate)]
        command += ["--timeout", f"{TIMEOUT}s", "--max-wait", f"{MAX_WAIT}s"] + ["--resume"] * resume
        begin = time.time()
        child = subprocess.Popen(
            command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=default_signals,
        )
        lines = []
        reader = threading.Thread(
            target=lambda: lines.extend((time.time(), line.rstrip("\n")) for line in child.stderr)
        )
        reader.start()
        sent = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, None, None, None, None]
        chosen, killed, signalled = self.random.choice(sent), 0.0, 0.0
        if chosen is not None:
            try:
                child.wait(self.random.uniform(0.2, 15))
            except subprocess.TimeoutExpired:
                signalled = time.time()
                killed = signalled if chosen == signal.SIGKILL else 0.0
                child.send_signal(chosen)
        try:
            child.wait(max(0.0, deadline - time.time()) + 120)
        except subprocess.TimeoutExpired:
            child.kill()
            self.fault(f"hangs: {lines[-3:]}")
        reader.join()
        end = time.time()
        if signalled and not killed and end - signalled > 1.5:
            self.fault(f"took {end - signalled:.1f} s to end after {chosen.name}")
        codes = {0, 5, 7} if not signalled else {0, 5, 7, 130, 143, 129, -9}
        if child.returncode not in codes:
            self.fault(f"exit code {child.returncode}: {lines[-4:]}")
        self.runs.append(Run(begin, end, child.returncode, killed, lines))
        self.check_lines(self.runs[-1])
        self.check_failed(self.runs[-1])
        return child.returncode

    def soak(self, deadline):
        resume = False
        while True:
            code = self.run(resume, deadline)
            resume = True
            if code == 0 or self.faults:
                break
            time.sleep(0.5)
        time.sleep(0.1)
        if not self.faults:
            self.check()

    def check(self):
        """Checks the links file against the server's log."""
        with open(self.folder / "links.csv", newline="") as file:
            found = {(row["id"], row["user id"]): row for row in csv.DictReader(file)}
        if list(found) != self.rows:
            self.fault("LINKS does not have the roster's rows in their order")
        asked = {}
        for launch in self.server.log.launches:
            asked.setdefault(launch.row, []).append(launch)
        for row in self.rows:
            self.check_row(row, found[row], asked.get(row, []))
        self.check_pauses()

    def check_row(self, row, found, launches):
        status, link = found["link_status"], found["client_url"]
        made = [launch for launch in launches if launch.acted]
        given = [launch for launch in launches if launch.status in (200, 201)]
        last = next((launch for launch in given if launch.link == link), None)
        if last is None:
            return self.fault(f"{row}: the link in LINKS was not given for it: {found}")
        if found["room_id"] != f"room-of-{row[0]}":
            self.fault(f"{row}: another room: {found}")
        before = launches[: launches.index(last)]
        for launch in given:
            later = launches[launches.index(launch) + 1 :]
            if later and self.has_arrived(launch):
                self.fault(f"{row}: its link had arrived, and it was asked for again: {launches}")
        # A request that the client abandoned may be processed after the next one.
        if any(launch.acted < last.begin for launch in made) and status != "unknown":
            self.fault(f"{row}: {len(made)} links were made, but it is {status}: {launches}")
        if status == "created" and last.status != 201:
            self.fault(f"{row}: created, but the answer was {last.status}")
        in_doubt = [launch for launch in before if launch.status != 429]
        if status == "existing" and (last.status != 200 or in_doubt):
            self.fault(f"{row}: existing, in spite of {in_doubt}")
        if status == "unknown" and not in_doubt:
            self.fault(f"{row}: unknown without reason: {launches}")
        if status not in ("created", "existing", "unknown"):
            self.fault(f"{row}: {status}")

    def check_failed(self, run):
        """Checks that rows fail only because of their own attempts: five without a 429, or as many as their
        time allows."""
        if not (self.folder / "links.csv").exists():
            return
        with open(self.folder / "links.csv", newline="") as file:
            failed = [row for row in csv.DictReader(file) if row["link_status"] == "failed"]
        if bool(failed) != (run.code == 7) and run.code in (0, 7):
            self.fault(f"exit code {run.code}, but {len(failed)} rows failed")
        for row in failed if run.code == 7 else []:
            own = [
                launch for launch in self.server.log.launches
                if launch.row == (row["id"], row["user id"]) and run.begin <= launch.begin <= run.end
                and launch.status != 429
            ]
            is_slow = own and any(not launch.end or launch.end - launch.begin > 0.1 for launch in own)
            if "429" in row["link_error"] or len(own) < 5 and not is_slow:
                self.fault(f"failed without reason: {row}: {own}")

    def has_arrived(self, launch):
        """Whether a response was certainly read and recorded."""
        # A row's last attempt may have only 0.2 s.
        if launch.end - launch.begin > 0.15:
            return False
        run = next(run for run in self.runs if run.begin <= launch.begin <= run.end)
        # A killed run had no time to record its last responses; a run that stops accepts responses for
        # another 0.3 s.
        return launch.end < (run.killed or run.end + 9) - 1 and launch.end < run.end - 0.05

    def check_pauses(self):
        """Checks that nothing new is sent during the Retry-After of a 429."""
        launches = self.server.log.launches
        for busy in launches:
            if busy.status != 429:
                continue
            until = busy.end + max(1, busy.retry_after)
            run = next((run for run in self.runs if run.begin <= busy.begin <= run.end), None)
            for launch in launches:
                # Requests in flight may still arrive, and a new run is not aware of the wait.
                if busy.end + 0.25 < launch.begin < until - 0.05 and run and launch.begin < run.end:
                    self.fault(f"sent {until - launch.begin:.2f} s too early after 429: {launch}")

    def check_lines(self, run):
        """Checks the progress lines against the server's log."""
        launches = list(self.server.log.launches)
        form = re.compile(
            r"(\d+) of (\d+) done, (?:waiting until (\d\d:\d\d:\d\d)( at most)?"
            r"|([\d.]+) per second(?:, about .* left)?)(?:, (\d+) failed)?$"
        )
        times = [when for when, line in run.lines if " done, " in line]
        for when, line in run.lines:
            if " done, " not in line:
                continue
            match = form.match(line)
            if not match:
                self.fault(f"a progress line of another form: {line!r}")
                continue
            done, total, until, at_most, rate, failed = match.groups()
            done, failed = int(done), int(failed or 0)
            given = [
                launch.end for launch in launches
                if launch.status in (200, 201) and run.begin <= launch.end <= when
                and launch.end - launch.begin < TIMEOUT / 3
            ]
            late = [
                launch for launch in launches
                if launch.status in (200, 201) and run.begin <= launch.end <= when
            ]
            sure = [end for end in given if end < when - 1.0]
            if not len(sure) <= done - failed <= len(late):
                self.fault(f"{line!r}: the server gave {len(sure)} to {len(late)} links by then")
            if done > int(total):
                self.fault(f"{line!r}: more than all")
            if until:
                self.check_wait(run, when, until, at_most, launches, line)
            if rate:
                span = max(1.0, min(30.0, when - run.begin))
                recent = [end for end in given if end > when - span]
                if abs(len(recent) / span - float(rate)) > 0.35 + 0.15 * float(rate):
                    self.fault(f"{line!r}: {len(recent) / span:.2f} links a second by the server's log")
        for earlier, later in zip(times, times[1:]):
            if not 9.5 < later - earlier < 12:
                self.fault(f"{later - earlier:.1f} s between two progress lines")
        first = times[0] - run.begin if times else run.end - run.begin
        if first > 13:
            self.fault(f"no progress line for {first:.1f} s")

    def check_wait(self, run, when, until, at_most, launches, line):
        day = time.strftime("%Y-%m-%d ", time.gmtime(when))
        end = time.mktime(time.strptime(day + until, "%Y-%m-%d %H:%M:%S"))
        end += 86400 if end < when - 43200 else 0
        if not when - 1 <= end <= when + MAX_WAIT + 1:
            self.fault(f"{line!r} was printed at {time.strftime('%H:%M:%S', time.gmtime(when))}")
        sent = [launch.begin for launch in launches if when + 0.25 < launch.begin < min(end, run.end)]
        if sent and not at_most:
            self.fault(f"{line!r}: but {len(sent)} launches came before that time")


def main():
    os.environ["TZ"] = "UTC"
    time.tzset()
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
    deadline, number, bad = time.time() + seconds, 0, 0
    totals = {"rows": 0, "requests": 0, "runs": 0, "lines": 0}
    while time.time() < deadline:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="lessonspace-soak-"))
        campaign = Campaign(binary, seed + number, folder, deadline)
        campaign.soak(deadline)
        launches = campaign.server.log.launches
        statuses = {}
        for launch in launches:
            statuses[launch.status] = statuses.get(launch.status, 0) + 1
        lines = sum(" done, " in line for run in campaign.runs for _, line in run.lines)
        codes = [run.code for run in campaign.runs]
        print(
            f"seed {seed + number}: {len(campaign.rows)} rows, rate {campaign.rate}, exit codes {codes}, "
            f"{len(launches)} launches ({dict(sorted(statuses.items()))}), "
            f"{len(campaign.server.log.hellos)} greetings, {lines} progress lines",
            flush=True,
        )
        totals["rows"] += len(campaign.rows)
        totals["requests"] += len(launches)
        totals["runs"] += len(codes)
        totals["lines"] += lines
        number += 1
        if campaign.faults:
            bad += 1
            for fault in campaign.faults[:10]:
                print(f"  FAULT {fault}")
            print(f"  {len(campaign.faults)} faults; see {folder}", flush=True)
            with open(folder / "server.log", "w") as file:
                file.writelines(f"{launch}\n" for launch in launches)
            with open(folder / "stderr.log", "w") as file:
                for run in campaign.runs:
                    file.write(f"--- {run.begin} to {run.end}, exit code {run.code}\n")
                    file.writelines(f"{when} {line}\n" for when, line in run.lines)
        else:
            shutil.rmtree(folder)
    print(
        f"{number} campaigns, {totals['runs']} runs, {totals['rows']} rows, {totals['requests']} launches, "
        f"{totals['lines']} progress lines; {bad} campaigns with faults"
    )
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
