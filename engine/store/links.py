"""Results folders of strangers: a link in one takes what is written there elsewhere, so none is written through."""

from __future__ import annotations

import os
from pathlib import Path

from scalingdsl.spec.errors import StoreError


def refuse_links(folder: Path) -> None:
    """Refuse a results folder that holds a link; the folder itself may be reached by one.

    What a trainer of the person's own leaves in a run's `out` is its own, links too: nothing here is written there.

    Raises:
        StoreError: There is a link in it, or below.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        if not here.is_dir():
            continue
        with os.scandir(here) as entries:
            for entry in entries:
                if entry.is_symlink():
                    raise StoreError(
                        f"{folder} holds a link, {entry.path}: what is written there would land elsewhere; "
                        "put the file itself in its place, or remove the link"
                    )
                own = entry.name == "out" and here.parent.name == "elsewhere" and here.parent.parent == folder
                if entry.is_dir(follow_symlinks=False) and not own:
                    waiting.append(Path(entry.path))
