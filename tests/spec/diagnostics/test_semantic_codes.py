"""Every code of the meaning: its wrong study provokes it, its right study does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from scalingdsl.spec import Checked, check
from scalingdsl.spec.diagnostics.catalogue.semantic_codes import CODES
from scalingdsl.spec.errors import Code

from ..support import PROSE

FILES = {
    "base.scl": "data walk(er(n=512, p=.02))\nmodels width in [32..256]\n",
    "graph.txt": "# a ring and a chord\n" + "".join(f"{i} {(i + 1) % 8}\n" for i in range(8)) + "0 4\n",
    "headed.csv": "from,to\n" + "".join(f"{i},{(i + 1) % 8}\n" for i in range(8)),
    "directed.txt": "# Directed graph: a ring\n" + "".join(f"{i} {(i + 1) % 8}\n" for i in range(8)),
    "study.txt": "a study is no list of edges\n",
    "book.txt": PROSE,
    "scores.csv": "N,D,val_ppl\n1e6,1e8,20\n4e6,1e8,16\n9e6,1e8,12\n1e6,2e8,18\n4e6,2e8,14\n9e6,2e8,11\n",
    "runs.csv": "N,D,loss,optimiser\n"
    + "".join(f"{n},{d},{3 + 9 / n**0.3 + 9 / d**0.3:.4f},muon\n" for n in (1e6, 4e6, 9e6) for d in (1e8, 2e8)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the studies of the codes name."""
    path = tmp_path_factory.mktemp("studies")
    (path / "graph.txt").parent.parent.joinpath("graph.txt").write_text(FILES["graph.txt"])
    for name, text in FILES.items():
        (path / name).write_text(text)
    return path


def checked(text: str, folder: Path) -> Checked:
    """A study of the codes' documentation, its `# --set` line applied."""
    settings: dict[str, str] = {}
    first = text.split("\n", 1)[0]
    if first.startswith("# --set "):
        name, value = first.removeprefix("# --set ").split("=", 1)
        settings[name] = value
    return check(folder / "study.scl", text=text, settings=settings, name="study.scl")


@pytest.mark.parametrize("code", CODES, ids=lambda c: c.code)
def test_the_wrong_study_provokes_the_code_and_nothing_worse(code: Code, folder: Path) -> None:
    found = {d.code: d for d in checked(code.wrong, folder).diagnostics}
    assert code.code in found, sorted(found)
    assert [c for c, d in found.items() if d.severity == "error" and c != code.code] == []


@pytest.mark.parametrize("code", CODES, ids=lambda c: c.code)
def test_the_right_study_is_clean(code: Code, folder: Path) -> None:
    result = checked(code.right, folder)
    assert result.plan is not None, [d.message for d in result.diagnostics]
    assert code.code not in [d.code for d in result.diagnostics]


def test_codes_are_in_order_and_once() -> None:
    codes = [c.code for c in CODES]
    assert codes == sorted(set(codes))


def test_every_code_in_the_sources_is_documented() -> None:
    import re
    from importlib.resources import files

    from scalingdsl.spec.diagnostics.catalogue.semantic_codes import __name__ as name

    documented = {c.code for c in CODES}
    package = Path(str(files(name.rpartition(".")[0])))
    used = {
        code
        for path in package.rglob("*.py")
        if path.name != "codes_meaning.py"
        for code in re.findall(r'"(SCL[1-5]\d\d)"', path.read_text())
    }
    assert used == documented
