"""Reads what promptd and the SDK say, in a form that tests can compare."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openai.types.chat import ChatCompletion, ChatCompletionChunk


def told(headers: Mapping[str, str]) -> dict[str, Any]:
    """What promptd says in the headers of what it did; all its headers must agree."""
    info: dict[str, Any] = json.loads(headers["x-promptd"])
    for header, member in [("x-promptd-request", "request"), ("x-promptd-cache", "cache")]:
        if headers.get(header) != info.get(member):
            raise AssertionError(f"{header} is {headers.get(header)!r} beside {info!r}")
    return info


def told_in(chunks: list[ChatCompletionChunk]) -> dict[str, Any]:
    """What promptd says in a stream: once, in its last chunk."""
    found = [number for number, chunk in enumerate(chunks) if "promptd" in extras(chunk)]
    if found != [len(chunks) - 1]:
        raise AssertionError(f"promptd is in the chunks {found} of {len(chunks)}")
    info: dict[str, Any] = extras(chunks[-1])["promptd"]
    return info


def extras(thing: Any) -> dict[str, Any]:
    """The members that the SDK has no field for."""
    return thing.model_extra or {}


@dataclass
class Choice:
    """One choice, however it came."""

    content: str = ""
    reasoning: str = ""
    calls: dict[int, dict[str, str]] = field(default_factory=dict)
    tokens: list[dict[str, Any]] = field(default_factory=list)
    finish_reason: str | None = None


@dataclass
class Assembled:
    """An answer, however it came."""

    id: str
    created: int
    model: str
    choices: dict[int, Choice] = field(default_factory=dict)
    usage: dict[str, Any] | None = None


def facts(completion: ChatCompletion) -> Assembled:
    """What a whole answer says."""
    answer = Assembled(completion.id, completion.created, completion.model)
    for choice in completion.choices:
        into = answer.choices.setdefault(choice.index, Choice())
        into.finish_reason = choice.finish_reason
        _add(into, choice.message, choice.logprobs)
    if completion.usage:
        answer.usage = completion.usage.to_dict()
    return answer


def assemble(chunks: Iterable[ChatCompletionChunk]) -> Assembled:
    """What the chunks of a stream say together."""
    answer: Assembled | None = None
    for chunk in chunks:
        answer = answer or Assembled(chunk.id, chunk.created, chunk.model)
        if (chunk.id, chunk.created, chunk.model) != (answer.id, answer.created, answer.model):
            raise AssertionError(f"a chunk of another answer: {chunk}")
        for choice in chunk.choices:
            into = answer.choices.setdefault(choice.index, Choice())
            into.finish_reason = choice.finish_reason or into.finish_reason
            _add(into, choice.delta, choice.logprobs)
        if chunk.usage:
            answer.usage = chunk.usage.to_dict()
    if answer is None:
        raise AssertionError("a stream without chunks")
    return answer


def _add(choice: Choice, part: Any, logprobs: Any) -> None:
    choice.content += part.content or ""
    choice.reasoning += extras(part).get("reasoning_content") or ""
    for place, call in enumerate(part.tool_calls or []):
        into = choice.calls.setdefault(
            getattr(call, "index", place), {"id": "", "name": "", "arguments": ""}
        )
        into["id"] += call.id or ""
        into["name"] += call.function.name or ""
        into["arguments"] += call.function.arguments or ""
    if logprobs and logprobs.content:
        choice.tokens += [token.to_dict() for token in logprobs.content]
