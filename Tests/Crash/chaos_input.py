"""Servers and settings that cannot be used: each is refused with a code and in words, and nothing hangs."""

import re
import subprocess
import time

from chaos_server import OldServer, Server, free_port

# How long a command may take to say so; the connection timeout of the configuration is 4 seconds.
PATIENCE = 20


def setting(product, name, old, new):
    """A configuration like the product's, with one thing changed."""
    folder = product.folder / f"config-{name}"
    folder.mkdir()
    (folder / "migrations").symlink_to((product.configuration / "migrations").resolve())
    text = (product.configuration / "hypjobs.hyp").read_text()
    if old not in text:
        raise RuntimeError(f"{old} is not in the configuration")
    (folder / "hypjobs.hyp").write_text(text.replace(old, new))
    return folder


def hosts_of(product):
    text = (product.configuration / "hypjobs.hyp").read_text()
    return re.search(r"host: \[.*\]", text).group(0)


def prepare(product):
    """What the cases find on the server."""
    product.primary.execute(
        "CREATE ROLE guarded LOGIN PASSWORD 'right'", "CREATE ROLE poor LOGIN", "CREATE DATABASE newer",
        "CREATE ROLE stranger LOGIN", "CREATE DATABASE closed", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC")


def cases(product):
    """A name, what is changed in the configuration, and words that the error must have."""
    hosts, server = hosts_of(product), product.primary
    alone = f'host: "127.0.0.1:{server.port}"'
    return [
        ("password", 'username: "hypjobs"', 'username: "guarded"\n            password: "wrong"', "password"),
        ("no-password", 'username: "hypjobs"', 'username: "guarded"', "password"),
        ("port", hosts, f'host: "127.0.0.1:{free_port()}"', "Connection refused"),
        # An address that nobody has: packets to it get no answer.
        ("host", hosts, 'host: "192.0.2.1:5432"', "192.0.2.1"),
        ("name", hosts, 'host: "nowhere.invalid"', "nowhere.invalid"),
        ("ssl", 'ssl_mode: "disable"', 'ssl_mode: "require"', "SSL"),
        ("ssl-file", 'ssl_mode: "disable"', 'ssl_mode: "verify-full"', "'verify-full'"),
        ("ssl-word", 'ssl_mode: "disable"', 'ssl_mode: "sometimes"', "ssl_mode"),
        ("database", 'database: "postgres"', 'database: "missing"', "missing"),
        ("connect", 'database: "postgres"\n            username: "hypjobs"',
         'database: "closed"\n            username: "stranger"', "CONNECT"),
        ("privilege", 'username: "hypjobs"', 'username: "poor"', "Permission denied"),
        ("empty", 'database: "postgres"', 'database: "newer"', "migrate up"),
        ("old", hosts, f'host: "127.0.0.1:{OldServer().port}"', "9"),
        ("silent", hosts, f'host: "127.0.0.1:{silent_port()}"', "no answer"),
        ("replica", 'target_session_attrs: "read-write"', 'target_session_attrs: "standby"', "target_session_attrs"),
        ("any", 'target_session_attrs: "read-write"', 'target_session_attrs: "any"', ""),
        ("alone", hosts, alone, ""),
    ]


def silent_port():
    """A listener that takes connections and says nothing."""
    import socket
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    SILENT.append(listener)
    return listener.getsockname()[1]


SILENT = []


def attempt(product, folder, *arguments):
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [str(product.binary), *arguments, "--config", str(folder)], env=product.environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None, "", time.monotonic() - begin
    return done.returncode, done.stderr, time.monotonic() - begin


def judge(name, arguments, words, outcome):
    """What is wrong with the way in which a command failed."""
    status, text, seconds = outcome
    command = " ".join(arguments)
    if status is None:
        return [f"bad input '{name}': '{command}' ends within {PATIENCE} s"]
    if words == "":
        return [] if status == 0 else [f"good input '{name}': '{command}' ended with {status}: {text.strip()}"]
    first = text.strip().split("\n")[0]
    print(f"  {name:12} {command}: {status} after {seconds:.1f} s: {first[:100]}", flush=True)
    broken = []
    if status in (0, 1) or status < 0:
        broken.append(f"bad input '{name}': '{command}' ended with {status}")
    if not re.search(r"HJ-\d{4}", text):
        broken.append(f"bad input '{name}': '{command}' names no code: {first}")
    if words not in text:
        broken.append(f"bad input '{name}': '{command}' says '{words}': {first}")
    return broken


def bad_inputs(product):
    """How many cases there were, and the sentences that do not hold."""
    prepare(product)
    broken, count = [], 0
    for name, old, new, words in cases(product):
        folder = setting(product, name, old, new)
        commands = [("status",)] if words == "" else [("status",), ("worker", "--once"), ("enqueue", "count")]
        for arguments in commands:
            count += 1
            broken += judge(name, arguments, words, attempt(product, folder, *arguments))
    for more in (newer_schema, standby_as_primary):
        number, found = more(product)
        count += number
        broken += found
    return count, broken


def newer_schema(product):
    """The database has a migration that this program does not know."""
    folder = setting(product, "newer-schema", 'database: "postgres"', 'database: "newer"')
    status, text, _ = attempt(product, folder, "migrate", "up")
    if status != 0:
        return 1, [f"an empty database is migrated: {text}"]
    server = product.primary
    server.run("psql", "-h", "127.0.0.1", "-p", server.port, "-U", "hypjobs", "-d", "newer", "-c",
               "INSERT INTO schema_migrations SELECT * FROM schema_migrations WHERE false")
    columns = server.run(
        "psql", "-XAt", "-h", "127.0.0.1", "-p", server.port, "-U", "hypjobs", "-d", "newer", "-c",
        "SELECT string_agg(CASE column_name WHEN 'version' THEN '''29990101000001''' ELSE column_name END, ', ' "
        "ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'schema_migrations'").stdout.strip()
    server.run("psql", "-h", "127.0.0.1", "-p", server.port, "-U", "hypjobs", "-d", "newer", "-v", "ON_ERROR_STOP=1", "-c",
               f"INSERT INTO schema_migrations SELECT {columns} FROM schema_migrations ORDER BY version DESC LIMIT 1")
    broken = []
    for arguments in (("worker", "--once"), ("migrate", "up"), ("enqueue", "count")):
        broken += judge("newer-schema", arguments, "29990101000001", attempt(product, folder, *arguments))
    return 3, broken


def standby_as_primary(product):
    """The only host is a standby: it takes no writes, and that is said."""
    standby = Server(product.folder, "standby-as-primary")
    standby.copy(product.primary)
    broken, count = [], 0
    try:
        for target in ("read-write", "primary", "any"):
            folder = setting(
                product, f"standby-only-{target}", hosts_of(product),
                f'host: "127.0.0.1:{standby.port}"\n            target_session_attrs: "{target}"')
            text = (folder / "hypjobs.hyp").read_text()
            (folder / "hypjobs.hyp").write_text(
                text.replace('target_session_attrs: "read-write"\n            connection_timeout',
                             "connection_timeout"))
            for arguments in (("worker", "--once"), ("enqueue", "count")):
                count += 1
                words = "HJ-3012" if target == "any" else "primary" if target == "primary" else "writes"
                broken += judge(f"standby-{target}", arguments, words, attempt(product, folder, *arguments))
    finally:
        standby.remove()
    return count, broken
