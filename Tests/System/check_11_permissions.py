"""11. Who may do what: every method and every page, tried by users of each kind at what is whose."""

import gzip
import re
from itertools import zip_longest
from pathlib import Path

from harness import Report
from harness.overseer import LOOPBACK, TOKEN, Overseer, clear_up, prepare
from harness.people import NotLetIn, Person
from harness.probes import PROBES, Case, got, posted

MANUAL = Path("/usr/share/man/man7/promptd-protocol.7.gz")

# Each row a method or a page, each column somebody at what is whose. A word is the name of an error, or what
# is done or shown: "own" and "all" say whose; "counts" and "rows" are names and figures of everybody's,
# without a word of a prompt; "hit" is another's answer given to who asks the same, and "miss" is not.
# What is behind a stroke tells apart rows of one method: another variant, or another key, than what is stored.
MATRIX = """
who                        outsider  client     client     client     private    private    admin      root
whose                      other's   own        other's    private's  own        other's    other's    other's

ping                       EACCES    itself     itself     itself     itself     itself     itself     itself
chat                       EACCES    hit        hit        miss       hit        miss       hit        hit
chat.cancel                EACCES    cancelled  forbidden  forbidden  cancelled  forbidden  cancelled  cancelled
models                     EACCES    listed     listed     listed     listed     listed     listed     listed
status                     EACCES    counts     counts     counts     counts     counts     counts     counts
queue.list                 EACCES    rows       rows       rows       rows       rows       rows       rows
queue.move                 EACCES    to high    forbidden  forbidden  to high    forbidden  to urgent  to urgent
queue.cancel               EACCES    cancelled  forbidden  forbidden  cancelled  forbidden  cancelled  cancelled
queue.pause                EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  paused     paused
queue.resume               EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  resumed    resumed
cache.stats                EACCES    counts     counts     counts     counts     counts     counts     counts
cache.explain              EACCES    hit        hit        miss       hit        miss       hit        hit
cache.explain/variant      EACCES    nearest    nearest    none       nearest    none       nearest    nearest
cache.explain/key          EACCES    none       none       none       none       none       nearest    nearest
cache.list                 EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  entries    entries
cache.get                  EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  whole      whole
cache.export               EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  whole      whole
cache.purge                EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  purged     purged
cache.import               EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  imported   imported
cache.verify               EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  checked    checked
job.submit                 EACCES    same job   a new job  a new job  same job   a new job  a new job  a new job
job.get                    EACCES    result     no job     no job     result     no job     result     result
job.wait                   EACCES    pieces     no job     no job     pieces     no job     pieces     pieces
job.list                   EACCES    own        own        own        own        own        all        all
job.cancel                 EACCES    cancelled  no job     no job     cancelled  no job     cancelled  cancelled
usage                      EACCES    own        own        own        own        own        all        all
watch                      EACCES    own        own        own        own        own        all        all
metrics                    EACCES    counts     counts     counts     counts     counts     counts     counts
log.level                  EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  set        set
config.get                 EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  shown      shown
reload                     EACCES    forbidden  forbidden  forbidden  forbidden  forbidden  reloaded   reloaded
POST /v1/chat/completions  EACCES    hit        hit        miss       hit        miss       hit        hit
GET /v1/models             EACCES    listed     listed     listed     listed     listed     listed     listed
GET /healthz               EACCES    200        200        200        200        200        200        200
GET /metrics               EACCES    counts     counts     counts     counts     counts     counts     counts
"""

# The loopback listener, where the outsider is whoever the token names.
TOKENS = """
who                               no token      a wrong token  the token
whose                             other's       other's        other's

POST /v1/chat/completions         unauthorized  unauthorized   hit
GET /v1/models                    unauthorized  unauthorized   listed
GET /healthz                      unauthorized  unauthorized   200
GET /metrics                      unauthorized  unauthorized   counts
POST /openai/v1/chat/completions  unauthorized  unauthorized   hit
GET /openai/v1/models             unauthorized  unauthorized   listed
HEAD /healthz                     401           401            200
OPTIONS /v1/models                unauthorized  unauthorized   204
GET /nothing                      unauthorized  unauthorized   invalid_request
"""

# Where an administrator is shown what others asked and were answered.
READ = {"cache.get", "cache.export", "job.get", "job.wait"}

Row = tuple[str, ...]


def table(text: str) -> tuple[Row, Row, dict[str, Row]]:
    """The two headings of a table, and its rows by name."""
    rows = [tuple(re.split(r" {2,}", line.strip())) for line in text.splitlines() if line]
    return rows[0][1:], rows[1][1:], {row[0]: row[1:] for row in rows[2:]}


def manual() -> tuple[set[str], set[str]]:
    """The methods and the pages that the installed manual names."""
    text = gzip.open(MANUAL, "rt").read()
    methods = text.split(".Sh METHODS")[1].split(".El")[0]
    return (set(re.findall(r"^\.It Ic (\S+) Ta", methods, re.M)),
            {f"{method} {path}" for method, path in re.findall(r"^\.It ([A-Z]+) Ta Pa (\S+)", text, re.M)})


def check_rows(report: Report, rows: dict[str, Row], columns: int, root: Overseer) -> None:
    """The rows are what the program serves, no more and no less."""
    error = root.open.attempt("no.such.method")
    served = set(error.message.partition("there are ")[2].split(", "))
    methods, pages = manual()
    report.check("ping" in served and served == methods, "promptd and its manual name the same methods",
                 sorted(served ^ methods))
    there = {row.split("/")[0] for row in rows if " /" not in row} | {row for row in rows if " /" in row}
    report.check(there == served | pages, f"each of the {len(served)} methods and {len(pages)} pages has a row",
                 sorted(there ^ (served | pages)))
    gaps = [name for name, cells in rows.items() if len(cells) != columns or name not in PROBES]
    report.check(not gaps, "each row has all its cells, and a probe", gaps)


def tried(row: str, case: Case) -> str:
    """What came of a cell, in a word; of others' secrets there are none in it."""
    try:
        word = PROBES[row](case) if row in PROBES else "no probe"
    except NotLetIn as refusal:
        word = str(refusal)
    overheard = [] if row in READ and case.me.name in ("admin", "root") else case.me.overheard()
    return f"{word}, and heard {overheard}" if overheard else word


def show(report: Report, text: str, seen: dict[str, Row], what: str) -> None:
    """Prints a table as it was seen, and what differs from it."""
    who, whose, rows = table(text)
    shown = [("", *who), ("at whose", *whose), *((row, *cells) for row, cells in seen.items())]
    widths = [max(len(cells[column]) for cells in shown) for column in range(len(who) + 1)]
    for cells in shown:
        report.tell("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())
    wrong = [f"{row}, {who[column]} at {whose[column]}: {promised} is promised, {cell} is so"
             for row, cells in seen.items()
             for column, (promised, cell) in enumerate(zip_longest(rows[row], cells, fillvalue="nothing"))
             if promised != cell]
    report.check(not wrong, f"each of the {len(rows) * len(who)} cells {what} is as it is promised",
                 "\n".join(wrong))


def check(report: Report) -> None:
    people = {name: Person(name, "promptd-clients") for name in ("client", "other", "private")}
    people |= {name: Person(name) for name in ("outsider", "admin", "root")}
    prepare()
    root = Overseer()
    who, whose, rows = table(MATRIX)
    check_rows(report, rows, len(who), root)

    seen: dict[str, Row] = {}
    for row in rows:
        cells = []
        for name, at in zip(who, whose):
            owner = people[name if at == "own" else at.removesuffix("'s")]
            stranger = people["other"] if owner.name == name else owner
            cells.append(tried(row, Case(row, people[name], owner, stranger, root)))
            for person in people.values():
                person.leave()
        seen[row] = tuple(cells)
    show(report, MATRIX, seen, "of the socket")
    show(report, TOKENS, with_tokens(people["outsider"], people["other"]), "of the loopback listener")
    line_on_loopback(report, people["outsider"])
    root.leave()
    for person in people.values():
        person.leave()
    clear_up()


def with_tokens(visitor: Person, owner: Person) -> dict[str, Row]:
    """The table of the loopback listener, as it is seen."""
    headers: list[dict[str, str]] = [
        {}, {"Authorization": f"Bearer {TOKEN[:-1]}"}, {"Authorization": f"Bearer {TOKEN}"}]
    seen = {}
    for row in table(TOKENS)[2]:
        method, path = row.split()
        seen[row] = tuple(
            posted(visitor.visit(LOOPBACK), owner, path, **shown) if method == "POST"
            else got(visitor.visit(LOOPBACK), row, **shown) for shown in headers)
    return seen


def line_on_loopback(report: Report, visitor: Person) -> None:
    """Lines have methods of administrators, which no token may reach."""
    visit = visitor.visit(LOOPBACK)
    visit.send('{"jsonrpc":"2.0","id":1,"method":"ping"}')
    said = visit.socket.recv(1 << 16)
    report.check(said.startswith(b"HTTP/1.1 400") and b"result" not in said,
                 "the loopback listener takes no lines", said)
