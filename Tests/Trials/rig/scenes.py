"""What clients do: ask in every way, change their mind, and leave in the middle."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .book import Book
from .documents import check_status, error_of
from .faults import GOOD, KINDS, Fault, Question, question
from .raw import Raw, Response, post, responses

# Longer than all tries of all calls together may take.
PATIENCE_S = 90.0
# For a job; one whose upstream fails is cancelled then.
JOB_S = 10.0


@dataclass
class Stage:
    """Where promptd listens, and who is told what became of it."""

    socket: str
    loopback: tuple[str, int]
    token: str
    book: Book
    chance: random.Random
    # Of which kinds questions are, with their weights.
    kinds: list[tuple[list[Fault], int]] = field(default_factory=lambda: KINDS)

    def question(self) -> Question:
        return question(self.chance, self.kinds)

    def questions(self, most: int) -> list[Question]:
        return [self.question() for _ in range(self.chance.randint(1, most))]

    def play(self, scenes: list[tuple[Callable[["Stage"], None], int]]) -> None:
        """One of these by chance, with its weight; what goes wrong in it goes into the book."""
        kinds, weights = zip(*scenes)
        (scene,) = self.chance.choices(kinds, weights)
        try:
            scene(self)
        except (OSError, EOFError, ValueError, KeyError) as error:
            self.book.complain(f"{scene.__name__}: {type(error).__name__}: {error}")

    def leave_later(self) -> None:
        """Some time goes by in which anything may be under way."""
        time.sleep(self.chance.choice([0, 0.001, 0.02, 0.2]) * self.chance.random())


def said_in(chunks: list[dict[str, Any]]) -> str:
    """What the first choice of a stream says."""
    return "".join(
        choice["delta"].get("content") or ""
        for chunk in chunks
        for choice in chunk["choices"]
        if choice["index"] == 0
    )


# MARK: Lines


def bare(stage: Stage) -> None:
    """Bare lines, all at once: replies in their order, chunks before the reply they belong to."""
    questions = stage.questions(5)
    with Raw(stage.socket, PATIENCE_S) as connection:
        connection.say("".join(f"{asked.line()}\n" for asked in questions))
        connection.say_no_more()
        lines = connection.replies(PATIENCE_S)
    chunks: list[dict[str, Any]] = []
    replies: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for line in lines:
        if line.get("object") == "chat.completion.chunk":
            chunks.append(line)
        else:
            replies.append((line, chunks))
            chunks = []
    if len(replies) != len(questions) or chunks or not connection.is_over:
        said = [asked.line() for asked in questions]
        stage.book.complain(f"{len(replies)} replies and {len(chunks)} chunks to {said}")
    for asked, (reply, before) in zip(questions, replies):
        if before and not asked.streams:
            stage.book.complain(f"chunks for {asked.line()}")
        stage.book.judge(asked, reply, said_in(before) if asked.streams else None)


def calls(stage: Stage) -> None:
    """JSON-RPC calls, all at once; some are cancelled, by their id or by their request."""
    questions = stage.questions(6)
    chance = stage.chance
    cancelled = [number for number in range(len(questions)) if chance.random() < 0.3]
    for asked in questions:
        # A wrong member is what is to be told of.
        if "cahce" not in asked.body.get("promptd", {}) and chance.random() < 0.3:
            asked.body.setdefault("promptd", {})["events"] = True
    with Raw(stage.socket, PATIENCE_S) as connection:
        connection.say("".join(f"{asked.call(number)}\n" for number, asked in enumerate(questions)))
        stage.leave_later()
        for number in cancelled:
            call = {"jsonrpc": "2.0", "id": f"c{number}", "method": "chat.cancel", "params": {"id": number}}
            connection.say(json.dumps(call) + "\n")
        connection.say_no_more()
        lines = connection.replies(PATIENCE_S)
    chunks: dict[int, list[dict[str, Any]]] = {number: [] for number in range(len(questions))}
    finals: dict[int | str, list[dict[str, Any]]] = {}
    for line in lines:
        if line.get("method") == "chat.chunk":
            chunks[line["params"]["id"]].append(line["params"]["chunk"])
        elif line.get("method") == "chat.event":
            if not questions[line["params"]["id"]].body.get("promptd", {}).get("events"):
                stage.book.complain(f"news for who wanted none: {line}")
        else:
            finals.setdefault(line["id"], []).append(line)
    for number, asked in enumerate(questions):
        mine = finals.pop(number, [])
        if len(mine) != 1:
            stage.book.complain(f"{len(mine)} replies to {asked.line()}: {str(mine)[:600]}")
        elif number in cancelled:
            _judge_cancelled(stage.book, asked, mine[0], finals.pop(f"c{number}", []))
        else:
            stage.book.judge(asked, mine[0], said_in(chunks[number]) if asked.streams else None)
    if finals:
        stage.book.complain(f"replies to nothing: {finals}")


def _judge_cancelled(
    book: Book, asked: Question, reply: dict[str, Any], answer: list[dict[str, Any]]
) -> None:
    """Whoever is told that a call was cancelled gets no other reply to it."""
    if len(answer) != 1 or "result" not in answer[0]:
        return book.complain(f"chat.cancel was answered with {answer}")
    was_cancelled = answer[0]["result"]["cancelled"]
    if was_cancelled != (error_of(reply) == "cancelled"):
        return book.complain(f"{asked.line()}: cancelled {was_cancelled}, and then {str(reply)[:300]}")
    book.judge(asked, reply, None, also="cancelled")


def cancelled_by_request(stage: Stage) -> None:
    """Finds a request of its own in the queue, moves it to another class, and cancels it."""
    mark = f"{stage.chance.getrandbits(48):x}"
    body = {
        "model": f"sandbox/slow?first_byte_ms=700&mark={mark}",
        "messages": [{"role": "user", "content": mark}],
        "stream": stage.chance.random() < 0.5,
    }
    asked = Question(GOOD[0], mark, body)
    with Raw(stage.socket, PATIENCE_S) as other, Raw(stage.socket, PATIENCE_S) as connection:
        connection.say(asked.line() + "\n")
        connection.say_no_more()
        rows = other.call("queue.list")["result"]["rows"]
        mine = [row["request"] for row in rows if mark in row["model"]]
        is_cancelled = False
        if mine:
            other.call("queue.move", request=mine[0], priority="low")
            is_cancelled = other.call("queue.cancel", request=mine[0])["result"]["cancelled"]
        lines = connection.replies(PATIENCE_S)
    if not lines:
        return stage.book.complain(f"no reply to {asked.line()}")
    if is_cancelled != (error_of(lines[-1]) == "cancelled"):
        stage.book.complain(f"{asked.line()}: cancelled {is_cancelled}, and then {str(lines[-1])[:300]}")
    stage.book.judge(asked, lines[-1], None, also="cancelled")


def job(stage: Stage) -> None:
    """A job, waited for or cancelled."""
    asked = stage.question()
    if options := asked.body.get("promptd"):
        # A job has no deadline but its own, which is none.
        options.pop("timeout", None)
        options.pop("max_wait", None)
    with Raw(stage.socket, PATIENCE_S) as connection:
        submitted = connection.call("job.submit", **asked.body)
        if "error" in submitted:
            if error_of(submitted) != "invalid_params" or "invalid_params" not in asked.fault.ends:
                stage.book.complain(f"job.submit {asked.line()}: {submitted}")
            return
        name = submitted["result"]["job"]
        if stage.chance.random() < 0.3:
            stage.leave_later()
            connection.call("job.cancel", job=name)
        try:
            state = connection.call("job.wait", JOB_S, job=name).get("result", {})
        except EOFError:
            # For an upstream that goes on failing a job waits without limit.
            connection.call("job.cancel", job=name)
            state = connection.call("job.wait", PATIENCE_S, job=name).get("result", {})
    reply = state.get("result") or {"error": state.get("error")}
    if state.get("state") not in ("done", "failed", "cancelled") or reply == {"error": None}:
        return stage.book.complain(f"the job {asked.line()} ended as {str(state)[:300]}")
    if "error" in reply and "error" in (reply["error"] or {}):
        reply = reply["error"]
    stage.book.judge(asked, reply, None, also="cancelled")


# MARK: HTTP


def http(stage: Stage) -> None:
    """Requests over HTTP on the Unix socket, all at once, each to its response."""
    _http(stage, stage.socket, [])


def loopback(stage: Stage) -> None:
    """The same over TCP, where the end of what a client says is its end."""
    _http(stage, stage.loopback, [f"Authorization: Bearer {stage.token}"])


def _http(stage: Stage, address: str | tuple[str, int], headers: list[str]) -> None:
    questions = stage.questions(3)
    with Raw(address, PATIENCE_S) as connection:
        for asked in questions[:-1]:
            connection.say(post(asked.line(), *headers))
        connection.say(post(questions[-1].line(), "Connection: close", *headers))
        if isinstance(address, str) and stage.chance.random() < 0.5:
            connection.say_no_more()
        data = connection.hear(PATIENCE_S)
    try:
        found = responses(data)
    except ValueError as error:
        return stage.book.complain(f"{[asked.line() for asked in questions]}: {error}")
    if len(found) != len(questions) or not connection.is_over:
        stage.book.complain(
            f"{len(found)} responses to {[asked.line() for asked in questions]}: {data[-600:]!r}"
        )
    for asked, response in zip(questions, found):
        _judge_response(stage.book, asked, response)


def _judge_response(book: Book, asked: Question, response: Response) -> None:
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        return _judge_events(book, asked, response)
    reply = response.json()
    try:
        name = error_of(reply)
        if name is not None:
            check_status(name, response.status)
        elif response.status != 200:
            raise ValueError(f"an answer with the status {response.status}")
    except ValueError as error:
        return book.complain(f"{asked.line()}: {error}")
    book.judge(asked, reply, None)


def _judge_events(book: Book, asked: Question, response: Response) -> None:
    """A stream ends with `[DONE]`, or with an error and without that."""
    events = [event.removeprefix("data: ") for event in response.body.decode().split("\n\n")[:-1]]
    is_done = events[-1:] == ["[DONE]"]
    chunks = [json.loads(event) for event in (events[:-1] if is_done else events)]
    if not asked.streams or is_done == ("error" in chunks[-1]):
        return book.complain(f"{asked.line()} ended as {str(chunks[-1])[:300]}, done {is_done}")
    if not is_done:
        return book.judge(asked, chunks[-1], None)
    said = said_in(chunks)
    whole = {"choices": [{"message": {"content": said}}]}
    # What the chunks say is all that there is: it is held against what was asked.
    book.judge(asked, whole, None)


# MARK: Leaving


def leaves(stage: Stage) -> None:
    """Asks, and is gone: at once, after the first bytes, or in the middle of what it says."""
    questions = stage.questions(5)
    is_http = stage.chance.random() < 0.5
    data = b"".join(post(asked.line()) if is_http else f"{asked.line()}\n".encode() for asked in questions)
    stage.book.leave(len(questions))
    with Raw(stage.socket, PATIENCE_S) as connection:
        if stage.chance.random() < 0.3:
            connection.say(data[: stage.chance.randrange(1, len(data))])
        else:
            connection.say(data)
        if stage.chance.random() < 0.3:
            connection.hear_more(time.monotonic() + 1)
        else:
            stage.leave_later()


def reads_slowly(stage: Stage) -> None:
    """Reads a long answer in small pieces, as slowly as no timeout forbids."""
    asked = question(stage.chance, [(GOOD[4:6], 1)])
    with Raw(stage.socket, PATIENCE_S) as connection:
        connection.say(asked.line() + "\n")
        connection.say_no_more()
        while connection.hear_more(time.monotonic() + PATIENCE_S):
            time.sleep(0.01)
        lines = connection.replies()
    if not lines:
        return stage.book.complain(f"no reply to {asked.line()}")
    stage.book.judge(asked, lines[-1], said_in(lines[:-1]) if asked.streams else None)


SCENES: list[tuple[Callable[[Stage], None], int]] = [
    (bare, 25),
    (calls, 25),
    (http, 20),
    (loopback, 10),
    (leaves, 15),
    (reads_slowly, 2),
    (cancelled_by_request, 3),
    (job, 5),
]
