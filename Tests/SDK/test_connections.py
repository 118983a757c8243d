"""Connections that end early, and connections that last."""

import asyncio
from typing import Any

import openai

from harness import SDKTest, on_both_faces

ENDLESS = "sandbox/slow?first_byte_ms=0&tokens_per_s=0.01"


@on_both_faces
class Leaving(SDKTest):
    def test_a_client_whose_time_is_up_costs_nothing_more(self) -> None:
        client = self.client.with_options(timeout=1, max_retries=0)
        with self.assertRaises(openai.APITimeoutError):
            client.chat.completions.create(**self.question(model="sandbox/silent"))
        self.assert_calls(1)
        self.calls[0].await_hang_up()

    async def test_an_asynchronous_client_whose_time_is_up_costs_nothing_more(self) -> None:
        client = self.async_client.with_options(timeout=1, max_retries=0)
        with self.assertRaises(openai.APITimeoutError):
            await client.chat.completions.create(**self.question(model="sandbox/silent"))
        self.assert_calls(1)
        await asyncio.to_thread(self.calls[0].await_hang_up)

    def test_a_stream_whose_time_is_up_costs_nothing_more(self) -> None:
        client = self.client.with_options(timeout=1, max_retries=0)
        stream = client.chat.completions.create(**self.question(model=ENDLESS), stream=True)
        with self.assertRaises(openai.APITimeoutError):
            list(stream)
        self.assert_calls(1)
        self.calls[0].await_hang_up()

    def test_a_stream_that_is_closed_early_costs_nothing_more(self) -> None:
        stream = self.client.chat.completions.create(
            **self.question(model=ENDLESS), stream=True
        )
        next(stream)
        stream.close()
        self.calls[0].await_hang_up()
        self.assertNotIn(b"[DONE]", self.calls[0].reply)
        self.assert_calls(1)

    async def test_an_asynchronous_stream_that_is_closed_early_costs_nothing_more(self) -> None:
        stream = await self.async_client.chat.completions.create(
            **self.question(model=ENDLESS), stream=True
        )
        await anext(stream)
        await stream.close()
        await asyncio.to_thread(self.calls[0].await_hang_up)
        self.assert_calls(1)

    async def test_a_task_that_is_cancelled_costs_nothing_more(self) -> None:
        question = self.question(model="sandbox/silent")
        asking = asyncio.create_task(self.async_client.chat.completions.create(**question))
        call = await asyncio.to_thread(self.await_call)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await asyncio.to_thread(call.await_hang_up)
        self.assert_calls(1)

    def test_a_client_that_leaves_disturbs_no_other(self) -> None:
        question = self.question(model=ENDLESS)
        stream = self.client.chat.completions.create(**question, stream=True)
        next(stream)
        with self.make_client() as other:
            stream.close()
            other.chat.completions.create(**self.question())
        self.calls[0].await_hang_up()
        self.assert_calls(2)


@on_both_faces
class Lasting(SDKTest):
    def test_many_requests_go_over_one_connection(self) -> None:
        create = self.client.chat.completions.with_raw_response.create
        used = []
        for number in range(30):
            raw = create(**self.question(f"Question {number % 20}"))
            used.append(self.connection(raw.http_response))
        self.assertEqual(len({id(each) for each in used}), 1)
        self.assert_calls(20)

    def test_a_connection_lasts_beyond_errors_and_lists(self) -> None:
        used = []
        raw: Any
        for _ in range(3):
            raw = self.client.models.with_raw_response.list()
            used.append(self.connection(raw.http_response))
            for more in [{"temperature": 9}, {"model": "sandbox/status?code=400"}]:
                with self.assertRaises(openai.BadRequestError) as caught:
                    self.client.chat.completions.create(**self.question(**more))
                used.append(self.connection(caught.exception.response))
            raw = self.client.chat.completions.with_raw_response.create(**self.question())
            used.append(self.connection(raw.http_response))
        self.assertEqual(len({id(each) for each in used}), 1)

    def test_streams_and_whole_answers_take_turns(self) -> None:
        for number in range(10):
            question = self.question(f"Question {number}")
            self.assertTrue(list(self.client.chat.completions.create(**question, stream=True)))
            self.client.chat.completions.create(**question)
        self.assert_calls(10)

    async def test_fifty_at_once_are_all_answered_each_with_its_own(self) -> None:
        questions = [self.question(f"Question {number}") for number in range(50)]
        create = self.async_client.chat.completions.create
        answers = await asyncio.gather(*(create(**question) for question in questions))
        for question, answer in zip(questions, answers, strict=True):
            self.assertEqual(
                answer.choices[0].message.content, question["messages"][0]["content"]
            )
        self.assert_calls(50)

    def connection(self, response: Any) -> Any:
        """The socket that a response came over."""
        return response.extensions["network_stream"].get_extra_info("socket")
