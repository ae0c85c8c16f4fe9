#!/usr/bin/env python3
"""Kills workers with SIGKILL at random moments while they run 2,000 executions, restarts them until nothing is left
to do, and then reads the database with other eyes than the product's: every execution must be final exactly once,
none lost; attempts, audit entries and effects must agree.

    Tests/Crash/kill-workers.py [BINARY] [--rounds 20] [--executions 2000] [--seed N] [--keep]

The seed is printed; the same seed kills at the same moments, as far as the machine allows."""

import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORKERS = 2
SLOTS = 4
# How long a worker lives at most before it is killed.
LONGEST_LIFE = 0.4
# One in so many executions fails, and one in so many has a unique key.
FAILING = 20
UNIQUE = 10
# One in so many writes a row of its own in the database.
WRITING = 3
# Nothing here takes longer; a hang is a finding, too.
PATIENCE = 120


class Product:
    """The binary under test on a database of its own."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.database = folder / "crash.sqlite"
        self.log = open(folder / "workers.log", "ab")
        self.environment = dict(os.environ, HYPJOBS_DATABASE=str(self.database), NO_COLOR="1")

    def command(self, *arguments):
        return [str(self.binary), *map(str, arguments), "--config", str(ROOT / "config")]

    def run(self, *arguments, standard_input=None):
        done = subprocess.run(
            self.command(*arguments), env=self.environment, input=standard_input, text=True, capture_output=True,
            timeout=PATIENCE)
        if done.returncode != 0:
            sys.exit(f"error: {' '.join(map(str, arguments))} ended with {done.returncode}\n{done.stderr}")
        return done.stdout

    def start_worker(self):
        return subprocess.Popen(
            self.command("worker", "-j", SLOTS, "--once"), env=self.environment, stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log)

    def query(self, text):
        """Rows of a statement, read beside the workers."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=30)) as connection:
            connection.execute("PRAGMA query_only = 1")
            return connection.execute(text).fetchall()

    def change(self, text):
        with contextlib.closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            connection.execute(text)

    def left(self):
        """How many executions are not final yet."""
        return self.query("SELECT COUNT(*) FROM script_executions WHERE status IN ('queued', 'running')")[0][0]


def requests(count, pause):
    """The requests as JSON lines; `serial` is the place in the list."""
    for serial in range(count):
        request = {
            "script": "fail" if serial % FAILING == 0 else "count",
            "arguments": {"serial": serial, "pause": pause, "writes": serial % WRITING == 0},
            "max_attempts": 1 if serial % FAILING == 0 else 10,
            "priority": serial % 3,
        }
        if serial % UNIQUE == 0:
            request["unique"] = f"serial-{serial}"
        yield json.dumps(request)


def kill_rounds(product, rounds, source):
    """Kills a worker, or all of them, `rounds` times at random moments while there is work."""
    workers = []
    kills = 0
    while kills < rounds:
        workers = [worker for worker in workers if worker.poll() is None]
        while len(workers) < WORKERS:
            workers.append(product.start_worker())
        time.sleep(source.uniform(0, LONGEST_LIFE))
        victims = workers if source.random() < 0.5 else [source.choice(workers)]
        alive = [worker for worker in victims if worker.poll() is None]
        for worker in alive:
            worker.send_signal(signal.SIGKILL)
        for worker in alive:
            worker.wait()
        kills += 1 if alive else 0
        if product.left() == 0:
            sys.exit(f"error: the work was done after {kills} of {rounds} kills; raise --pause")
    for worker in workers:
        worker.kill()
        worker.wait()


def work_until_idle(product):
    """Restarts workers until nothing is left, as a supervisor would."""
    deadline = time.monotonic() + PATIENCE
    while product.left() > 0:
        if time.monotonic() > deadline:
            sys.exit(f"error: {product.left()} executions are not final after {PATIENCE} s without a kill")
        for worker in [product.start_worker() for _ in range(WORKERS)]:
            if worker.wait(timeout=PATIENCE) != 0:
                sys.exit(f"error: a worker that nobody killed ended with {worker.returncode}")


# What must hold afterwards: a sentence, and a statement that finds what breaks it.
INVARIANTS = [
    ("every execution is final", """
        SELECT id, status FROM script_executions WHERE status NOT IN ('completed', 'failed')"""),
    ("a final execution has its times and no lease", """
        SELECT id FROM script_executions
        WHERE completed_at IS NULL OR started_at IS NULL OR worker_epoch IS NOT NULL"""),
    ("nothing waits any more", "SELECT execution_id FROM execution_queue"),
    ("no unique key is held any more", "SELECT unique_key FROM execution_unique_keys"),
    ("no worker is registered any more", "SELECT epoch FROM workers"),
    ("each execution was enqueued exactly once, says the audit trail", """
        SELECT e.id, COUNT(a.id) FROM script_executions e
        LEFT JOIN audit_logs a ON a.record_id = e.id AND a.action = 'execution.enqueued'
        GROUP BY e.id HAVING COUNT(a.id) <> 1"""),
    ("each execution ended exactly once, says the audit trail, and as its row says", """
        SELECT e.id, e.status, GROUP_CONCAT(a.action) FROM script_executions e
        LEFT JOIN audit_logs a ON a.record_id = e.id
            AND a.action IN ('execution.completed', 'execution.failed', 'execution.cancelled')
        GROUP BY e.id HAVING COUNT(a.id) <> 1 OR MAX(a.action) <> 'execution.' || e.status"""),
    ("the audit trail tells of no execution that is not there", """
        SELECT record_id FROM audit_logs WHERE action LIKE 'execution.%'
        AND record_id NOT IN (SELECT id FROM script_executions)"""),
    ("each claim has its attempt, counted from 1", """
        SELECT e.id, e.attempt, COUNT(t.attempt) FROM script_executions e
        LEFT JOIN execution_attempts t ON t.execution_id = e.id
        GROUP BY e.id HAVING COUNT(t.attempt) <> e.attempt OR MIN(t.attempt) <> 1 OR MAX(t.attempt) <> e.attempt"""),
    ("every attempt is over", """
        SELECT execution_id, attempt FROM execution_attempts WHERE finished_at IS NULL OR outcome IS NULL"""),
    ("only the last attempt ended the execution; those before it lost their worker", """
        SELECT t.execution_id, t.attempt, t.outcome FROM execution_attempts t
        JOIN script_executions e ON e.id = t.execution_id
        WHERE (t.attempt < e.attempt AND t.outcome <> 'rescued')
        OR (t.attempt = e.attempt AND e.status = 'completed' AND t.outcome <> 'completed')"""),
    ("as many attempts lost their worker as the execution was rescued", """
        SELECT e.id, e.rescues, SUM(t.outcome = 'rescued') FROM script_executions e
        JOIN execution_attempts t ON t.execution_id = e.id
        GROUP BY e.id HAVING SUM(t.outcome = 'rescued') <> e.rescues"""),
    ("an execution that should complete did, unless it was there when three workers died", """
        SELECT e.id, e.status, e.rescues, e.error_message FROM script_executions e
        JOIN scripts s ON s.id = e.script_id
        WHERE s.name = 'count' AND e.status <> 'completed' AND e.rescues < 3"""),
    ("an execution that should fail did", """
        SELECT e.id, e.status FROM script_executions e
        JOIN scripts s ON s.id = e.script_id WHERE s.name = 'fail' AND e.status <> 'failed'"""),
    ("a completed execution has its result and its effect exactly once", """
        SELECT e.id, e.result, COUNT(l.content), MAX(l.content) FROM script_executions e
        LEFT JOIN execution_logs l ON l.execution_id = e.id AND l.content LIKE '%serial %'
        WHERE e.status = 'completed'
        GROUP BY e.id HAVING COUNT(l.content) <> 1 OR e.result <> json_extract(e.arguments, '$.serial')
            OR MAX(l.content) NOT LIKE '%serial ' || e.result || char(10)"""),
    ("a script that completed wrote what it wrote exactly once, and one that did not, never", """
        SELECT json_extract(e.arguments, '$.serial'), e.status, COUNT(f.serial) FROM script_executions e
        JOIN scripts s ON s.id = e.script_id
        LEFT JOIN effects f ON f.serial = json_extract(e.arguments, '$.serial')
        GROUP BY e.id HAVING COUNT(f.serial) <>
            (e.status = 'completed' AND s.name = 'count' AND json_extract(e.arguments, '$.writes'))"""),
    ("the database is whole", """
        SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'"""),
    ("no row points at one that is not there", "SELECT * FROM pragma_foreign_key_check"),
]


def broken_invariants(product, executions):
    """The sentences that do not hold, each with the first rows that show it."""
    broken = []
    serials = [row[0] for row in product.query(
        "SELECT json_extract(arguments, '$.serial') FROM script_executions ORDER BY 1")]
    if serials != list(range(executions)):
        broken.append(f"no execution is lost or doubled: {len(serials)} of {executions}")
    for sentence, statement in INVARIANTS:
        rows = product.query(statement)
        if rows:
            shown = "\n".join(f"    {row}" for row in rows[:5])
            broken.append(f"{sentence}: {len(rows)} rows break it\n{shown}")
    return broken


def summary(product):
    row = product.query("""
        SELECT SUM(status = 'completed'), SUM(status = 'failed'), SUM(attempt), SUM(rescues),
        SUM(rescues >= 3 AND status = 'failed') FROM script_executions""")[0]
    return "{} completed, {} failed in {} attempts; {} lost their worker, {} quarantined".format(*row)


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("binary", nargs="?", default=ROOT / ".build/release/hypjobs", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=20, help="how many kills (20)")
    parser.add_argument("--executions", type=int, default=2000, help="how many executions (2000)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--pause", type=int, help="milliseconds an execution takes; default: enough for all kills")
    parser.add_argument("--keep", action="store_true", help="leave the database behind")
    return parser.parse_args()


def main():
    chosen = options()
    # Twice the time that the kills take, shared by all slots: the work outlasts them.
    killing = chosen.rounds * (LONGEST_LIFE / 2 + 0.1)
    pause = chosen.pause or max(1, round(2 * killing * WORKERS * SLOTS / chosen.executions * 1000))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hypjobs-crash-"))
    product = Product(chosen.binary.resolve(), folder)
    print(f"seed {chosen.seed}: {chosen.executions} executions of {pause} ms, {chosen.rounds} kills", flush=True)

    product.run("migrate", "up")
    product.run("script", "add", HERE / "count.hyp", HERE / "fail.hyp", "--allow", "sleep", "--allow", "database")
    product.change("CREATE TABLE effects (serial INTEGER NOT NULL)")
    product.run("enqueue", "-", standard_input="\n".join(requests(chosen.executions, pause)) + "\n")
    kill_rounds(product, chosen.rounds, random.Random(chosen.seed))
    left = product.left()
    work_until_idle(product)

    print(f"{left} were left after the last kill; {summary(product)}")
    broken = broken_invariants(product, chosen.executions)
    for sentence in broken:
        print(f"✗ {sentence}")
    print(f"{len(INVARIANTS) + 1 - len(broken)} of {len(INVARIANTS) + 1} invariants hold")
    if broken or chosen.keep:
        sys.exit(f"The database is {product.database}, the seed {chosen.seed}." if broken else 0)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
