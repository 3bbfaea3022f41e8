"""Rows of a file as spreadsheets and programs write it: CSV, JSON lines, a JSON array, Parquet."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import json
import math
import re
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from logicdistill.errors import StorageError, TaskError, needs_extra, one_line
from logicdistill.tasks.schema import no_json
from logicdistill.types import Json

Progress = Callable[[str, int, int], None]
"""Told what is under way, how much of it is done, and how much there is."""

SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 200_000
"""So many characters or bytes at most tell the separator or the encoding."""

CODE_PAGES = [
    *(f"cp125{number}" for number in range(9)),
    *("cp874", "cp932", "cp936", "cp949", "cp950", "gb18030", "euc_jp", "koi8_r"),
]
"""What spreadsheets write that write no Unicode; which one it was is a guess."""

DAMAGED = 0.1
"""UTF-8 with a smaller share of unreadable characters is damaged UTF-8, no other encoding."""

EVERY = 2_000
"""Rows between two calls of the progress."""

_BAD = re.compile("[\ud800-\udfff]")
"""What stands in a decoded text for bytes that were no character."""

_NAMES = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
_WHOLE = "give a CSV, JSON lines, a JSON array of objects, or Parquet"


@dataclass(slots=True)
class Rows:
    """The rows of a file.

    Attributes:
        form: the format as a person reads it, such as ``CSV, UTF-8, separated by ';'``.
        unit: what ``number`` counts: ``line``, or ``row`` where the file has no lines.
        rows: each with its number, from 1.
        dropped: numbers of the others, and why.
        cells: whether all values are text that may stand for numbers (CSV).
    """

    form: str
    unit: str = "line"
    rows: list[tuple[int, dict[str, Json]]] = field(default_factory=list)
    dropped: list[tuple[int, str]] = field(default_factory=list)
    cells: bool = False

    def add(self, number: int, row: Json) -> None:
        """Keep a row that is an object of plain JSON, or note why not."""
        if not isinstance(row, dict):
            self.dropped.append((number, "no JSON object"))
        elif (why := no_json(row)) is not None:
            self.dropped.append((number, why))
        else:
            self.rows.append((number, row))


def read_rows(file: Path, encoding: str | None, progress: Progress) -> Rows:
    """The rows of a file; its content and name tell the format.

    Args:
        file: at most a few hundred megabytes, for it is read whole.
        encoding: of a text file; None finds out.
        progress: called now and then.

    Raises:
        StorageError: it cannot be read.
        TaskError: it is of no format that is known, or no row of it can be read.
        MissingExtraError: Parquet, and pyarrow is not installed.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror or error}") from None
    if why := _other_format(content):
        raise TaskError(f"{file}: {why}")
    if content[:4] == b"PAR1":
        found = _parquet(file, content, progress)
    else:
        text, said = _decoded(file, content, encoding)
        first, kind = text.lstrip()[:1], file.suffix.lower()
        if not first:
            raise TaskError(f"{file} is empty; {_WHOLE}")
        if first in "[{" and kind not in (".csv", ".tsv"):
            found = _json(file, text, progress)
        else:
            found = read_csv(file, text, said, progress)
    if not found.rows:
        number, why = found.dropped[0] if found.dropped else (1, "there is only the header")
        raise TaskError(f"{file}: no row can be read; {found.unit} {number}: {why}")
    return found


def _other_format(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "an Excel workbook or a ZIP archive; save the sheet as 'CSV UTF-8' and give that"
    if content[:4] == b"\xd0\xcf\x11\xe0":
        return "an old Excel workbook; save the sheet as 'CSV UTF-8' and give that"
    return "compressed; unpack it first" if re.match(rb"\x1f\x8b|BZh[1-9]", content) else ""


def _decoded(file: Path, content: bytes, encoding: str | None) -> tuple[str, str]:
    """The text, and the encoding as a person reads it."""
    if encoding:
        try:
            return content.decode(encoding).removeprefix("\ufeff"), encoding
        except LookupError:
            message = f"unknown encoding {encoding!r}; such as: utf-8, utf-16, cp1252"
            raise TaskError(message) from None
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise TaskError(
                f"{file}: line {line} is no {encoding}; leave --encoding out, or name another"
            ) from None
    sample = content[:SAMPLE]
    for start, mark, name in ((1, b"\xff\xfe", "utf-16-le"), (0, b"\xfe\xff", "utf-16-be")):
        zeros, pairs = sample[start::2].count(0), len(sample) // 2
        if content.startswith(mark) or zeros > 0.6 * pairs > 0:
            text = content[: len(content) & ~1].decode(name, "surrogatepass")
            text = text.removeprefix("\ufeff") + "\udcff" * (len(content) % 2)
            return text, f"UTF-16{', damaged' if _BAD.search(text) else ''}"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    text = content.decode("utf-8-sig", errors="surrogateescape")
    bad = len(_BAD.findall(text))
    if bad < DAMAGED * sum(not letter.isascii() for letter in text):
        return text, "UTF-8, damaged"
    name = _code_page(content)
    try:
        return content.decode(name), f"{name} (a guess; --encoding names another)"
    except UnicodeDecodeError:
        advice = "name it with --encoding, such as cp1252, or save the file as UTF-8"
        raise TaskError(f"{file}: the encoding cannot be told; {advice}") from None


def _code_page(content: bytes) -> str:
    """The likeliest code page; Western European where nothing speaks against it."""
    from charset_normalizer import from_bytes

    lines = [line for line in content.splitlines() if not line.isascii()]
    found = from_bytes(b"\n".join(lines)[:SAMPLE], cp_isolation=CODE_PAGES).best()
    if found is None or "cp1252" in found.could_be_from_charset or not found.coherence:
        return "cp1252"
    return found.encoding


def read_csv(file: Path, text: str, encoding: str, progress: Progress) -> Rows:
    """The rows of a CSV; the separator is found out.

    Args:
        file: for messages.
        text: of the file.
        encoding: as a person reads it.
        progress: called now and then.

    Raises:
        TaskError: a quote is never closed.
    """
    separator, text = separator_of(file, text)
    found = Rows(f"CSV, {encoding}, separated by {_NAMES.get(separator, separator)}", cells=True)
    skipped = 0
    if text.startswith("sep="):  # Excel's own first line
        skipped, text = 1, text.partition("\n")[2]
    lines = text.count("\n") + 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: list[str] | None = None
    begun, shown = 0, 0
    while True:
        begun = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            if "quote" not in str(error) and "expected after" not in str(error):
                why = f"line {begun + skipped}: a quote opens here and is never closed ({error})"
                raise TaskError(f"{file}: {why}; close it, or double it inside a cell") from None
            found.dropped.append((begun + skipped, "a quote inside a quoted cell is not doubled"))
            continue
        if not any(cell.strip() for cell in cells):
            if any(cells) or len(cells) > 1:
                found.dropped.append((begun + skipped, "all cells are empty"))
        elif header is None:
            header = _header(cells)
        elif len(cells) != len(header):
            why = f"{len(cells)} cells, the header has {len(header)}"
            found.dropped.append((begun + skipped, why))
        elif _BAD.search("".join(cells)):
            why = f"a character is no {encoding.partition(',')[0]}"
            found.dropped.append((begun + skipped, why))
        else:
            found.rows.append((begun + skipped, dict(zip(header, cells, strict=True))))
        if reader.line_num - shown >= EVERY:
            shown = reader.line_num
            progress("read", shown, lines)
    progress("read", lines, lines)
    return found


def separator_of(file: Path, text: str) -> tuple[str, str]:
    """The separator by which most of the first rows have as many cells as the header."""
    if named := re.match(r"sep=(.)\r?\n", text):
        return named[1], text
    sample = text[:SAMPLE]
    if len(sample) < len(text):
        sample = sample.rpartition("\n")[0]
    best, most = ",", (0.0, 1)
    for separator in ("\t", *SEPARATORS) if file.suffix.lower() == ".tsv" else SEPARATORS:
        widths: list[int] = []
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        try:
            widths.extend(len(row) for row in reader if row)
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            score = widths.count(widths[0]) / len(widths), widths[0]
            best, most = (separator, score) if score > most else (best, most)
    return best, text


def _header(cells: list[str]) -> list[str]:
    """Names of the columns: each once, none empty, and no made name is one that is given."""
    given = [" ".join(cell.split()) for cell in cells]
    taken = set(given)
    counts, found = Counter(taken), dict[str, int]()
    for number, name in enumerate(given, start=1):
        base = made = name or f"column {number}"
        if not name or name in found:
            while made in taken:
                counts[base] += 1
                made = f"{base} {counts[base]}"
            taken.add(made)
        found[made] = number
    return list(found)


def _json(file: Path, text: str, progress: Progress) -> Rows:
    """JSON lines; or one array over any number of lines, perhaps the one value of an object."""
    if text.lstrip()[0] == "{":
        lines = text.split("\n")
        found = Rows("JSON lines")
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    found.add(number, _loads(line))
                except (ValueError, RecursionError) as error:
                    found.dropped.append((number, f"not JSON: {error}"))
            if number % EVERY == 0 or number == len(lines):
                progress("read", number, len(lines))
        if len(found.rows) > 1 or (found.rows and not found.dropped):
            value = found.rows[0][1]
            if len(found.rows) > 1 or not (len(value) == 1 and _lists(value)):
                return found
    try:
        value = _loads(text)
    except (ValueError, RecursionError) as error:
        raise TaskError(f"{file}: not JSON: {error}; {_WHOLE}") from None
    form = "JSON array"
    if isinstance(value, dict):
        lists = _lists(value)
        if len(lists) != 1:
            keys = ", ".join(map(repr, list(value)[:10]))
            raise TaskError(f"{file}: one JSON object with {keys}; {_WHOLE}")
        form, value = f"JSON array {lists[0]!r}", value[lists[0]]
    found = Rows(form, "row")
    for number, row in enumerate(value, start=1):
        found.add(number, row)
    return found


def _lists(value: dict[str, Json]) -> list[str]:
    return [
        key
        for key, inner in value.items()
        if isinstance(inner, list) and inner and isinstance(inner[0], dict)
    ]


def _loads(text: str) -> Any:
    """A JSON value; NaN, which dataframes write for a missing value, is null."""
    return json.loads(text, parse_constant=lambda name: None if name == "NaN" else float(name))


def _parquet(file: Path, content: bytes, progress: Progress) -> Rows:
    with needs_extra("reading Parquet", "parquet"):
        import pyarrow
        from pyarrow import parquet
    found = Rows("Parquet", "row")
    try:
        table = parquet.ParquetFile(io.BytesIO(content))
        number, rows = 0, table.metadata.num_rows
        for batch in table.iter_batches(batch_size=EVERY):
            for row in arrow_rows(batch):
                number += 1
                found.add(number, plain(row))
            progress("read", number, rows)
    except TaskError as error:
        raise TaskError(f"{file}: {error}") from None
    except (pyarrow.ArrowException, OSError) as error:
        raise TaskError(f"{file}: not readable as Parquet: {one_line(error)}") from None
    return found


def arrow_rows(table: Any) -> list[dict[str, Any]]:
    """Rows of a ``pyarrow.Table`` or ``RecordBatch`` as Python's values; see `plain`.

    Raises:
        TaskError: two columns have one name, or a value is none of Python's, such as a date beyond
            its calendar or text that is no UTF-8.
    """
    import pyarrow

    names, columns = table.schema.names, list[list[Any]]()
    one_name_each(names)
    for name, column in zip(names, table.columns, strict=True):
        try:
            columns.append(column.to_pylist())
        except (ValueError, OverflowError, pyarrow.ArrowException) as error:
            advice = "write the column as text, or leave it out"
            raise TaskError(f"column {name!r}: {one_line(error)}; {advice}") from None
    every = dict(zip(names, columns, strict=True))
    return [{name: every[name][at] for name in names} for at in range(table.num_rows)]


def one_name_each(names: Sequence[str]) -> None:
    """Raise `TaskError` where two columns have one name."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TaskError(f"two columns have the name {twice[0]!r}; rename one")


def plain(value: Any) -> Any:
    """A value of a dataframe as JSON: dates, times and ids as text, exact decimals as numbers."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value) if decimal.Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return str(value) if isinstance(value, (datetime.timedelta, uuid.UUID)) else value
