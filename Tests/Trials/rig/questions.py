"""What is asked of the sandbox, such that each answer tells whose it is."""

import json
import random
from dataclasses import dataclass
from typing import Any

# Asked again and again; more than memory and disk hold at a time.
KNOWN = 400

_MODELS = [
    ("sandbox/echo", 70), ("sandbox/slow?first_byte_ms=15", 15), ("sandbox/slow?first_byte_ms=60", 5),
    ("sandbox/slow?first_byte_ms=5&tokens_per_s=2000", 5), ("other/name", 5),
]
_SIZES = [(10, 60), (300, 25), (3_000, 12), (30_000, 3)]


@dataclass
class Question:
    """One request: the answer has the text in each of its choices, which are numbered."""

    text: str
    model: str = "sandbox/echo"
    choices: int = 1

    @property
    def answers(self) -> list[str]:
        return [self.text, *(f"{self.text} ({number})" for number in range(2, self.choices + 1))]

    def body(self, **more: Any) -> dict[str, Any]:
        body = {"model": self.model, "messages": [{"role": "user", "content": self.text}], **more}
        return body if self.choices == 1 else body | {"n": self.choices}

    def line(self, **more: Any) -> str:
        return json.dumps(self.body(**more))


def known(number: int) -> Question:
    """One of those that are asked again and again. Two each have one text, and are answered with one choice
    or with two: they have one key."""
    chance = random.Random(number // 2)
    return Question(_text(chance, f"known {number // 2}"), _model(chance), 1 + number % 2)


def fresh(chance: random.Random, name: str) -> Question:
    """One that nobody has asked before; the name must be one's own."""
    return Question(_text(chance, name), _model(chance), 1 if chance.random() < 0.8 else 2)


def _model(chance: random.Random) -> str:
    (model, _), = chance.choices(_MODELS, [weight for _, weight in _MODELS])
    return model


def _text(chance: random.Random, name: str) -> str:
    (size, _), = chance.choices(_SIZES, [weight for _, weight in _SIZES])
    words = " ".join(f"{chance.getrandbits(32):08x}" for _ in range(chance.randrange(size) // 9))
    return f"{name} {words}".rstrip()


def judge(question: Question, answer: dict[str, Any]) -> str | None:
    """What is wrong with a completion; None if it says exactly what it should."""
    try:
        choices = sorted(answer["choices"], key=lambda choice: choice["index"])
        said = [choice["message"]["content"] for choice in choices]
    except (KeyError, TypeError):
        return f"{question.text[:60]!r} was answered with {str(answer)[:300]}"
    if said == question.answers:
        return None
    return f"{question.text[:60]!r} ({question.choices}) was answered with {[each[:80] for each in said]}"


def say_more(said: dict[int, str], chunk: dict[str, Any]) -> None:
    """Adds what a chunk says to what each choice has said."""
    for choice in chunk.get("choices", []):
        said[choice["index"]] = said.get(choice["index"], "") + (choice["delta"].get("content") or "")


def judge_chunks(question: Question, said: dict[int, str], is_whole: bool) -> str | None:
    """What is wrong with what chunks have said so far, or in all."""
    for index, text in said.items():
        answer = question.answers[index] if index < question.choices else ""
        if text != answer if is_whole else not answer.startswith(text):
            return f"{question.text[:60]!r}: choice {index} of the chunks says {text[:80]!r}"
    if is_whole and len(said) != question.choices:
        return f"{question.text[:60]!r}: {len(said)} choices of {question.choices} in chunks"
    return None
