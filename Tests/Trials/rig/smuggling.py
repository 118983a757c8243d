"""Requests over HTTP that two readers may read in two ways, and other things that are no HTTP."""

import json
from dataclasses import dataclass

from harness import line

from .raw import Raw, Response, post, responses
from .target import Target

CHAT = "POST /v1/chat/completions HTTP/1.1"


@dataclass
class Attempt:
    """What is said, in which `{hidden}` is a whole request that nobody is to answer."""

    name: str
    # The lines of the head, and what comes behind it.
    head: list[str]
    body: bytes
    # The statuses that the one response may have; empty where none but a closed connection will do.
    statuses: tuple[int, ...] = (400,)
    # Ends of lines in the head.
    end: bytes = b"\r\n"

    def data(self, authorization: str, hidden: bytes) -> bytes:
        head = [each.replace("{auth}", authorization).encode("latin-1") for each in self.head]
        length = str(len(self.body.replace(b"{hidden}", hidden))).encode()
        lines = [each.replace(b"{length}", length) for each in head]
        return self.end.join(lines) + 2 * self.end + self.body.replace(b"{hidden}", hidden)


# A body of five bytes, and what is hidden behind it.
REST = b"{}   {hidden}"
CHUNKED = "Transfer-Encoding: chunked"
END = b"0\r\n\r\n{hidden}"


def _with(*headers: str, body: bytes = b"{hidden}", statuses: tuple[int, ...] = (400,), end: bytes = b"\r\n",
          first: str = CHAT, name: str = "") -> Attempt:
    shown = name or "; ".join(headers)
    return Attempt(shown, [first, "Host: promptd", "{auth}", *headers], body, statuses, end)


NO_LENGTHS = ["-5", "+5", "0x5", "5 5", "5, 6", "5,5", "", "1e1", "5.0", "99999999999999999999",
              "18446744073709551617", "-0", "\xb2", "5;", "five", "5\x0b"]


def _lengths() -> list[Attempt]:
    """Two lengths, and such as are none."""
    return [
        _with("Content-Length: 5", CHUNKED, body=END),
        _with(CHUNKED, "Content-Length: 5", body=END),
        _with("Content-Length: {length}", CHUNKED, body=END),
        _with("Content-Length: 0", "Content-Length: {length}"),
        _with("Content-Length: {length}", "Content-Length: 0"),
        _with("Content-Length: 5", "content-length: 5", body=REST),
        # More than a body may have: refused by its length alone.
        _with("Content-Length: 9999999999", statuses=(413,)),
        *(_with(f"Content-Length: {text}", body=REST, name=f"Content-Length: {text!r}",
                statuses=(400, 413)) for text in NO_LENGTHS),
        _with("Content-Length : 5", body=REST),
        _with("Content-Length\t: 5", body=REST),
        _with(" Content-Length: 5", body=REST),
        _with("X: y\r\n Content-Length: 5", body=REST, name="a folded Content-Length"),
        _with("Content-Length:\r\n 5", body=REST, name="a length on a folded line"),
        _with("Content-Length\x00: 5", body=REST, name="NUL in a name"),
        _with("X: a\x00b", "Content-Length: 5", body=REST, name="NUL in a value"),
        _with("X: a\rContent-Length: 5", body=REST, name="CR alone in a value"),
        _with("Content-Length\xa0: 5", body=REST, name="no space before the colon"),
        _with("Content-Length: 5", ": x", body=REST, name="a header without a name"),
        _with("Content-Length: 5", "no colon", body=REST),
        _with("Content-Length: 5", body=REST, end=b"\n", name="LF alone in the head"),
        _with("Content-Length: 5\nX: y", body=REST, name="LF alone between two headers"),
    ]


NO_CODINGS = [
    "chunked, identity", "identity", "xchunked", "chunkedx", "\x0bchunked", "chunked\x00", "chunked;q=1",
    '"chunked"', "chunked, chunked", "gzip", "chunked, gzip", ",", "identity, chunked ,",
]


def _codings() -> list[Attempt]:
    """Transfer codings that are not plainly `chunked`."""
    return [
        *(_with(f"Transfer-Encoding: {coding}", body=END, statuses=(400, 501),
                name=f"Transfer-Encoding: {coding!r}") for coding in NO_CODINGS),
        _with("Transfer-Encoding : chunked", body=END),
        _with("Transfer-Encoding:\r\n chunked", body=END, name="a folded Transfer-Encoding"),
        _with(CHUNKED, "Transfer-Encoding: identity", body=END, statuses=(400, 501)),
        _with("Transfer-Encoding: identity", "Content-Length: 5", body=END, statuses=(400, 501)),
        _with("Transfer_Encoding: chunked", "Content-Length: {length}", body=END),
        _with(CHUNKED, body=END, first="POST /v1/chat/completions HTTP/1.0", statuses=(400, 501),
              name="chunks in HTTP/1.0"),
    ]


NO_SIZES = ["zz", "-1", "+5", "0x5", " 5", "5 ", "5 5", "1_0", "", "\xb2", "5\x00", "5,0",
            "10000000000000000", "FFFFFFFFFFFFFFFFF", "8000000000000000", "FFFFFFFFFFFFFFFF",
            "0" * 100_000 + "z"]


def _chunks() -> list[Attempt]:
    """Chunks whose size is none, or more than there can be."""
    return [
        *(_with(CHUNKED, body=size.encode("latin-1") + b"\r\n{}   \r\n" + END, statuses=(400, 413, 431),
                name=f"a chunk of {size[:20]!r}") for size in NO_SIZES),
        _with(CHUNKED, body=b"5\n{}   \n0\n\n{hidden}", name="chunks with LF alone"),
        _with(CHUNKED, body=b"5\r\n{}   XX" + END, name="a chunk that goes on"),
        _with(CHUNKED, body=b"2\r\n{}\n" + END, name="LF alone behind a chunk"),
        _with(CHUNKED, body=b"2;a\nb\r\n{}\r\n" + END, name="LF alone in a chunk's extension"),
        _with(CHUNKED, body=b"0\r\nX: y\n\n{hidden}", name="LF alone in trailers"),
        _with(CHUNKED, body=b"0\r\nX : y\r\n\r\n{hidden}", name="space before a colon in trailers"),
        _with(CHUNKED, body=b"0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n{hidden}", statuses=(400, 413, 431),
              name="20,000 trailers"),
    ]


def _heads() -> list[Attempt]:
    """Heads that are too long, or no heads."""
    get = "GET /healthz HTTP/1.1"
    bare = [
        Attempt("HTTP/0.9", ["GET /healthz"], b"{hidden}"),
        Attempt("HTTP/2", ["PRI * HTTP/2.0"], b"SM\r\n\r\n" + bytes(9) + b"{hidden}", (400, 505)),
        Attempt("HTTP/1.2", ["GET /healthz HTTP/1.2", "Host: a", "{auth}"], b"{hidden}", (400, 505)),
        Attempt("HTTP/9.9", ["GET /healthz HTTP/9.9", "Host: a", "{auth}"], b"{hidden}", (400, 505)),
        Attempt("a version in small letters", ["GET /healthz http/1.1", "Host: a"], b"{hidden}"),
        Attempt("a tab for a space", ["GET\t/healthz HTTP/1.1", "Host: a"], b"{hidden}"),
        Attempt("no Host", [get, "{auth}", "Content-Length: {length}"], b"{hidden}"),
        Attempt("two Hosts", [get, "Host: a", "Host: b", "{auth}", "Content-Length: {length}"], b"{hidden}"),
        Attempt("an unknown method", ["BREW /healthz HTTP/1.1", "Host: a", "{auth}"], b"{hidden}",
                (400, 405, 501)),
        Attempt("a method of 1 MiB", ["A" * (1 << 20)], b"{hidden}", (400, 431)),
        Attempt("NUL in the target", ["GET /health\x00z HTTP/1.1", "Host: a"], b"{hidden}"),
        Attempt("a target of 1 MiB", [f"GET /{'a' * (1 << 20)} HTTP/1.1", "Host: a"], b"{hidden}",
                (400, 414, 431)),
        Attempt("a header of 70 KiB", [get, "Host: a", f"X: {'a' * 70_000}"], b"{hidden}", (431,)),
        Attempt("a name of 70 KiB", [get, "Host: a", f"{'X' * 70_000}: a"], b"{hidden}", (431,)),
        Attempt("5,000 headers", [get, "Host: a", *["X: y"] * 5000], b"{hidden}", (400, 431)),
        Attempt("a million headers", [get, "Host: a", *["X: y"] * 1_000_000], b"{hidden}", (400, 431)),
        Attempt("space before the first header", [get, " Host: a", "Host: a"], b"{hidden}"),
        Attempt("a first line of spaces", ["GET" + " " * 5000], b"{hidden}"),
        Attempt("SSH", ["SSH-2.0-OpenSSH_9.2"], b"{hidden}"),
    ]
    return bare


def _odd_ones() -> list[Attempt]:
    """What is HTTP, and may be answered: once, and the hidden request is part of it or never read."""
    sized = ["Host: a", "{auth}", "Content-Length: {length}"]
    plain = ["Host: a", "{auth}"]
    get = "GET /healthz HTTP/1.1"
    elsewhere = "POST http://elsewhere/v1/nothing HTTP/1.1"
    coded = ["Transfer-Encoding: gzip, chunked", "Connection: close"]
    served = (200, 400, 401, 404, 405, 411, 501)
    return [
        Attempt("two spaces", ["GET  /healthz HTTP/1.1", *sized], b"{hidden}", served),
        Attempt("a GET with a body", [get, *sized], b"{hidden}", served),
        Attempt("CONNECT", ["CONNECT promptd:443 HTTP/1.1", *plain], b"{hidden}", (400, 404, 405)),
        Attempt("Upgrade", [get, *plain, "Connection: Upgrade", "Upgrade: h2c"], b"{hidden}", served),
        Attempt("Expect something else", [CHAT, *sized, "Expect: a miracle"], b"{hidden}", (417,)),
        Attempt("an absolute target", [elsewhere, *sized], b"{hidden}", (404,)),
        Attempt("an asterisk", ["OPTIONS * HTTP/1.1", *sized], b"{hidden}", (200, 204)),
        Attempt("a body that claims 32 MiB", [CHAT, *plain, "Content-Length: 33554432"], b"{hidden}", ()),
        Attempt("a chunk that claims 1 GiB", [CHAT, *plain, CHUNKED], b"40000000\r\n{hidden}", ()),
        Attempt("Connection: close", [get, *plain, "Connection: close"], b"{hidden}", (200,)),
        Attempt("codings that nobody takes off", [CHAT, *plain, *coded], b"2\r\n{}\r\n" + END, (400, 501)),
    ]


ATTEMPTS = [*_lengths(), *_codings(), *_chunks(), *_heads(), *_odd_ones()]


def over_the_unix_socket(target: Target) -> None:
    """Each of them on a fresh connection, and on one whose head is known by its bytes."""
    _try_all(target, target.socket, "", is_primed=False)
    _try_all(target, target.socket, "", is_primed=True)


def over_loopback(target: Target) -> None:
    """The same over TCP, by somebody with a token."""
    _try_all(target, target.loopback, target.authorization, is_primed=False)


def _try_all(target: Target, address: str | tuple[str, int], authorization: str, is_primed: bool) -> None:
    wrong = [text for attempt in ATTEMPTS
             if (text := _try(target, attempt, address, authorization, is_primed))]
    kind = "known" if is_primed else "fresh"
    where = "the Unix socket" if isinstance(address, str) else "TCP"
    target.check(not wrong, f"{len(ATTEMPTS)} attempts on {kind} connections over {where} are refused, "
                 "and what they hide is not answered", "\n".join(wrong))
    target.check_rest()


def _try(target: Target, attempt: Attempt, address: str | tuple[str, int], authorization: str,
         is_primed: bool) -> str | None:
    """Makes an attempt; says what went wrong, None if nothing did."""
    asked = json.loads(line())
    hidden = post(json.dumps(asked), authorization or "X-None: 1", "Connection: close")
    with Raw(address) as connection:
        primes = _prime(connection) if is_primed else 0
        connection.say(attempt.data(authorization or "X-None: 1", hidden))
        # Most are ended at once. Over TCP half a connection is none: whoever is answered is answered before.
        connection.hear(0.3)
        connection.say_no_more()
        data = connection.hear(15)
    if not connection.is_over:
        return f"{attempt.name}: the connection goes on after {data[-200:]!r}"
    if asked["messages"][0]["content"].encode() in data or target.holds_cached(asked):
        return f"{attempt.name}: what was hidden in it was answered: {data[-600:]!r}"
    return _judge(attempt, data, primes, isinstance(address, str))


def _prime(connection: Raw) -> int:
    """Has promptd know the head of a request by its bytes."""
    request = post('{"model":"sandbox/echo","messages":[{"role":"user","content":"primed"}]}')
    for count in range(1, 4):
        connection.say(request)
        while bytes(connection.read).count(b'"chat.completion"') < count:
            if not connection.hear_more(float("inf")):
                raise AssertionError("no answer to a plain request")
    return 3


def _judge(attempt: Attempt, data: bytes, primes: int, is_unix: bool) -> str | None:
    try:
        found: list[Response] = responses(data)[primes:]
    except ValueError as error:
        return f"{attempt.name}: {error}"
    statuses = [each.status for each in found]
    if not statuses and not attempt.statuses:
        return None
    # A connection that is closed without a word will do over TCP, where that may have overtaken it.
    if not statuses and not is_unix:
        return None
    is_fine = len(statuses) == 1 and (statuses[0] in attempt.statuses or not attempt.statuses)
    return None if is_fine else f"{attempt.name}: {statuses or 'closed without a word'}: {data[-300:]!r}"


CASES = [over_the_unix_socket, over_loopback]
