"""Lines that are no requests, or hardly."""

import json
from dataclasses import dataclass

from harness import line

from .raw import Raw
from .target import Target

MIB = 1 << 20
LIMIT = 32 * MIB


@dataclass
class BadLine:
    """What is said, with its line breaks, and how each of its lines ends: an error's name, or `answer`."""

    name: str
    data: bytes
    ends: list[str]


def _body(content: str, more: str = "") -> bytes:
    """A request whose content is this JSON."""
    return f'{{"model":"sandbox/echo","messages":[{{"role":"user","content":{content}}}]{more}}}\n'.encode()


def _sized(length: int) -> bytes:
    """A request that is so long, without its line break."""
    start, end = _body('"?"', ',"max_tokens":1')[:-1].split(b"?")
    return start + b"a" * (length - len(start) - len(end)) + end + b"\n"


def _deep(depth: int) -> bytes:
    """A request with a member so many levels deep, its own level included."""
    return _body('"deep"', f',"metadata":{"[" * (depth - 1)}{"]" * (depth - 1)}')


def _long_ones() -> list[BadLine]:
    return [
        BadLine("65 MiB", b"a" * (65 * MIB) + b"\n", ["too_large"]),
        BadLine("65 MiB of a request", _sized(65 * MIB), ["too_large"]),
        BadLine("one byte too long", _sized(LIMIT + 1), ["too_large"]),
        BadLine("as long as may be", _sized(LIMIT), ["answer"]),
        BadLine("1 MiB of blank lines", b"\n" * MIB, []),
        BadLine("1 MiB of blank lines, of white space", b" \t\r\n" * (MIB // 4), []),
        BadLine("a method of 1 MiB", _call("1", '"' + "m" * MIB + '"'), ["unknown_method"]),
        BadLine("an id of 1 MiB", _call('"' + "i" * MIB + '"', '"nothing"'), ["unknown_method"]),
        BadLine("a model of 1 MiB", _body('"x"').replace(b"sandbox/echo", b"m" * MIB), ["invalid_params"]),
        BadLine("100,000 names in an object", _body(
            '"x"', "," + ",".join(f'"name{number}":{number}' for number in range(100_000))), ["answer"]),
        BadLine("100,000 names of which two are one", _body(
            '"x"', "," + ",".join(f'"name{number}":1' for number in [*range(100_000), 7])), ["parse_error"]),
        BadLine("100,000 empty messages",
                b'{"model":"sandbox/echo","messages":[' + b"{}," * 100_000 + b"{}]}\n", ["invalid_params"]),
    ]


def _deep_ones() -> list[BadLine]:
    return [
        BadLine("100,000 brackets", b"[" * 100_000 + b"\n", ["parse_error"]),
        BadLine("100,000 brackets, all closed", b"[" * 100_000 + b"]" * 100_000 + b"\n", ["parse_error"]),
        BadLine("100,000 objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n", ["parse_error"]),
        BadLine("100,000 levels in a request", _deep(100_000), ["parse_error"]),
        BadLine("1,025 levels", _deep(1025), ["parse_error"]),
        BadLine("1,024 levels", _deep(1024), ["answer"]),
    ]


# What stands for the content of a message.
NO_JSON = {
    "a byte that is no UTF-8": b'"\xff"', "half a character": b'"\xe2\x82"',
    "an overlong slash": b'"\xc0\xaf"', "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "more than Unicode": b'"\xf4\x90\x80\x80"', "a lone surrogate": b'"\\ud800"',
    "a lone low surrogate": b'"\\udc00"', "two high surrogates": b'"\\ud800\\ud800"',
    "NUL in a text": b'"a\x00b"', "a tab in a text": b'"a\tb"', "an escape that is none": b'"\\x41"',
    "half an escape": b'"\\u12"', "NaN": b"NaN", "infinity": b"Infinity",
    "a number past all bounds": b"1e999", "a number with a plus": b"+1", "a number with zeros": b"007",
    "hexadecimal": b"0x10", "2^64": b"18446744073709551616", "a million digits": b"1" * MIB,
    "a text without end": b'"', "a comment": b'"a"/* */', "single quotes": b"'a'",
}

GOOD = _body('"x"')[:-1]

NO_REQUESTS = {
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "NULs": b"\x00" * 1000,
    "NUL before a request": b"\x00" + GOOD,
    "NUL behind a request": GOOD + b"\x00",
    "two requests on a line": GOOD + GOOD,
    "a comma too many": GOOD[:-1] + b",}",
    "half a request": GOOD[:-1],
    "a name twice": GOOD[:-1] + b',"model":"sandbox/echo"}',
    "a name twice, once in escapes": GOOD[:-1] + b',"m\\u006fdel":"other"}',
    "a name twice, deep inside": GOOD[:-1] + b',"metadata":{"a":[{"b":1,"c":2,"b":3}]}}',
}

NO_MESSAGES = {
    "a batch": b'[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]',
    "an empty batch": b"[]", "a text": b'"chat"', "null": b"null", "a number": b"1",
}


def _strange_ones() -> list[BadLine]:
    found = [
        BadLine(name, _body('"?"').replace(b'"?"', text), ["parse_error"]) for name, text in NO_JSON.items()]
    found += [BadLine(name, data + b"\n", ["parse_error"]) for name, data in NO_REQUESTS.items()]
    found += [BadLine(name, data + b"\n", ["invalid_request"]) for name, data in NO_MESSAGES.items()]
    http = b"get /healthz HTTP/1.1\r\nhost: a\r\n\r\n"
    return found + [
        BadLine("an empty object", b"{}\n", ["invalid_params"]),
        BadLine("HTTP in small letters", http, ["parse_error", "parse_error"]),
    ]


def _call(number: str, method: str, version: str = '"2.0"') -> bytes:
    return f'{{"jsonrpc":{version},"id":{number},"method":{method}}}\n'.encode()


def _calls() -> list[BadLine]:
    return [
        BadLine(f"an id that is {number}", _call(number, '"ping"'), ["invalid_request"])
        for number in ("null", "true", "{}", "[1]")
    ] + [
        BadLine(f"a method that is {method}", _call("1", method), ["invalid_request"])
        for method in ("1", "null", "[]", "{}")
    ] + [
        BadLine(f"jsonrpc that is {version}", _call("1", '"ping"', version), ["invalid_request"])
        for version in ('"1.0"', "2.0", "null", "[]")
    ]


BAD_LINES = [*_long_ones(), *_deep_ones(), *_strange_ones(), *_calls()]


def bad_lines(target: Target) -> None:
    """Each is told what is wrong with it, and the next line on its connection is served."""
    wrong = []
    for bad in BAD_LINES:
        found = _ends(target, bad)
        if found != [*bad.ends, "answer"]:
            wrong.append(f"{bad.name}: {found} and not {[*bad.ends, 'answer']}")
    text = f"{len(BAD_LINES)} bad lines end as docs/protocol.md says, and the line behind is served"
    target.check(not wrong, text, "\n".join(wrong))
    target.check_rest()


def _ends(target: Target, bad: BadLine) -> list[str]:
    """How the lines end that are said, and a good one behind them."""
    good = line()
    with Raw(target.socket) as connection:
        is_taken = connection.say(bad.data) and connection.say(good + "\n")
        connection.say_no_more()
        replies = connection.replies(60)
    ends = []
    for reply in replies:
        error = reply.get("error")
        if error is None:
            ends.append("answer")
        else:
            ends.append(error.get("type") or error["data"]["type"])
    if ends[-1:] == ["answer"] and replies[-1]["choices"][0]["message"]["content"] != _content(good):
        ends[-1] = "another's answer"
    return ends if is_taken else ["closed", *ends]


def _content(body: str) -> str:
    return str(json.loads(body)["messages"][0]["content"])


CASES = [bad_lines]
