"""PostgreSQL servers of the chaos script's own, proxies before them, and a little of the server's protocol."""

import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

USER = "hypjobs"
# Nothing that starts or stops a server takes longer.
PATIENCE = 60


def programs():
    """The folder of the newest server's programs on this machine, unless somebody chose one."""
    chosen = os.environ.get("HYPJOBS_TEST_POSTGRES_BIN")
    if chosen:
        return pathlib.Path(chosen)
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if found:
        return found[-1]
    initdb = shutil.which("initdb")
    return pathlib.Path(initdb).resolve().parent if initdb else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One cluster: durable, on a loopback port of its own, as a user who is not root."""

    def __init__(self, folder, name):
        self.bin = programs()
        self.folder = folder / name
        self.data = self.folder / "data"
        self.port = free_port()
        self.folder.mkdir()
        self.owner = None
        if os.getuid() == 0:
            self.owner = "postgres" if any(user.pw_name == "postgres" for user in pwd.getpwall()) else "nobody"
            shutil.chown(self.folder, self.owner)

    def run(self, program, *arguments, check=True):
        command = [str(self.bin / program), *map(str, arguments)]
        if self.owner:
            command = ["runuser", "-u", self.owner, "--", "env", f"HOME={self.folder}", *command]
        done = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=PATIENCE)
        if check and done.returncode != 0:
            raise RuntimeError(f"{program} ended with {done.returncode}: {done.stdout}")
        return done

    def create(self):
        self.run("initdb", "-D", self.data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                 "--no-sync")
        with open(self.data / "pg_hba.conf", "w") as rules:
            rules.write("host all guarded all scram-sha-256\nhost replication all 127.0.0.1/32 trust\n"
                        "host all all 127.0.0.1/32 trust\nlocal all all trust\n")
        self.start()

    def copy(self, primary):
        """A hot standby of `primary`, streaming."""
        self.run("pg_basebackup", "-h", "127.0.0.1", "-p", primary.port, "-U", USER, "-D", self.data, "-R", "-X",
                 "stream", "-c", "fast", "--no-sync")
        # The last of equal keys counts.
        connection = f"host=127.0.0.1 port={primary.port} user={USER} application_name=chaos"
        with open(self.data / "postgresql.auto.conf", "a") as settings:
            settings.write(f"primary_conninfo = '{connection}'\n")
        self.start()

    def start(self):
        # Written to the disk at every commit: a killed server must not lose what it acknowledged.
        options = (f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder} "
                   "-c fsync=on -c synchronous_commit=on -c max_connections=60 -c max_wal_senders=4 "
                   "-c hot_standby=on -c wal_log_hints=on -c log_min_messages=warning -c log_line_prefix='%m %p '")
        self.run("pg_ctl", "-D", self.data, "-w", "-t", "50", "-l", self.folder / "server.log", "start", "-o", options)

    def stop(self, mode="immediate"):
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop", check=False)

    def promote(self):
        self.run("pg_ctl", "-D", self.data, "-w", "promote")

    def remove(self):
        self.go_on()
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self):
        """The postmaster and everything that it has started."""
        try:
            postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return []
        found = [postmaster]
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == postmaster:
                        found.append(int(entry.name))
        return found

    def signal_all(self, number):
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def freeze(self):
        # The postmaster first: no new process escapes.
        self.signal_all(signal.SIGSTOP)
        self.signal_all(signal.SIGSTOP)

    def go_on(self):
        self.signal_all(signal.SIGCONT)

    def query(self, text):
        """The rows of a statement as dictionaries, read beside the product."""
        done = subprocess.run(
            [str(self.bin / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER,
             "-d", "postgres", "-c", f"SELECT coalesce(json_agg(r), '[]') FROM ({text}) r"],
            text=True, capture_output=True, timeout=PATIENCE)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return json.loads(done.stdout)

    def execute(self, *statements):
        command = [str(self.bin / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U",
                   USER, "-d", "postgres"]
        for statement in statements:
            command += ["-c", statement]
        done = subprocess.run(command, text=True, capture_output=True, timeout=PATIENCE)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout

    def wait_until_streaming(self):
        deadline = time.monotonic() + PATIENCE
        while not self.query("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"):
            if time.monotonic() > deadline:
                raise RuntimeError("the standby does not stream")
            time.sleep(0.1)


class Proxy:
    """Stands between the product and a server, and lets bytes through, holds them, or loses them."""

    def __init__(self):
        self.target = None
        # 'pass'; 'hold' keeps what comes until it passes again; 'deaf' delivers what clients send and loses the
        # answers; 'away' takes nobody.
        self.mode = "pass"
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.pairs = set()
        self.parted = set()
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.mode == "away" or self.target is None:
                client.close()
                continue
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        self.wait_while_held()
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
        except OSError:
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.settimeout(None)
        with self.lock:
            self.pairs.add((client, server))
        threading.Thread(target=self.pump, args=(server, client, True, (client, server)), daemon=True).start()
        self.pump(client, server, False, (client, server))

    def wait_while_held(self):
        while self.mode == "hold":
            time.sleep(0.02)

    def pump(self, source, sink, answers, pair):
        try:
            while data := source.recv(65536):
                self.wait_while_held()
                if not (answers and self.mode == "deaf"):
                    sink.sendall(data)
        except OSError:
            pass
        self.close(pair)

    def close(self, pair):
        with self.lock:
            self.pairs.discard(pair)
            if pair in self.parted:
                return
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def part(self):
        """Cuts every connection on the client's side alone: the server waits for what does not come."""
        with self.lock:
            pairs = list(self.pairs)
            self.parted |= set(pairs)
        for client, _ in pairs:
            with contextlib.suppress(OSError):
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.shutdown(socket.SHUT_RD)
                client.close()
        return len(pairs)

    def forget(self):
        """The server hears of the end of what was parted."""
        with self.lock:
            pairs, self.parted = self.parted, set()
        for pair in pairs:
            self.close(pair)

    def drop(self):
        """Cuts every connection, with a reset."""
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close(pair)
        return len(pairs)


def startup(port, user=USER, timeout=5):
    """A session that does nothing but take a place; None when the server has none left."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    body = struct.pack("!i", 196608) + f"user\0{user}\0database\0postgres\0\0".encode()
    connection.sendall(struct.pack("!i", len(body) + 4) + body)
    answer = connection.recv(1)
    if answer != b"R":
        connection.close()
        return None
    return connection


class OldServer:
    """Speaks just enough of the protocol to say that it is PostgreSQL 9.6."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.greet, args=(client,), daemon=True).start()

    def greet(self, client):
        def message(kind, body):
            return kind + struct.pack("!i", len(body) + 4) + body

        with contextlib.suppress(OSError, struct.error), client:
            while True:
                length = struct.unpack("!i", client.recv(4))[0]
                body = client.recv(length - 4)
                if struct.unpack("!i", body[:4])[0] == 196608:
                    break
                # No TLS here.
                client.sendall(b"N")
            client.sendall(
                message(b"R", struct.pack("!i", 0)) + message(b"S", b"server_version\x009.6.24\0")
                + message(b"S", b"client_encoding\0UTF8\0") + message(b"K", struct.pack("!ii", 1, 1)) + message(b"Z", b"I"))
            # The client asks whether it may write.
            while client.recv(4096):
                column = b"transaction_read_only\0" + struct.pack("!ihihih", 0, 0, 25, -1, -1, 0)
                client.sendall(
                    message(b"T", struct.pack("!h", 1) + column)
                    + message(b"D", struct.pack("!hi", 1, 3) + b"off") + message(b"C", b"SHOW\0") + message(b"Z", b"I"))
