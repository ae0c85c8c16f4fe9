#!/usr/bin/env python3
"""Makes trouble for a fleet of workers on PostgreSQL while a steady load goes through it, and then reads the database
with other eyes than the product's: nothing may be lost, and nothing run twice without its trace.

    Tests/Crash/chaos.py [BINARY] [--rounds 12] [--only NAME,…] [--seed N] [--keep]

It starts servers of its own. The seed is printed; the same seed makes the same trouble at the same moments, as far as the
machine allows. Without PostgreSQL on this machine it says so and ends with 0."""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

import chaos_server
from chaos_input import bad_inputs
from chaos_invariants import INVARIANTS
from chaos_server import Proxy, Server

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORKERS = 3
SLOTS = 6
# The load: so many requests at once, and so often.
BATCH = 20
PAUSE = 0.25
# One in so many fails, and one in so many takes seconds.
FAILING = 20
# One in so many writes a row of its own in the database.
WRITING = 3
SLOW = 60
# A server gives up the transaction of a client that says nothing after the network timeout of 6 s.
FORGOTTEN = 8
# After trouble the fleet is as quick as before within this time.
RECOVERY = 30
# A worker that is told to stop ends within this time, whatever the server does.
STOPPING = 45
# Nothing else takes longer; a hang is a finding, too.
PATIENCE = 120
# A worker that waits for its server does nothing: it may use so much of a core.
IDLING = 0.5
# What the product says when it cannot know whether something happened.
UNKNOWN = "HJ-3019"

CONFIGURATION = """
database {{
    postgresql: {{
        primary: {{
            host: [{hosts}]
            database: "postgres"
            username: "hypjobs"
            ssl_mode: "disable"
            target_session_attrs: "read-write"
            connection_timeout: 4
            network_timeout: 6
        }}
    }}
}}
migrations {{ settings: {{ directory: "migrations" }} }}
connection_pooling {{
    general: {{ min_connections: 1, max_connections: 6, connection_validation_timeout: 2 }}
}}
database_optimization {{
    query_optimization: {{ prepared_statements: {{ enabled: true, statement_timeout: 4 }} }}
}}
transactions {{ settings: {{ default_timeout: 10, max_retries: 3, retry_delay: 200 }} }}
worker {{
    poll_interval_ms: 500
    heartbeat_interval: 1
    heartbeat_timeout: 4
    grace_period: 4
    claim_batch: 20
    max_rescues: 100
}}
"""

# Moves the wall clock of one process by as many seconds as a file says, at any moment.
CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int (*original)(clockid_t, struct timespec *);
static volatile int64_t *offset;

__attribute__((constructor)) static void begin(void) {
    original = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("CHAOS_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) offset = page;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (!original) begin();
    int status = original(clock, now);
    if (status == 0 && offset && clock == CLOCK_REALTIME) now->tv_sec += *offset;
    return status;
}
"""


class Worker:
    """One process of the product, with a wall clock that can be moved."""

    def __init__(self, product, number):
        self.events = product.folder / f"worker-{number}.jsonl"
        self.clock = product.folder / f"worker-{number}.clock"
        self.move_clock(0)
        environment = dict(product.environment, CHAOS_CLOCK=str(self.clock), LD_PRELOAD=str(product.shim))
        with open(self.events, "ab") as events, open(product.folder / f"worker-{number}.log", "ab") as log:
            self.process = subprocess.Popen(
                product.command("worker", "-j", SLOTS, "--jsonl"), env=environment, stdin=subprocess.DEVNULL,
                stdout=events, stderr=log)

    def move_clock(self, seconds):
        with open(self.clock, "r+b" if self.clock.exists() else "w+b") as file:
            file.write(struct.pack("q", seconds))

    @property
    def is_alive(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def cpu(self):
        """Seconds of computing so far."""
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def threads(self):
        with contextlib.suppress(OSError):
            return len(os.listdir(f"/proc/{self.process.pid}/task"))
        return 0


class Product:
    """The binary under test, its servers, and proxies before them."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.shim = folder / "clock.so"
        source = folder / "clock.c"
        source.write_text(CLOCK)
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", self.shim, source, "-ldl"], check=True)
        self.servers = 0
        # The one that is configured second is where the next standby will be.
        self.proxies = [Proxy(), Proxy()]
        self.primary = self.new_server()
        self.primary.create()
        self.proxies[0].target = self.primary.port
        self.configuration = folder / "config"
        self.configuration.mkdir()
        (self.configuration / "migrations").symlink_to(ROOT / "config" / "migrations")
        hosts = ", ".join(f'"127.0.0.1:{proxy.port}"' for proxy in self.proxies)
        (self.configuration / "hypjobs.hyp").write_text(CONFIGURATION.format(hosts=hosts))
        self.environment = {
            name: value for name, value in os.environ.items() if name not in ("HYPJOBS_DATABASE", "LD_PRELOAD")}
        self.environment["NO_COLOR"] = "1"
        self.workers = []
        self.started = 0

    def new_server(self):
        self.servers += 1
        return Server(self.folder, f"server-{self.servers}")

    def command(self, *arguments):
        return [str(self.binary), *map(str, arguments), "--config", str(self.configuration)]

    def run(self, *arguments, standard_input=None):
        return subprocess.run(
            self.command(*arguments), env=self.environment, input=standard_input, text=True, capture_output=True,
            timeout=PATIENCE)

    def must_run(self, *arguments):
        done = self.run(*arguments)
        if done.returncode != 0:
            sys.exit(f"error: {' '.join(map(str, arguments))} ended with {done.returncode}\n{done.stderr}")

    def start_worker(self):
        self.started += 1
        worker = Worker(self, self.started)
        self.workers.append(worker)
        return worker

    def keep_workers(self):
        """Restarts those that ended, as a supervisor would."""
        self.workers = [worker for worker in self.workers if worker.is_alive]
        while len(self.workers) < WORKERS:
            self.start_worker()


class Load:
    """Enqueues without a pause, and remembers what it was told about each request."""

    def __init__(self, product, source):
        self.product = product
        self.random = source
        self.serial = 0
        self.outcomes = collections.defaultdict(list)
        self.messages = collections.Counter()
        self.skipped = 0
        self.is_over = threading.Event()
        self.pool = concurrent.futures.ThreadPoolExecutor(8)
        self.running = set()
        self.thread = threading.Thread(target=self.run)

    def start(self):
        self.thread.start()

    def stop(self):
        self.is_over.set()
        self.thread.join()
        self.pool.shutdown()

    def run(self):
        while not self.is_over.wait(PAUSE):
            self.running = {future for future in self.running if not future.done()}
            if len(self.running) >= 8:
                self.skipped += 1
                continue
            batch = range(self.serial, self.serial + BATCH)
            self.serial += BATCH
            self.running.add(self.pool.submit(self.enqueue, batch, [self.request(serial) for serial in batch]))

    def request(self, serial):
        pause = self.random.randrange(3, 30)
        if serial % SLOW == 7:
            pause = self.random.randrange(1500, 4000)
        request = {
            "script": "fail" if serial % FAILING == 0 else "count",
            "arguments": {"serial": serial, "pause": pause, "writes": serial % WRITING == 0},
            "max_attempts": 2 if serial % FAILING == 0 else 100,
            "priority": serial % 3,
        }
        if serial % 10 == 0:
            request["unique"] = f"serial-{serial}"
        return json.dumps(request)

    def enqueue(self, batch, lines):
        try:
            done = self.product.run("enqueue", "-", standard_input="\n".join(lines) + "\n")
        except subprocess.TimeoutExpired:
            self.outcomes["hung"].append(batch)
            return
        if done.returncode == 0:
            self.outcomes["done"].append(batch)
            return
        self.messages[done.stderr.strip().split("\n")[0]] += 1
        self.outcomes["unknown" if UNKNOWN in done.stderr else "refused"].append(batch)

    def broken(self, found):
        """What was told and is not so. `found` are the serials that the database knows."""
        broken = []
        for batch in self.outcomes["hung"]:
            broken.append(f"an enqueue has an end: that of {batch} had none in {PATIENCE} s")
        for batch in self.outcomes["done"]:
            if missing := [serial for serial in batch if serial not in found]:
                broken.append(f"an execution whose enqueue was acknowledged is there: {missing} are not")
        for batch in self.outcomes["refused"]:
            if present := [serial for serial in batch if serial in found]:
                broken.append(f"an enqueue that is said to have failed left nothing: {present} are there")
        for batch in self.outcomes["unknown"]:
            if 0 < sum(serial in found for serial in batch) < len(batch):
                broken.append(f"an enqueue is whole or not there: {batch} is there in part")
        return broken


class Chaos:
    """The kinds of trouble. Each returns what it did, in words, and the workers that must be idle meanwhile."""

    def __init__(self, product, source):
        self.product = product
        self.random = source
        self.findings = []

    @property
    def server(self):
        return self.product.primary

    @property
    def proxy(self):
        return self.product.proxies[0]

    def wait(self, shortest, longest):
        seconds = self.random.uniform(shortest, longest)
        time.sleep(seconds)
        return seconds

    def away(self, shortest, longest, watch=True):
        """The server is away: workers must neither die nor spin."""
        workers = list(self.product.workers)
        before = [worker.cpu() for worker in workers]
        seconds = self.wait(shortest, longest)
        for worker, start in zip(workers, before):
            share = (worker.cpu() - start) / seconds
            if watch and seconds >= 2 and worker.is_alive and share > IDLING:
                self.findings.append(f"a worker that cannot reach its server waits: it used {share:.0%} of a core")
        return f"{seconds:.1f} s"

    def kill(self):
        for _ in range(3):
            self.wait(0.2, 1)
            count = self.random.choice([1, 1, 2, WORKERS])
            for worker in self.random.sample(self.product.workers, min(count, len(self.product.workers))):
                worker.kill()
            self.product.keep_workers()
        return "three times some workers"

    def restart(self):
        mode = self.random.choice(["immediate", "immediate", "fast"])
        self.server.stop(mode)
        away = self.away(0, 6)
        self.server.start()
        return f"{mode}, {away} away"

    def terminate(self):
        ended = 0
        for _ in range(10):
            self.wait(0.05, 0.5)
            rows = self.server.query(
                "SELECT count(pg_terminate_backend(pid)) AS n FROM (SELECT pid FROM pg_stat_activity "
                f"WHERE application_name = 'hypjobs' ORDER BY random() LIMIT {self.random.randrange(1, 9)}) p")
            ended += rows[0]["n"]
        return f"{ended} backends"

    def exhaust(self):
        taken = []
        for _ in range(200):
            # Superusers' own places are taken as well.
            session = chaos_server.startup(self.server.port)
            if session is None:
                break
            taken.append(session)
        self.proxy.drop()
        # Whoever lost a session finds none free.
        for _ in range(20):
            session = chaos_server.startup(self.server.port)
            if session:
                taken.append(session)
        away = self.away(2, 6)
        for session in taken:
            session.close()
        return f"{len(taken)} places taken, {away}"

    def freeze(self):
        self.server.freeze()
        away = self.away(1, 9)
        self.server.go_on()
        return away

    def stop_frozen(self):
        """A worker ends when it is told to, although its server does not answer."""
        self.server.freeze()
        self.wait(0, 2)
        worker = self.random.choice(self.product.workers)
        begin = time.monotonic()
        worker.process.terminate()
        try:
            status = worker.process.wait(timeout=STOPPING)
            words = f"ended with {status} after {time.monotonic() - begin:.1f} s"
        except subprocess.TimeoutExpired:
            words = "had to be killed"
            self.findings.append(f"a worker ends within {STOPPING} s although its server is frozen")
            worker.kill()
        self.server.go_on()
        self.product.keep_workers()
        return words

    def drop(self):
        cut = 0
        for _ in range(self.random.randrange(1, 8)):
            self.wait(0.05, 0.6)
            cut += self.proxy.drop()
        return f"{cut} connections"

    def hold(self):
        self.proxy.mode = "hold"
        away = self.away(1, 12)
        if self.random.random() < 0.5:
            self.proxy.drop()
        self.proxy.mode = "pass"
        return away

    def deaf(self):
        """What clients say arrives, and no answer comes back: commits of unknown outcome."""
        for _ in range(12):
            self.proxy.mode = "deaf"
            self.wait(0.01, 0.2)
            self.proxy.mode = "away"
            self.proxy.drop()
            self.wait(0, 0.2)
            self.proxy.mode = "pass"
            self.wait(0.3, 0.8)
        return "twelve times"

    def part(self):
        """The server goes on waiting for clients that are gone, in the middle of what they did."""
        self.proxy.forget()
        cut = 0
        for _ in range(2):
            self.wait(0.1, 0.5)
            cut += self.proxy.part()
            self.wait(0.5, 1)
        return f"{cut} connections"

    def clock(self):
        moves = self.random.sample([3600, -3600, 86_400 * 40, 7], WORKERS)
        for worker, seconds in zip(self.product.workers, moves):
            worker.move_clock(seconds)
            self.wait(0.5, 2)
        self.wait(2, 4)
        return ", ".join(f"{seconds:+} s" for seconds in moves)

    def promote(self):
        product = self.product
        standby = product.new_server()
        standby.copy(product.primary)
        product.primary.wait_until_streaming()
        product.primary.execute(
            "ALTER SYSTEM SET synchronous_standby_names = 'chaos'", "SELECT pg_reload_conf()")
        product.proxies[1].target = standby.port
        while product.primary.query("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'") == []:
            time.sleep(0.1)
        self.wait(1, 2)
        old = product.primary
        begin = time.monotonic()
        # A server that is only slow would go on acknowledging: it must be gone before the other one takes over.
        old.stop("immediate")
        away = self.away(0, 3)
        standby.promote()
        seconds = time.monotonic() - begin
        product.primary = standby
        product.proxies.reverse()
        product.proxies[1].target = None
        old.remove()
        return f"{seconds:.1f} s, {away} of them without any server"


TROUBLE = [
    "kill", "restart", "terminate", "exhaust", "freeze", "drop", "part", "hold", "deaf", "clock", "promote", "stop_frozen"]


class Meter:
    """How many executions end in a second."""

    def __init__(self, product):
        self.product = product

    def ended(self):
        try:
            return self.product.primary.query(
                "SELECT count(*) AS n FROM script_executions WHERE status IN ('completed', 'failed')")[0]["n"]
        except (RuntimeError, subprocess.TimeoutExpired):
            return None

    def rate(self, seconds):
        begin, count = time.monotonic(), self.ended()
        time.sleep(seconds)
        after = self.ended()
        if count is None or after is None:
            return 0.0
        return (after - count) / (time.monotonic() - begin)

    def backlog(self):
        try:
            return self.product.primary.query(
                "SELECT count(*) AS n FROM execution_queue WHERE run_at < clock_timestamp() AT TIME ZONE 'UTC'")[0]["n"]
        except (RuntimeError, subprocess.TimeoutExpired):
            return None

    def recovery(self, before):
        """The rate that was reached, and after how long it was as good as before: that of the load, once nothing of
        what the trouble left waits any more."""
        begin = time.monotonic()
        best = 0.0
        while time.monotonic() - begin < RECOVERY:
            rate = self.rate(2)
            best = max(best, rate)
            backlog = self.backlog()
            if rate >= 0.98 * before or backlog is not None and backlog <= BATCH:
                return rate, time.monotonic() - begin
        return best, None


def round_of(name, chaos, product, meter):
    """One kind of trouble, and what came of it."""
    for proxy in product.proxies:
        proxy.forget()
    alive = [worker for worker in product.workers if worker.is_alive]
    before = meter.rate(3)
    did = getattr(chaos, name)()
    rate, seconds = meter.recovery(before)
    survivors = [worker for worker in alive if worker.is_alive]
    threads = max((worker.threads() for worker in survivors), default=0)
    died = [worker for worker in product.workers if not worker.is_alive]
    for worker in died:
        chaos.findings.append(f"a worker that nobody stopped goes on: one ended with {worker.process.returncode}")
    product.keep_workers()
    recovered = f"after {seconds:.0f} s" if seconds is not None else f"not within {RECOVERY} s"
    print(f"  {name:12} {did}; {before:.0f}/s before, {rate:.0f}/s {recovered}; {threads} threads", flush=True)
    # Where others compute as well, a rate says little.
    is_busy = os.getloadavg()[0] > 2 * (os.cpu_count() or 1)
    if seconds is None and (not is_busy or rate < 0.3 * before):
        chaos.findings.append(f"after '{name}' the fleet is as quick as before within {RECOVERY} s: {rate:.0f}/s")


def drain(product, chaos):
    """Lets the workers finish, stops them, and has them gone."""
    deadline = time.monotonic() + PATIENCE
    while left := product.primary.query("SELECT count(*) AS n FROM script_executions WHERE status IN ('queued', 'running')"
                                        )[0]["n"]:
        product.keep_workers()
        if time.monotonic() > deadline:
            chaos.findings.append(f"everything ends: {left} executions are not final {PATIENCE} s after the last trouble")
            break
        time.sleep(0.3)
    for worker in product.workers:
        worker.process.terminate()
    for worker in product.workers:
        try:
            status = worker.process.wait(timeout=STOPPING)
            if status != 0:
                chaos.findings.append(f"an idle worker ends well: one ended with {status}")
        except subprocess.TimeoutExpired:
            chaos.findings.append(f"an idle worker ends within {STOPPING} s")
            worker.kill()
    end_what_was_parted(product, chaos)
    time.sleep(0.5)


def end_what_was_parted(product, chaos):
    """Sessions of clients that are gone are the proxies' to end, where that was the last trouble: the server hears of
    nothing. What such a client had begun is the server's, which must have given it up by then."""
    deadline = time.monotonic() + FORGOTTEN
    while open_transactions := product.primary.query(
            "SELECT pid FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"):
        if time.monotonic() > deadline:
            chaos.findings.append(
                f"a transaction of a vanished client ends within {FORGOTTEN} s: {len(open_transactions)} are open")
            break
        time.sleep(0.3)
    for proxy in product.proxies:
        proxy.forget()


def broken_events(product):
    """What the workers told, against the database: no execution completed twice, none that the database denies."""
    completed = collections.Counter()
    for file in product.folder.glob("worker-*.jsonl"):
        for line in file.read_text(errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if event.get("event") == "ended" and event.get("status") == "completed":
                    completed[event["execution"]] += 1
    statuses = {row["id"]: row["status"] for row in product.primary.query("SELECT id, status FROM script_executions")}
    twice = [execution for execution, count in completed.items() if count > 1]
    denied = [execution for execution in completed if statuses.get(execution) != "completed"]
    broken = []
    if twice:
        broken.append(f"no execution completes twice: {twice[:5]} did, say the workers")
    if denied:
        broken.append(f"what a worker has seen completed is so: {denied[:5]} are not")
    return broken


def broken_invariants(product, load):
    broken = []
    found = {row["serial"] for row in product.primary.query(
        "SELECT (arguments->>'serial')::int AS serial FROM script_executions")}
    broken += load.broken(found) + broken_events(product)
    for sentence, statement in INVARIANTS:
        rows = product.primary.query(statement)
        if rows:
            shown = "\n".join(f"    {row}" for row in rows[:5])
            broken.append(f"{sentence}: {len(rows)} rows break it\n{shown}")
    return broken


def summary(product, load):
    row = product.primary.query("""
        SELECT count(*) AS all, count(*) FILTER (WHERE status = 'completed') AS completed,
        count(*) FILTER (WHERE status = 'failed') AS failed, sum(attempt) AS attempts, sum(rescues) AS rescued,
        sum(releases) AS released FROM script_executions""")[0]
    enqueues = ", ".join(f"{len(batches)} {name}" for name, batches in sorted(load.outcomes.items()))
    return (f"{row['completed']} completed, {row['failed']} failed in {row['attempts']} attempts; {row['rescued']} rescued, "
            f"{row['released']} given back; enqueues: {enqueues}, {load.skipped} not tried")


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("binary", nargs="?", default=ROOT / ".build/release/hypjobs", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=len(TROUBLE), help=f"how many troubles ({len(TROUBLE)})")
    parser.add_argument("--only", default="", help="a choice of: input, " + ", ".join(TROUBLE))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--keep", action="store_true", help="leave the servers' folders and the logs behind")
    chosen = parser.parse_args()
    chosen.names = [name for name in re.split(r"[ ,]+", chosen.only) if name] or ["input", *TROUBLE]
    if unknown := set(chosen.names) - {"input", *TROUBLE}:
        parser.error(f"there is no trouble {', '.join(sorted(unknown))}")
    return chosen


def troubles(names, rounds, source):
    """Each kind once in a random order, then again, until there are enough."""
    names = [name for name in names if name != "input"]
    chosen = []
    while names and len(chosen) < rounds:
        chosen += source.sample(names, len(names))
    return chosen[:rounds]


def make_trouble(product, chosen, source):
    chaos, load = Chaos(product, source), Load(product, random.Random(chosen.seed + 1))
    product.must_run("script", "add", HERE / "count.hyp", HERE / "fail.hyp", "--allow", "sleep", "--allow", "database")
    product.primary.execute("CREATE TABLE effects (serial INTEGER NOT NULL)")
    product.keep_workers()
    load.start()
    try:
        time.sleep(2)
        meter = Meter(product)
        for name in troubles(chosen.names, chosen.rounds, source):
            round_of(name, chaos, product, meter)
    finally:
        load.stop()
    drain(product, chaos)
    print(f"  {summary(product, load)}")
    for message, count in load.messages.most_common(8):
        print(f"  {count} × {message[:200]}")
    return chaos.findings + broken_invariants(product, load)


def main():
    chosen = options()
    if chaos_server.programs() is None:
        print("no PostgreSQL server on this machine: the fleet was not tried")
        return
    source = random.Random(chosen.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hypjobs-chaos-"))
    folder.chmod(0o755)
    print(f"seed {chosen.seed}, load average {os.getloadavg()[0]:.1f}", flush=True)
    broken, checked = [], 0
    product = Product(chosen.binary.resolve(), folder)
    try:
        product.must_run("migrate", "up")
        if "input" in chosen.names:
            checked, found = bad_inputs(product)
            broken += found
        if troubles(chosen.names, chosen.rounds, random.Random(0)):
            broken += make_trouble(product, chosen, source)
            checked += len(INVARIANTS)
    finally:
        for worker in product.workers:
            worker.process.kill()
        for server in [product.primary]:
            server.go_on()
            server.stop()
    for sentence in broken:
        print(f"✗ {sentence}")
    print(f"{len(broken)} findings, {checked} sentences checked")
    if broken or chosen.keep:
        print(f"The servers and the logs are in {folder}, the seed is {chosen.seed}.")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
