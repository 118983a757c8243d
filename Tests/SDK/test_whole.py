"""Answers in one piece."""

import base64

from harness import SDKTest, facts, on_both_faces, told

PIXEL = base64.b64encode(b"\x89PNG a picture of the sky").decode()


@on_both_faces
class Whole(SDKTest):
    def test_an_answer_comes_whole(self) -> None:
        question = self.question()
        completion = self.client.chat.completions.create(**question)
        self.assertEqual(completion.object, "chat.completion")
        self.assertEqual(completion.model, "sandbox/echo")
        choice = completion.choices[0]
        self.assertEqual(choice.message.role, "assistant")
        self.assertEqual(choice.message.content, question["messages"][0]["content"])
        self.assertEqual(choice.finish_reason, "stop")
        assert completion.usage
        self.assertGreater(completion.usage.completion_tokens, 0)
        self.assert_calls(1)

    async def test_an_answer_comes_whole_to_the_asynchronous_client(self) -> None:
        question = self.question()
        completion = await self.async_client.chat.completions.create(**question)
        words = question["messages"][0]["content"]
        self.assertEqual(completion.choices[0].message.content, words)
        self.assert_calls(1)

    def test_a_body_is_the_answer_of_the_api_and_nothing_else(self) -> None:
        raw = self.client.chat.completions.with_raw_response.create(**self.question())
        members = {"id", "object", "created", "model", "system_fingerprint", "choices", "usage"}
        self.assertEqual(set(raw.http_response.json()), members)
        self.assertEqual(raw.headers["content-type"].split(";")[0], "application/json")

    def test_headers_say_what_promptd_did(self) -> None:
        raw = self.client.chat.completions.with_raw_response.create(**self.question())
        info = told(raw.headers)
        self.assertRegex(info["request"], r"\Ar-[0-9A-Z]{26}\Z")
        self.assertRegex(info["key"], r"\A[0-9a-f]{64}\Z")
        self.assertEqual(info["cache"], "miss")
        self.assertEqual(info["client"], "sdk")
        self.assertEqual(info["upstream"], "sandbox")
        self.assertEqual(info["attempts"], 1)
        self.assertEqual(info["priority"], "normal")
        for name in ["queued_ms", "first_byte_ms", "upstream_ms"]:
            self.assertIsInstance(info[name], int, name)
        usage = raw.parse().usage
        assert usage
        spent = {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
        }
        self.assertEqual(info["billed"], spent)

    def test_three_choices_come_when_three_are_asked_for(self) -> None:
        completion = self.client.chat.completions.create(**self.question(n=3))
        self.assertEqual([choice.index for choice in completion.choices], [0, 1, 2])
        contents = [choice.message.content for choice in completion.choices]
        self.assertEqual(len(set(contents)), 3)
        self.assert_calls(1)

    def test_log_probabilities_come_when_they_are_asked_for(self) -> None:
        question = self.question(logprobs=True, top_logprobs=2)
        completion = self.client.chat.completions.create(**question)
        choice = facts(completion).choices[0]
        self.assertEqual("".join(token["token"] for token in choice.tokens), choice.content)
        for token in choice.tokens:
            self.assertEqual(len(token["top_logprobs"]), 2)

    def test_text_and_image_parts_go_upstream_as_they_are(self) -> None:
        question = self.question()
        words = question["messages"][0]["content"]
        parts = [
            {"type": "text", "text": words},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
        ]
        question["messages"][0]["content"] = parts
        completion = self.client.chat.completions.create(**question)
        self.assertEqual(completion.choices[0].message.content, words)
        self.assert_calls(1)
        self.assertEqual(self.calls[0].body["messages"][0]["content"], parts)

    def test_letters_of_all_the_world_come_back_as_they_went(self) -> None:
        words = 'grüß Gott, 你好, 👩‍🚀, "quoted" \\ and\nbroken \u0000\u2028 lines'
        question = self.question(words)
        completion = self.client.chat.completions.create(**question)
        self.assertEqual(
            completion.choices[0].message.content, question["messages"][0]["content"]
        )

    def test_a_prompt_of_half_a_megabyte_is_answered(self) -> None:
        question = self.question("word " * 100_000)
        completion = self.client.chat.completions.create(**question)
        self.assertEqual(
            completion.choices[0].message.content, question["messages"][0]["content"]
        )
        self.assert_calls(1)
