"""Every kind of input that comes from a file: how one is made, the reader that it is given to, and its share."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scalingdsl.engine.executors.job import Job
from scalingdsl.engine.executors.lease import Leases
from scalingdsl.engine.executors.pack_queue import PackQueue
from scalingdsl.engine.external import wandb_log
from scalingdsl.engine.external.losses_told import Losses
from scalingdsl.engine.external.trainer import Reading
from scalingdsl.engine.findings.store_findings import read_findings
from scalingdsl.engine.fits.tables.table_mapping import name_columns, read_table
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.store.checkpoint import Checkpoints
from scalingdsl.engine.store.checkpoint_state import states
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.store.sealed_json import sealed
from scalingdsl.engine.study.reporting import report_store
from scalingdsl.spec import check
from scalingdsl.spec.files.documents_in import PLAIN, TextForm, looks_like, repeated_mark, separator_in, texts_in
from scalingdsl.spec.files.graph_file import read_graph
from scalingdsl.spec.files.raw_file import unpacked
from scalingdsl.spec.files.small_texts import Small, Wanted
from scalingdsl.spec.files.transition_matrices import read_matrix
from scalingdsl.spec.plan.expand import product
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.source import Source
from scalingdsl.spec.syntax.parser import parse_study
from scalingdsl.spec.syntax.printer import print_study

from ..engine.store.folders import fill, plan_of
from .fuzz_inputs import Make, mutated, of_json, study

TRAINED = "models transformer(layers=2, width=32); train adamw(lr=.01) tokens=64k"
STUDIES = Path(__file__).parents[2] / "studies"
#: Runs of a plan that are looked at.
RUNS = 200


@dataclass(frozen=True)
class Target:
    """One kind of input."""

    make: Make
    read: Callable[[bytes], object]
    #: Inputs in a million.
    share: int


def _changed(*seeds: bytes) -> Make:
    return lambda rng: mutated(seeds, rng)


def targets(home: Path) -> dict[str, Target]:
    """Every kind, by name; files are written below `home`."""
    return {**_studies(home), **_data(home), **_folder(home), **_of_trainers(home)}


# --- what a person writes, and data -----------------------------------------------------------------------------------


def _studies(home: Path) -> dict[str, Target]:
    texts = tuple(sorted((path.read_text() for path in STUDIES.rglob("*.scl")), key=len)[:30])

    def checked(data: bytes) -> object:
        found = check(home / "s.scl", text=data.decode())
        return found.plan and (found.plan.digest, list(zip(range(RUNS), found.plan.runs())))

    def formatted(data: bytes) -> None:
        tree, found = parse_study(Source(data.decode(), "s.scl"))
        if all(d.severity != "error" for d in found):
            again, _ = parse_study(Source(print_study(tree), "s.scl"))
            assert again == tree, "laid out, it says something else"

    def made(rng: random.Random) -> bytes:
        return study(texts, rng).encode(errors="replace")

    return {"study": Target(made, checked, 4_000), "study laid out": Target(made, formatted, 20_000)}


def _data(home: Path) -> dict[str, Target]:
    csv = b"N,D,loss,run\n" + b"".join(
        b"%d,%d,%.4f,r%d\n" % (n, 20 * n, 3 - n * 1e-9, n) for n in range(10**6, 10**7, 10**6)
    )
    jsonl = b"".join(b'{"N": %d, "D": %d, "loss": 3.2}\n' % (n, 20 * n) for n in range(1000, 9000, 1000))
    listed = b"[" + jsonl.strip().replace(b"\n", b", ") + b"]"
    nested = b'{"columns": ["N", "loss"], "data": [[1, 2.5], [2, 2.0], [3, 1.5]]}'
    edges = b"0 1\n1 2\n2 3\n3 0\n0 2 1.5\n# note\n"
    named = b'graph [\n node [ id 0 label "a" ]\n node [ id 1 ]\n edge [ source 0 target 1 value 2 ]\n]\n'
    markup = (
        b'<graphml><graph edgedefault="undirected"><node id="a"/><node id="b"/>'
        b'<edge source="a" target="b"/><edge source="b" target="a"/></graph></graphml>'
    )
    market = b"%%MatrixMarket matrix coordinate real general\n3 3 4\n1 2 1.0\n2 3 1.0\n3 1 .5\n3 3 .5\n"
    matrix = b"0.5 0.5 0\n0.25 0.25 0.5\n0 0 1\n"
    arrays = io.BytesIO()
    np.save(arrays, np.eye(4))
    text = b"One two three.\n\nFour five six seven.\n" * 40
    records = b"".join(b'{"text": "Line %d of it.", "id": %d}\n' % (n, n) for n in range(20))
    parted = b"A story.\n<|endoftext|>\nAnother story.\n<|endoftext|>\n" * 10
    wide = b"text,other\n" + b"Some words here,1\n" * 20
    endings = (".csv", ".tsv", ".jsonl", ".json", "")

    def of_table(data: bytes) -> object:
        path = home / f"t{endings[len(data) % len(endings)]}"
        path.write_bytes(data)
        found = name_columns(read_table(path), {})
        return [found.numbers(name) for name in ("N", "D", "loss")]

    def of_graph(data: bytes) -> object:
        return [read_graph(unpacked(data), way).reached() for way in (None, True)]

    def of_corpus(data: bytes) -> None:
        form = TextForm("text") if len(data) % 3 == 0 else PLAIN
        found = Small()
        for one in texts_in(data, form):
            separator_in(one), repeated_mark(one)
            found.add(one)
        looks_like(data)
        found.check(Wanted("", form.field != "", 0.1, None, True, 32))

    def in_study(given: str, name: str) -> Callable[[bytes], object]:
        """Give a file to a study that names it."""

        def read(data: bytes) -> object:
            (home / name).write_bytes(data)
            return check(home / "s.scl", text=given)

        return read

    tables = _changed(csv, jsonl, csv.replace(b",", b"\t"), csv.replace(b",", b";"), listed, nested)
    graphs = _changed(edges, edges.replace(b" ", b","), named, markup, market)
    matrices = _changed(matrix, matrix.replace(b" ", b","), arrays.getvalue(), market)
    corpora = _changed(text, records, parted, wide, gzip.compress(text, mtime=0))
    sheets = _changed(*(_packed_tables()), gzip.compress(csv, mtime=0))
    return {
        "table": Target(tables, of_table, 150_000),
        "packed table": Target(sheets, of_table, 5_000),
        "edges": Target(graphs, of_graph, 198_000),
        "matrix": Target(matrices, lambda data: read_matrix(unpacked(data)).reached(), 195_000),
        "corpus": Target(corpora, of_corpus, 90_000),
        "table of a study": Target(
            tables, in_study('data table("t.csv", N="N", D="D", loss="loss"); fit chinchilla', "t.csv"), 2_000
        ),
        "edges of a study": Target(graphs, in_study(f'data walk(edges("e.txt")); {TRAINED}', "e.txt"), 2_000),
        "matrix of a study": Target(matrices, in_study(f'data markov("m.txt"); {TRAINED}', "m.txt"), 2_000),
        "corpus of a study": Target(corpora, in_study(f'data text("c.txt"); {TRAINED}', "c.txt"), 2_000),
    }


def _packed_tables() -> list[bytes]:
    """The same table as parquet and as a workbook."""
    import openpyxl
    import pyarrow
    from pyarrow import parquet

    columns = {"N": [1e6, 2e6, 3e6], "D": [2e7, 4e7, 6e7], "loss": [3.0, 2.5, 2.25]}
    into, sheet = io.BytesIO(), io.BytesIO()
    parquet.write_table(pyarrow.table(columns), into)
    book = openpyxl.Workbook()
    for row in (columns, *zip(*columns.values())):
        book.active.append(list(row))
    book.save(sheet)
    return [into.getvalue(), sheet.getvalue()]


# --- a results folder -------------------------------------------------------------------------------------------------


def _folder(home: Path) -> dict[str, Target]:
    store = fill(home / "a")
    folder = store.folder
    source = next(iter(store.plan().runs())).source
    store.keep_source_curves(source, {"spectrum": {"at": [1.0, 2.0], "values": [1.0, 0.5]}})
    key = min(store.keys())
    plan = next((folder / "plans").iterdir())
    Checkpoints(store.checkpoints).save(key, {"w": torch.arange(8.0)}, {"key": key, "step": 1})
    checkpoint = store.checkpoints / f"{key}.safetensors"
    report_store(store)
    fits, arrays = folder / "fits.json", folder / "fits.npz"
    found = json.loads(fits.read_bytes())
    queue = PackQueue(store.queue)
    queue.put(Job(Pack("p", tuple(store.plan().runs()), 4), 80))
    store.leases.mkdir()
    leases = Leases(store.leases, 0.0)
    lease = leases.take("p")
    assert lease is not None
    log = (folder / "packs" / "p.jsonl").read_bytes()[:4000]

    def at(path: Path, ask: Callable[[], object]) -> Callable[[bytes], object]:
        """Put a file in its place, and the sound one back once it was read."""
        sound = path.read_bytes()

        def read(data: bytes) -> object:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            try:
                return ask()
            finally:
                path.write_bytes(sound)

        return read

    def of_plan(data: bytes) -> object:
        """Plans of some ten thousand points take their time; those of more than a million are refused."""
        found = StudyPlan.model_validate_json(data)
        return list(zip(range(RUNS if product(found)[0] < 10_000 else 1), found.runs()))

    def of_checkpoints() -> object:
        return list(states(store.checkpoints)), Checkpoints(store.checkpoints).load(key), Store(folder).curves({})

    def of_study() -> object:
        own = Store.existing(folder)
        return own.plan(), own.late_claims(plan_of().claims), own.predictions()

    def of_source() -> object:
        own = Store(folder)
        own.check_source(source, "0123456789abcdef")
        return own.statistics(source), own.source_curves(source)

    def of_arrays(data: bytes) -> object:
        """Arrays that the other file takes for its own."""
        arrays.write_bytes(data)
        body = {**found, "arrays": {**found["arrays"], "sha256": hashlib.sha256(data).hexdigest()}}
        fits.write_text(json.dumps(sealed({name: v for name, v in body.items() if name != "checksum"})))
        return read_findings(folder)

    def kept(pattern: str, ask: Callable[[], object], share: int) -> Target:
        (path,) = folder.glob(pattern)
        return Target(of_json(path.read_bytes(), seal=True), at(path, ask), share)

    def logged(rng: random.Random) -> bytes:
        """A log with bytes changed, or lines whose values were."""
        if rng.random() < 0.5:
            return mutated((log,), rng)
        return b"\n".join(of_json(line, seal=True)(rng) for line in log.splitlines()[: rng.randrange(1, 5)])

    return {
        "plan": Target(
            of_json(json.dumps(json.loads(plan.read_bytes())["plan"]).encode()),
            of_plan,
            50_000,
        ),
        "record": kept(f"runs/{key}.json", lambda: Store(folder).record(key), 80_000),
        "checkpoint": Target(_changed(checkpoint.read_bytes()), at(checkpoint, of_checkpoints), 50_000),
        "fits": kept("fits.json", lambda: read_findings(folder), 5_000),
        "arrays": Target(_changed(arrays.read_bytes()), of_arrays, 2_000),
        "queue": kept("queue/p.json", lambda: (queue.names(), queue.read("p")), 40_000),
        "lease": Target(
            _changed(lease.path.read_bytes()),
            at(lease.path, lambda: (leases.holder("p"), leases.abandoned("p"))),
            45_000,
        ),
        "log": Target(logged, at(folder / "packs" / "p.jsonl", lambda: list(Store(folder).events("p"))), 18_000),
        "study.json": kept("study.json", of_study, 2_000),
        "claims.json": kept("claims.json", of_study, 2_000),
        "predictions.json": kept("predictions.json", of_study, 2_000),
        "plan file": kept("plans/*.json", of_study, 2_000),
        "source": kept("sources/*.json", of_source, 4_000),
        "statistics": kept("statistics/*.json", of_source, 4_000),
        "curves": kept("curves/*.json", of_source, 4_000),
    }


# --- what trainers of one's own tell ----------------------------------------------------------------------------------


def _of_trainers(home: Path) -> dict[str, Target]:
    lines = b'step 1\n{"loss": 3.5, "tokens": 100}\n{"loss": "2.5", "tokens": 200, "step": 2}\nbye\n'
    row = b"\x0a\x10\x0a\x04loss\x82\x01\x073.51234"
    piece = b"\x12" + bytes([len(row)]) + row
    logged = wandb_log.MAGIC + _wandb_piece(piece) + _wandb_piece(piece)

    def of_lines(data: bytes) -> object:
        losses = Losses(Reading(), (100, 200))
        losses.feed(data)
        losses.end()
        return losses.last

    def of_wandb(data: bytes) -> object:
        path = home / "run.wandb"
        path.write_bytes(data)
        return list(wandb_log.rows(path))

    def resealed(rng: random.Random) -> bytes:
        """Its bytes changed, or a piece's, with the checksum that fits."""
        if rng.random() < 0.3:
            return mutated((logged,), rng)
        return wandb_log.MAGIC + b"".join(_wandb_piece(mutated((piece,), rng)) for _ in range(rng.choice((1, 2, 3))))

    return {
        "losses told": Target(_changed(lines), of_lines, 15_000),
        "log of W&B": Target(resealed, of_wandb, 5_000),
    }


def _wandb_piece(data: bytes) -> bytes:
    data = data[:30_000]
    head = bytes([wandb_log.WHOLE])
    return zlib.crc32(head + data).to_bytes(4, "little") + len(data).to_bytes(2, "little") + head + data


def shares(every: Mapping[str, Target], total: int) -> dict[str, int]:
    """Inputs of each kind among so many in all."""
    whole = sum(target.share for target in every.values())
    return {name: max(1, round(total * target.share / whole)) for name, target in every.items()}
