"""A table that is asked for as in SQL, R or pandas, as a source; its columns as other tools name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..diagnostics.concepts import missing
from ..diagnostics.suggest import forms
from ..resolve.columns import AXES, USUAL, headed, quantity_meant, written_elsewhere
from ..resolve.components import KEPT
from ..resolve.scope import parameter_names
from ..resolve.table_quantities import elsewhere
from ..syntax.scanner import RESERVED
from ..vocabulary.base import REGISTRY
from ..vocabulary.quantities import QUANTITIES
from .constructs import Construct, Statement, closing, parts

#: The name of a file of rows, in quotes or without.
FILE = r"[\"'`]?([\w./-]+\.(?:csv|tsv|jsonl?|parquet|ndjson))[\"'`]?"


def tables(text: str) -> Iterator[str]:
    """What a statement about a file of rows may come to, the fuller first."""
    file = re.search(FILE, text)
    if file is None:
        return
    source = f'data table("{file[1]}"'
    columns = re.findall(r"\b(N|D|C|loss)\s*[=:~]\s*[\"']?(\w+)[\"']?", text)
    if columns:
        yield f"{source}, {', '.join(f'{name}={chr(34)}{column}{chr(34)}' for name, column in columns)})"
    aliases = re.findall(r"(\w+)\s*\)?\s+as\s+(N|D|C|loss)\b", text, re.IGNORECASE)
    if aliases:
        kept = re.search(r"\bwhere\s+(.+?)\s*(?:\b(?:group|order|limit|having)\b|;|$)", text, re.IGNORECASE | re.DOTALL)
        where = f"  where {_of_query(kept[1])}" if kept else ""
        yield f"{source}, {', '.join(f'{name}={chr(34)}{column}{chr(34)}' for column, name in aliases)}){where}"
    yield f"{source})"


def _of_query(condition: str) -> str:
    """A condition of SQL as it is written here."""
    said = re.sub(r"(\w+)\s+between\s+(\S+)\s+and\s+(\S+)", r"\1 >= \2 and \1 <= \3", condition, flags=re.IGNORECASE)
    said = re.sub(r"\bin\s*\(([^()]*)\)", r"in {\1}", said, flags=re.IGNORECASE).replace("<>", "!=").replace("'", '"')
    said = re.sub(r"(?<![<>=!])=(?!=)", "==", said)
    return re.sub(r"\b(AND|OR|NOT)\b", lambda m: m[1].lower(), " ".join(said.split()))


#: Quantities of a table that other tools have other names for, in the order in which columns are listed.
_LISTED = ("N", "D", "loss")
_ALSO = {"l": "loss", "target": "loss", "metric": "loss", "nparams": "N", "size": "N", "budget": "C"}
#: Amounts that runs have, and what laws of a table read.
_AMOUNTS = {"tokens": "D", "compute": "C", "flops": "C"}
#: What asks for a law at each value of a column, and what keeps some rows.
_GROUPS = (
    "panel",
    "group_by",
    "groupby",
    "hue",
    "color",
    "colour",
    "facet",
    "label",
    "series",
    "split_by",
    "by_column",
)
_KEEPS = ("where", "filter", "query", "condition", "subset", "rows", "select")
_ARGUMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*(?:=|:|in\b)\s*(?P<value>.*)$", re.DOTALL)
_BARE = re.compile(r"(?P<column>[A-Za-z_][\w./]*)(?P<factor>\s*[*/]\s*[\w.]+)?$")


def table_calls(statement: Statement) -> Iterator[Construct]:
    """`table("runs.csv", "params", L=final_loss, sep=";")  tune "lr"`: columns by their quantities."""
    text = statement.text
    call = re.search(r"\b(\w+)\s*\(", text)
    word = REGISTRY.get(call[1]) if call else None
    if call is None or word is None or getattr(word, "shape", "") != "table" or statement.keyword != "data":
        return
    end = closing(text, call.end() - 1)
    if end is None:
        return
    reader = _Columns(own={*word.order, "beside", "by", KEPT}, lacks=word.lacks)
    pieces = parts(text[call.end() : end - 1])
    reader.names = {found["name"] for piece in pieces if (found := _ARGUMENT.match(piece))}
    for piece in pieces[1:]:
        reader.take(piece)
    behind = reader.behind(text[end:])
    if not reader.changed or behind is None:
        return
    condition = reader.condition(behind)
    first = re.sub(r"^\w+\s*=\s*", "", pieces[0])
    inside = ", ".join([_quoted(first), *(f"{name}={value}" for name, value in reader.given.items())])
    written = "  ".join(filter(None, [f"{call[1]}({inside})", behind, condition]))
    said = "a table's columns are named in its parentheses, in quotes, each behind the quantity that it is"
    helps = (f"write `data {' '.join(written.split())}`", *reader.left)
    yield Construct(call.start(), len(text.rstrip()), said, written, helps, code="SCL104")


class _Columns:
    """What a table's arguments say, with other names for it."""

    def __init__(self, own: set[str], lacks: Mapping[str, str]) -> None:
        self.own, self.lacks = own, lacks
        self.names: set[str] = set()
        self.bare = 0
        self.given: dict[str, str] = {}
        self.kept: list[str] = []
        self.left: list[str] = []
        self.changed = False

    def take(self, piece: str) -> None:
        """One argument."""
        found = _ARGUMENT.match(piece)
        if found is None:
            self._listed(piece)
            return
        name, value = found["name"], found["value"].strip()
        if name not in self.own and written_elsewhere(value) != value:
            bare = re.sub("[\"']", "", elsewhere(value))
            value, self.changed = f'"{bare}"', True
        low = name.lower()
        column = value.strip("\"'")
        turned = column in USUAL and column not in self.names and name not in AXES
        if turned and (name not in QUANTITIES or name in _AMOUNTS):
            name, value, low, self.changed = column, f'"{name}"', column.lower(), True
        if name != "loss" and value.startswith("{") and ":" in value and all(":" in one for one in parts(value[1:-1])):
            for one in parts(value[1:-1]):
                key, _, column = (side.strip() for side in one.partition(":"))
                other = key.strip("\"'")
                turned = column.strip("\"'") in QUANTITIES and (
                    other not in QUANTITIES or other in _AMOUNTS or other == column.strip("\"'")
                )
                self.take(
                    f"{column} = {key}".lstrip("\"'").replace('" =', " =", 1).replace("' =", " =", 1)
                    if turned
                    else f"{other}: {column}"
                )
            self.changed = True
            return
        if low in _KEEPS and re.search(r"[<>=!]=?|\bin\b", value):
            self.kept.append(re.sub(r"^([\"'])(.*)\1$", r"\2", value, flags=re.DOTALL))
            self.changed = True
            return
        if name == KEPT and value[:1] in "{[(":
            swept = ", ".join(re.findall(r"\w+", value))
            self.given[name], self.changed = f'"{swept}"', True
            return
        if low in _GROUPS and low not in self.own:
            column = value.strip("\"'{}[] ")
            name, value = re.sub(r"\W+", "_", column), f'"{column}"'
            self.changed = True
        elif name not in self.own and (name not in QUANTITIES or name in _AMOUNTS):
            plain = low.replace("_", "")
            meant = _AMOUNTS.get(name) or _ALSO.get(plain) or quantity_meant(name, column)
            if meant and meant not in (*self.given, *self.names):
                self.changed |= name not in AXES  # a law may be in one's own `x`
                name = meant
            elif (
                not re.match(r"[\"'\w]+\s*(?:[*/]|$)|pca", value)
                or (missing(name) and not re.search(r"\w\s*[-+*/]\s*\w", column))
                or any(form in self.lacks for form in forms(name))
            ):
                why = missing(name) or next((self.lacks[form] for form in forms(name) if form in self.lacks), None)
                self.left.append(f"`{name}={value}` is left out" + (f": {why}" if why else ""))
                self.changed = True
                return
        if name not in QUANTITIES and re.fullmatch(r"(?i)true|false|none|\d+", value):
            why = missing(name)
            self.left.append(f"`{name}={value}` is left out" + (f": {why}" if why else ""))
            self.changed = True
            return
        quoted = value if name in self.own or re.match(r"pca\b|\{", value) else _quoted(value)
        self.bare += quoted != value
        self.changed |= self.bare > 1
        self.given[name] = quoted

    def _listed(self, piece: str) -> None:
        """A column without its quantity."""
        column = piece.strip("\"' ")
        free = [q for q in _LISTED if q not in self.given]
        meant = next((q for q in free if headed(q, [column])), free[0] if free else "")
        if meant:
            self.given[meant] = f'"{column}"'
        self.changed = True

    def behind(self, rest: str) -> str | None:
        """What stands behind the call: quantities go inside, names of columns lose their quotes."""
        where = re.search(r"\bwhere\b", rest)
        axes, kept = (rest[: where.start()], rest[where.start() :].strip()) if where else (rest, "")
        bare = re.sub(
            r"(\b(?:tune|panel)\s+)((?:[\"']\w+[\"']\s*,?\s*)+)", lambda m: m[1] + re.sub("[\"']", "", m[2]), axes
        )
        for found in list(re.finditer(r"\b(\w+)\s*=\s*(\"[^\"]*\"(?:\s*[*/]\s*[\w.]+)?)", bare)):
            self.given.setdefault(found[1], found[2])
            bare = bare.replace(found[0], "", 1)
        bare = re.sub(r"\bin\s*\[([^\[\]]*,[^\[\]]*)\]", r"in {\1}", bare)
        for found in list(re.finditer(r"\s*\bpanel\s+([A-Za-z_]\w*)(?=\s*$|\s+(?!in\b|along\b))", bare)):
            if found[1] not in (*parameter_names(), "seed"):  # whose columns hold numbers, of which values are listed
                self.given.setdefault(found[1], f'"{found[1]}"')
                bare = bare.replace(found[0], "", 1)
        if grouped := re.search(r"\b(?:group(?:ed)?\s*by|per|for each|by)\s+(\w+)", bare):
            self.given.setdefault(grouped[1], f'"{grouped[1]}"')
            bare = bare.replace(grouped[0], "", 1)
        plain = kept.replace(" && ", " and ").replace(" & ", " and ").replace(" || ", " or ")
        self.changed |= bare != axes or plain != kept
        kept = plain
        return "  ".join(filter(None, [bare.strip(), kept])) if "(" not in bare else None

    def condition(self, behind: str) -> str:
        """The condition that arguments gave, in quantities where those are named."""
        if not self.kept:
            return ""
        said = " and ".join(f"({k})" if len(self.kept) > 1 else k for k in self.kept)
        for mark, sign in _SIGNS:
            said = re.sub(mark, sign, said)
        said = re.sub(r"\bin\s*[\[(]([^\[\]()]*)[\])]", r"in {\1}", said)
        named = {value.strip('"'): name for name, value in self.given.items()}
        pieces = re.split(r"(\"[^\"]*\")", said)
        for i in range(0, len(pieces), 2):
            pieces[i] = re.sub(r"\b[A-Za-z_]\w*", lambda m: self.read(m[0], named), pieces[i])
        said = "".join(pieces)
        return f"and ({said})" if re.search(r"\bwhere\b", behind) else f"where {said}"

    def read(self, word: str, named: Mapping[str, str]) -> str:
        """The name of a column in a condition, which is named in the table where it is no quantity."""
        if word in named or word in RESERVED or word in QUANTITIES or word in self.given:
            return named.get(word, word)
        self.given[word] = f'"{word}"'
        return word


def _quoted(value: str) -> str:
    """A column in quotes, with what it is multiplied by."""
    if value[:1] == "'":
        return f'"{value.strip(chr(39))}"'
    found = _BARE.match(value)
    return f'"{found["column"]}"{found["factor"] or ""}' if found else value


def unclosed_texts(statement: Statement) -> Iterator[Construct]:
    """`table("runs.csv", N="params*1e6, D="tokens")`: a text that lacks the quotes at its end, or before it."""
    text = statement.text.rstrip()
    if statement.keyword not in ("data", "let", "use") or text.count('"') % 2 == 0 or "\n" in text:
        return
    ends = [i for i, c in enumerate(text) if c in ",;"] + [len(re.sub(r"[\s)\]}]*$", "", text))]
    start = 0
    places: list[int] = []
    for end in sorted(ends):
        piece = text[start:end]
        if piece.count('"') % 2:
            opened = re.search(r"[=(\s]\"[^\"]*$", piece)
            bare = re.search(r"=\s*(?=[^\s\"]+\"$)", piece)
            places.append(end if opened else start + bare.end() if bare else -1)
        start = end
    if len(places) != 1 or places[0] < 0:
        return
    at = places[0]
    begin = max(text.rfind(",", 0, at), text.rfind("(", 0, at), len(statement.keyword)) + 1
    begin += len(text[begin:]) - len(text[begin:].lstrip())
    stop = next((i for i in sorted(ends) if i >= at), at)
    written = f'{text[begin:at]}"{text[at:stop]}'
    yield Construct(
        begin, stop, 'a text is not closed: `"` is missing', written, (f"write `{written}`",), code="SCL006"
    )


#: How rows of a table are kept elsewhere: behind it in a pipe, as a method, or in square brackets.
_PIPE = re.compile(r"\s*(?:\|>|%>%|\.(?=\w+\())\s*(?:dplyr::)?(?P<verb>[A-Za-z_]\w*)\s*(?=\()")
#: A column as a part of its frame, of which its name is left.
_PART = re.compile(
    r"\b(?:df|data|table|runs|d|x)[.$](?=[A-Za-z_])|\b(?:df|data|table|runs|d|x)\[\s*[\"'](\w+)[\"']\s*\]|"
    r"\b(?:pl\.|F\.)?col\(\s*[\"'](\w+)[\"']\s*\)"
)


#: Signs of conditions elsewhere, and what stands for them.
_SIGNS = (
    (r"\s*&&?\s*", " and "),
    (r"\s*\|\|?\s*", " or "),
    (r"%in%\s*c\(([^()]*)\)", r"in {\1}"),
    ("'", '"'),
)


def kept_rows(statement: Statement) -> Iterator[Construct]:
    """`table(...) |> filter(N > 1e7)`, `table(...).query("N > 1e7")`, `table(...)[optimizer == "adam", ]`."""
    text = statement.text
    call = re.search(r"\btable\s*(?=\()", text) if statement.keyword == "data" else None
    end = closing(text, call.end()) if call else None
    if end is None:
        return
    start, kept, left = end, [], []
    while True:
        verb = _PIPE.match(text, end)
        stop = closing(text, verb.end() if verb else end) if verb or text[end : end + 1] == "[" else None
        if stop is None:
            break
        if verb and verb["verb"] not in _KEEPS:
            left.append(text[verb.start("verb") : stop])
            end = stop
            continue
        inside = text[(verb.end() if verb else end) + 1 : stop - 1].strip()
        kept += [re.sub(r"^([\"'])((?:(?!\1).)*)\1$", r"\2", one) for one in parts(inside)]
        end = stop
    if end == start or text[end:].strip():
        return
    said = " and ".join(f"({one})" if len(kept) > 1 and re.search(r"\bor\b|\|", one) else one for one in kept)
    said = _PART.sub(lambda m: m[1] or m[2] or "", said)
    for mark, word in _SIGNS:
        said = re.sub(mark, word, said)
    helps = tuple(f"write `where {said}` behind the table" for _ in kept[:1])
    helps += tuple(
        f'leave `{one}` out: the table names its columns, or expressions over them, such as `loss="log(ppl)"`'
        for one in left
    )
    message = "rows of a table are kept by `where`" if kept else "nothing is piped into a table"
    yield Construct(start, end, message, f"  where {said}" if kept else "", helps, code="SCL024")


_PANDAS = re.compile(
    r"(?:[A-Za-z_]\w*\s*(?:=|<-)\s*)?(?:[A-Za-z_]\w*(?:\.|::))?(?:read[._](?:csv|table|tsv|parquet|json|excel|delim)2?|fread|load(?:txt)?|"
    r"genfromtxt|read_feather|scan_csv|csv_read|DataFrame\.from_csv)\s*(?=\()"
)


def read_tables(statement: Statement) -> Iterator[Construct]:
    """`data pd.read_csv("runs.csv").rename(columns={...})`, `data read.csv("runs.csv")`: a table, its columns named."""
    text = statement.text
    first = re.match(r"data\b[\s:=]*\(?\s*", text)
    call = _PANDAS.match(text, first.end()) if first else None
    end = closing(text, call.end()) if call else None
    file = re.search(r"[\"']([^\"']+)[\"']", text[call.end() : end]) if call and end else None
    if first is None or call is None or end is None or file is None:
        return
    columns = dict(re.findall(r"[\"'](\w+)[\"']\s*:\s*[\"'](N|D|C|loss)[\"']", text[call.end() :]))
    columns |= {old: new for new, old in re.findall(r"\b(N|D|C|loss)\s*=\s*[\"']?(\w+)[\"']?", text[call.end() :])}
    named = "".join(f', {new}="{old}"' for old, new in columns.items())
    rest = re.compile(r"(?:\s*\.\s*\w+\s*\((?:[^()]|\([^()]*\))*\)|\s*\[[^\]]*\]|\s*(?:%>%|\|>)[^\n]*)*").match(
        text, end
    )
    kept = re.search(r"\.(?:query|filter|loc)\s*[(\[]+\s*[\"']?([^\"'()\[\]]*[<>=!][^\"'()\[\]]*)", text[end:])
    where = f" where {kept[1].strip().replace('&', 'and').replace('|', 'or')}" if kept else ""
    written = f'table("{file[1]}"{named}){where and "  " + where.strip()}'
    helps: tuple[str, ...] = (f"write `data {written}`",)
    if not named:
        helps += ('columns that are called otherwise are named, such as `N="params"`',)
    said = "a table is read by `table`, and its columns are named there"
    if re.search(r"groupby|group_by", text[end:]):
        helps += ('and `best_over="lr"` in it, with the columns that were swept, keeps the least loss of equal sizes',)
    start, stop = first.end(), rest.end() if rest else end
    if "(" in first[0]:
        start, stop = text.index("(", 0, first.end()), stop + len(re.match(r"\s*\)?", text[stop:])[0])  # type: ignore[index]
    yield Construct(start, stop, said, written, helps)


_CELL = r"[-+]?[\d.]+(?:e[-+]?\d+)?[kMB]?"
_ROWS = re.compile(
    r"data\b\s*(?:table|csv|rows)?\s*[({\[=:]*\s*(?P<head>[A-Za-z_]\w*(?:[ \t]*[,;|\t ][ \t]*[A-Za-z_]\w*)+)[ \t]*"
    rf"[,;]?\s*\n(?P<rows>(?:[ \t]*{_CELL}(?:[ \t]*[,;|\t ][ \t]*{_CELL})+[ \t]*[,;]?\s*){{2,}})[)}}\]]*$",
    re.IGNORECASE,
)


def written_rows(statement: Statement) -> Iterator[Construct]:
    """`data table(` and lines of numbers below names: rows are read from a file."""
    found = _ROWS.match(statement.text.rstrip())
    if found is None:
        return
    named = {q: column for column in re.split(r"[,;|\s]+", found["head"]) if (q := headed_as(column))}
    given = "".join(f', {quantity}="{column}"' for quantity, column in named.items())
    said = "the rows of a table stand in a file, and none are written in a study"
    lines = len([line for line in found["rows"].splitlines() if line.strip()])
    helps = (
        f'put the line of names and the {lines} lines of numbers below it into a file, "runs.csv"',
        f'and write `data table("runs.csv"{given})`',
    )
    yield Construct(0, len(statement.text.rstrip()), said, None, helps, code="SCL203")


def headed_as(column: str) -> str:
    """The quantity of a run that a column is of by its name; empty for any other."""
    return next((q for q in _LISTED if headed(q, [column])), "")


_USING = re.compile(
    r"\s+(?:using|u|usecols|columns?)\s+\$?\d+\s*:\s*\$?\d+(?:\s*:\s*\$?\d+)*(?:\s+(?:with|w|title|t)\s+\S+)*"
)


def numbered_columns(statement: Statement) -> Iterator[Construct]:
    """`data "runs.csv" using 2:4`: columns of a table have names."""
    found = _USING.search(statement.text)
    if found and statement.keyword in ("data", "fit", "report"):
        said = "columns have no numbers here: a table's quantities are named by the names of its columns"
        helps = ('leave it out, and name them: `table("FILE", N="...", D="...", loss="...")`',)
        yield Construct(found.start(), found.end(), said, "", helps)


_IS_NA = r"(?:[A-Za-z_]+\.)?(?:is\.nan?|isnan?|is_nan?|isnull|is_null)"
#: Conditions that keep rows with a number, as R, pandas and SQL have them.
_NOT_MISSING = re.compile(
    rf"(?:(?:!|~|\bnot\s+){_IS_NA}\(\s*\w+\s*\)|\b\w+\.(?:notna|notnull|is_not_null)\(\)|\b(?:complete\.cases|"
    r"(?:[A-Za-z_]+\.)?(?:notna|notnull|not_null|isfinite|is\.finite))\(\s*\w+\s*\)|"
    r"\b\w+\s+is\s+not\s+(?:None|NULL|null|NA|nan)\b|\b\w+\s*!=\s*(?:None|NULL|null|NA|NaN|nan)\b)"
)


def rows_without(statement: Statement) -> Iterator[Construct]:
    """`where !is.na(loss)`, `where loss.notna() and N > 1M`: rows that lack a number are in no fit anyway."""
    text = statement.text
    if "data table" not in " ".join(statement.study.split()) or statement.keyword not in ("data", "fit"):
        return
    for found in _NOT_MISSING.finditer(text):
        before = re.compile(r"(?:\s+where|\s*(?:&&?|,|\band\b))\s*$").search(text[: found.start()])
        after = re.compile(r"\s*(?:&&?|\band\b)\s*").match(text, found.end())
        if before is None:
            continue
        start, end = before.start(), found.end()
        if after and before[0].strip() == "where":
            start, end = found.start(), after.end()
        said = "a row that lacks a number which a law reads is in no fit of it, and needs no condition"
        shown = text[start:end].strip()
        start += len(text[start:end]) - len(text[start:end].lstrip())
        yield Construct(start, end, said, "", (f"leave `{shown}` out",), code="SCL024")


#: A column taken from its frame: `df["loss"]`, `df.loss`, `runs$loss`, `col("loss")`.
_FRAMED = re.compile(
    r"[A-Za-z_]\w*(?:\.loc)?\[[^\]]*[\"']|\b(?:df|frame|row)\.[A-Za-z_]|\w\$[A-Za-z_]|\bcol(?:umn)?\([\"']"
)


def framed_conditions(statement: Statement) -> Iterator[Construct]:
    """`where df["eval_loss"] > 0`: conditions ask for columns by their names."""
    for word in re.finditer(r"\bwhere\s+", statement.text):
        condition = parts(statement.text[word.end() :], ",;\n")[:1]
        if not condition or not _FRAMED.search(condition[0]):
            continue
        said = written_elsewhere(re.sub(r"~\s*(?=\()", "not ", condition[0]))
        for mark, sign in _SIGNS:
            said = re.sub(mark, sign, said)
        end = word.end() + len(condition[0])
        helps = (f"write `where {said}`",)
        yield Construct(word.end(), end, "a column has its name alone, without what it is in", said, helps)


FINDERS = (
    written_rows,
    unclosed_texts,
    rows_without,
    table_calls,
    kept_rows,
    read_tables,
    numbered_columns,
    framed_conditions,
)
