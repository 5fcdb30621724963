"""The entries, in one SQLite file that several processes read and write at once."""

import contextlib
import datetime
import fcntl
import sqlite3
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional

# A writer waits this long for the others; a write itself takes milliseconds.
BUSY_SECONDS = 10.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    message TEXT NOT NULL,
    written TEXT NOT NULL,
    picture TEXT,
    description TEXT NOT NULL DEFAULT ''
)
"""


class Entry(NamedTuple):
    id: int
    name: str
    message: str
    written: str
    picture: Optional[str]
    description: str


class Store:
    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        # Switching to WAL fails at once, without waiting, while another process has the file open: one at a time.
        with open(file.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self.connection() as connection:
                # Readers and a writer do not wait for each other.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(SCHEMA)

    @contextlib.contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for one request: safe with threads and after a fork, and opening costs little."""
        connection = sqlite3.connect(str(self.file), timeout=BUSY_SECONDS, isolation_level=None)
        try:
            # With WAL a power cut can lose the last entries but not harm the file.
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection
        finally:
            connection.close()

    def add(self, name: str, message: str, picture: Optional[str], description: str) -> None:
        written = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        with self.connection() as connection:
            connection.execute(
                "INSERT INTO entry (name, message, written, picture, description) VALUES (?, ?, ?, ?, ?)",
                (name, message, written, picture, description),
            )

    def newest(self, most: int, after: int) -> List[Entry]:
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT id, name, message, written, picture, description FROM entry ORDER BY id DESC LIMIT ? OFFSET ?",
                (most, after),
            )
            return [Entry(*row) for row in rows]

    def count(self) -> int:
        with self.connection() as connection:
            return connection.execute("SELECT count(*) FROM entry").fetchone()[0]
