"""Answers that are given again."""

import asyncio
from typing import Any

from harness import SDKTest, assemble, facts, on_both_faces, told, told_in
from harness.tools import LOOK_UP

WITH_USAGE = {"include_usage": True}
SHAPES: dict[str, dict[str, Any]] = {
    "words": {},
    "three choices": {"n": 3},
    "a call": {"tools": [LOOK_UP]},
    "reasoning": {"extra_body": {"separate_reasoning": True}},
    "log probabilities": {"logprobs": True, "top_logprobs": 2},
    "its limit reached": {"max_tokens": 3},
}


@on_both_faces
class Cache(SDKTest):
    def test_the_second_time_is_a_hit(self) -> None:
        question = self.question()
        create = self.client.chat.completions.with_raw_response.create
        first, second = create(**question), create(**question)
        miss, hit = told(first.headers), told(second.headers)
        self.assertEqual([miss["cache"], hit["cache"]], ["miss", "hit"])
        self.assertEqual(miss["key"], hit["key"])
        self.assertNotEqual(miss["request"], hit["request"])
        self.assertEqual(first.http_response.content, second.http_response.content)
        self.assert_calls(1)

    def test_only_a_hit_has_an_age_and_it_costs_nothing(self) -> None:
        question = self.question()
        create = self.client.chat.completions.with_raw_response.create
        first, second = create(**question), create(**question)
        self.assertNotIn("age", first.headers)
        hit = told(second.headers)
        self.assertEqual(int(second.headers["age"]), hit["age_s"])
        self.assertFalse(any((hit.get("billed") or {}).values()), "nothing is billed")

    def test_a_stored_whole_answer_is_served_as_the_same_stream(self) -> None:
        for name, more in SHAPES.items():
            with self.subTest(name):
                question = self.question(name, **more)
                whole = self.client.chat.completions.create(**question)
                raw = self.client.chat.completions.with_raw_response.create(
                    **question, stream=True, stream_options=WITH_USAGE
                )
                chunks = list(raw.parse())
                self.assertEqual(assemble(chunks), facts(whole))
                self.assertEqual(told(raw.headers)["cache"], "hit")
                self.assertEqual(told_in(chunks)["cache"], "hit")
                self.assertIn("age", raw.headers)
        self.assert_calls(len(SHAPES))

    def test_a_stored_stream_is_served_as_the_same_whole_answer(self) -> None:
        for name, more in SHAPES.items():
            with self.subTest(name):
                question = self.question(name, **more)
                stream = self.client.chat.completions.create(
                    **question, stream=True, stream_options=WITH_USAGE
                )
                streamed = assemble(stream)
                raw = self.client.chat.completions.with_raw_response.create(**question)
                self.assertEqual(facts(raw.parse()), streamed)
                self.assertEqual(told(raw.headers)["cache"], "hit")
        self.assert_calls(len(SHAPES))

    def test_a_stream_without_usage_is_stored_with_its_usage(self) -> None:
        question = self.question()
        streamed = assemble(self.client.chat.completions.create(**question, stream=True))
        self.assertIsNone(streamed.usage)
        whole = self.client.chat.completions.create(**question)
        self.assertTrue(whole.usage)
        self.assert_calls(1)

    def test_a_stored_answer_streams_without_usage_where_none_is_asked_for(self) -> None:
        question = self.question()
        whole = self.client.chat.completions.create(**question)
        chunks = list(self.client.chat.completions.create(**question, stream=True))
        self.assertFalse(any(chunk.usage for chunk in chunks))
        self.assertEqual(assemble(chunks).choices, facts(whole).choices)
        self.assertEqual(told_in(chunks)["cache"], "hit")
        self.assert_calls(1)

    def test_reasoning_is_there_and_stays_apart_from_the_content(self) -> None:
        question = self.question(extra_body={"separate_reasoning": True})
        choice = facts(self.client.chat.completions.create(**question)).choices[0]
        self.assertTrue(choice.reasoning)
        self.assertEqual(choice.content, question["messages"][0]["content"])

    def test_another_parameter_is_another_answer(self) -> None:
        create = self.client.chat.completions.with_raw_response.create
        parameters: list[dict[str, Any]] = [{}, {"temperature": 0.5}, {"seed": 7}, {"n": 2}]
        for more in parameters:
            self.assertEqual(told(create(**self.question(**more)).headers)["cache"], "miss")
        self.assert_calls(len(parameters))

    async def test_the_same_at_the_same_time_is_asked_once(self) -> None:
        question = self.question(model="sandbox/slow?first_byte_ms=1000")
        create = self.async_client.chat.completions.with_raw_response.create
        first = asyncio.create_task(create(**question))
        await asyncio.to_thread(self.await_call)
        second = await create(**question)
        caches = [told(raw.headers)["cache"] for raw in (await first, second)]
        self.assertEqual(caches, ["miss", "joined"])
        self.assert_calls(1)
