"""What a process wrote, on disk, its middle left out where there is too much of it."""

from __future__ import annotations

from collections import deque
from pathlib import Path

#: Bytes of the beginning and of the end that are kept.
BEGINNING, END = 4_000_000, 256_000
#: Lines, and characters of each, that messages show.
SHOWN_LINES, SHOWN_CHARACTERS = 3, 200


class BoundedLog:
    """A log of at most BEGINNING + END bytes and a note; the end is in memory until `close`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # A new file, so that no link which was there before is followed.
        self._file = open(path, "xb", buffering=0)  # noqa: SIM115 - closed by `close`
        self._kept = self.n_bytes = 0
        self._end: deque[bytes] = deque()
        self._held = 0

    def write(self, data: bytes) -> None:
        """More of it."""
        self.n_bytes += len(data)
        room = BEGINNING - self._kept
        if room > 0:
            self._file.write(data[:room])
            self._kept += len(data[:room])
            if len(data) >= room:
                self._file.write(b"\n[the log goes on: only its end follows]\n")
        self._end.append(data[-END:])
        self._held += len(self._end[-1])
        while self._held - len(self._end[0]) >= END:
            self._held -= len(self._end.popleft())

    def close(self) -> None:
        """Write the end, with a note of how much is left out before it."""
        left_out = self.n_bytes - self._kept
        if left_out > 0:
            end = b"".join(self._end)[-min(END, left_out) :]
            self._file.write(f"[{left_out - len(end):,} bytes left out]\n".encode() + end)
        self._file.close()

    def last_lines(self) -> list[str]:
        """The last lines with something in them, cut to what a message shows, without what a terminal would act on."""
        text = b"".join(self._end)[-END:].decode(errors="replace")
        lines = [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
        return ["".join(c for c in line if c.isprintable())[:SHOWN_CHARACTERS] for line in lines[-SHOWN_LINES:]]
