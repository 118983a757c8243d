"""Answers in chunks."""

from harness import SDKTest, assemble, facts, on_both_faces, told, told_in

WITH_USAGE = {"include_usage": True}


@on_both_faces
class Streams(SDKTest):
    def test_an_answer_comes_in_chunks(self) -> None:
        question = self.question()
        chunks = list(self.client.chat.completions.create(**question, stream=True))
        self.assertGreater(len(chunks), 3)
        self.assertEqual({chunk.object for chunk in chunks}, {"chat.completion.chunk"})
        self.assertEqual(chunks[0].choices[0].delta.role, "assistant")
        choice = assemble(chunks).choices[0]
        self.assertEqual(choice.content, question["messages"][0]["content"])
        self.assertEqual(choice.finish_reason, "stop")
        self.assert_calls(1)

    async def test_an_answer_comes_in_chunks_to_the_asynchronous_client(self) -> None:
        question = self.question()
        stream = await self.async_client.chat.completions.create(**question, stream=True)
        chunks = [chunk async for chunk in stream]
        self.assertEqual(
            assemble(chunks).choices[0].content, question["messages"][0]["content"]
        )
        self.assert_calls(1)

    def test_a_stream_says_the_same_as_the_whole_answer(self) -> None:
        question = self.question(n=3, logprobs=True, top_logprobs=1)
        aside = {"extra_body": {"promptd": {"cache": "bypass"}}}
        whole = facts(self.client.chat.completions.create(**question, **aside))
        streamed = assemble(
            self.client.chat.completions.create(
                **question, **aside, stream=True, stream_options=WITH_USAGE
            )
        )
        self.assertEqual(streamed, whole)
        self.assert_calls(2)

    def test_usage_comes_in_a_chunk_without_choices_when_it_is_asked_for(self) -> None:
        chunks = list(
            self.client.chat.completions.create(
                **self.question(), stream=True, stream_options=WITH_USAGE
            )
        )
        self.assertEqual([bool(chunk.usage) for chunk in chunks].count(True), 1)
        self.assertTrue(chunks[-1].usage)
        self.assertEqual(chunks[-1].choices, [])

    def test_no_usage_comes_when_it_is_not_asked_for(self) -> None:
        chunks = list(self.client.chat.completions.create(**self.question(), stream=True))
        self.assertEqual([chunk.usage for chunk in chunks if chunk.usage], [])
        self.assertTrue(all(chunk.choices for chunk in chunks), "every chunk has a choice")

    def test_the_header_says_what_is_known_first_and_the_last_chunk_says_all(self) -> None:
        raw = self.client.chat.completions.with_raw_response.create(
            **self.question(), stream=True
        )
        early = told(raw.headers)
        late = told_in(list(raw.parse()))
        self.assertEqual(raw.headers["content-type"].split(";")[0], "text/event-stream")
        self.assertEqual(early["cache"], "miss")
        self.assertEqual(late["cache"], "miss")
        self.assertEqual(early["request"], late["request"])
        self.assertGreater(late["billed"]["completion_tokens"], 0)
        self.assertIn("upstream_ms", late)
        self.assertNotIn("billed", early)

    def test_the_last_chunk_says_all_where_it_is_the_usage(self) -> None:
        stream = self.client.chat.completions.create(
            **self.question(), stream=True, stream_options=WITH_USAGE
        )
        self.assertEqual(told_in(list(stream))["cache"], "miss")

    def test_chunks_come_one_by_one_and_not_all_at_the_end(self) -> None:
        question = self.question(model="sandbox/slow?first_byte_ms=0&tokens_per_s=0.01")
        with self.client.chat.completions.create(**question, stream=True) as stream:
            self.assertEqual(next(stream).choices[0].delta.role, "assistant")
            self.assertNotIn(b"[DONE]", self.calls[0].reply)

    def test_the_helper_for_streams_accumulates_to_the_whole_answer(self) -> None:
        question = self.question(n=2)
        with self.client.chat.completions.stream(
            **question, stream_options=WITH_USAGE
        ) as stream:
            kinds = [event.type for event in stream]
            helped = stream.get_final_completion()
        whole = self.client.chat.completions.create(**question)
        self.assertIn("content.delta", kinds)
        self.assertIn("content.done", kinds)
        self.assertEqual(facts(helped), facts(whole))
        self.assert_calls(1)

    async def test_the_asynchronous_helper_accumulates_to_the_whole_answer(self) -> None:
        question = self.question()
        whole = await self.async_client.chat.completions.create(**question)
        async with self.async_client.chat.completions.stream(
            **question, stream_options=WITH_USAGE
        ) as stream:
            helped = await stream.get_final_completion()
        self.assertEqual(facts(helped), facts(whole))
        self.assert_calls(1)
