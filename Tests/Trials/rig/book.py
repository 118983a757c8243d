"""What became of all that was asked."""

import threading
from collections import Counter
from typing import Any

from .documents import error_of
from .faults import ALWAYS, ANSWER, Question


class Book:
    """Judges each reply, and remembers what the cache may hold. Any thread may write into it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.ends: Counter[str] = Counter()
        self.left = 0
        self.wrong: list[str] = []
        # By the key of a question, one of those who asked.
        self.kept: dict[str, tuple[Question, str]] = {}
        self.never: dict[str, Question] = {}

    def complain(self, text: str) -> None:
        with self._lock:
            self.wrong.append(text)

    def leave(self, count: int) -> None:
        """So many requests were left alone."""
        with self._lock:
            self.left += count

    def judge(self, question: Question, reply: dict[str, Any], said: str | None, also: str = "") -> None:
        """Takes the one reply to a question; `said` is what its chunks said, where it came in chunks,
        and `also` an error that it may end with too."""
        try:
            name = error_of(reply) or ANSWER
        except ValueError as error:
            return self.complain(f"{question.fault.model}: {error}")
        with self._lock:
            self.ends[name] += 1
        if name not in question.fault.ends | ALWAYS | {also}:
            self.complain(f"{question.line()} ended as {str(reply)[:600]}")
        if name == ANSWER:
            self._judge_answer(question, reply.get("result", reply), said)
        if question.fault.kept is False:
            with self._lock:
                self.never[question.key] = question

    def _judge_answer(self, question: Question, answer: dict[str, Any], said: str | None) -> None:
        try:
            content = answer["choices"][0]["message"].get("content") or ""
        except (KeyError, IndexError):
            return self.complain(f"{question.line()} was answered with {str(answer)[:300]}")
        if question.fault.echoes and content != question.text:
            self.complain(f"{question.line()} was answered with what another asked: {content!r}")
        if said is not None and said != content:
            self.complain(f"{question.line()}: the chunks say {said[:80]!r}, the answer {content[:80]!r}")
        if question.must_be_kept:
            with self._lock:
                self.kept[question.key] = (question, content)
