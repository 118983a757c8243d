"""What goes wrong upstream, as the SDK raises it: one call for one request, and no more."""

from typing import Any

import openai

from harness import SDKTest, assemble, on_both_faces

STATUSES: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}


@on_both_faces
class UpstreamErrors(SDKTest):
    def raised(self, model: str, **more: Any) -> Any:
        """The error that a question to this model brings, after one call."""
        already = len(self.calls)
        with self.assertRaises(openai.APIStatusError) as caught:
            self.client.chat.completions.create(**self.question(model=model, **more))
        self.assert_calls(already + 1)
        return caught.exception

    def test_a_refusal_keeps_its_status_and_is_asked_once(self) -> None:
        for status, kind in STATUSES.items():
            with self.subTest(status):
                error = self.raised(f"sandbox/status?code={status}")
                self.assertIs(type(error), kind)
                self.assertEqual(error.status_code, status)
                self.assertEqual(error.type, "upstream_error")
                self.assertEqual(error.response.json()["promptd"]["status"], status)

    def test_a_refusal_of_a_stream_is_the_same_error(self) -> None:
        for status in [401, 429, 500]:
            with self.subTest(status):
                error = self.raised(f"sandbox/status?code={status}", stream=True)
                self.assertIs(type(error), STATUSES[status])

    async def test_a_refusal_is_asked_once_by_the_asynchronous_client(self) -> None:
        question = self.question(model="sandbox/status?code=500")
        with self.assertRaises(openai.InternalServerError):
            await self.async_client.chat.completions.create(**question)
        self.assert_calls(1)

    def test_what_the_upstream_said_is_told(self) -> None:
        error = self.raised("sandbox/status?code=400")
        said = error.response.json()["promptd"]["body"]["message"]
        self.assertIn("asked for status 400", said)

    def test_a_refusal_says_when_to_come_back_if_the_upstream_does(self) -> None:
        error = self.raised("sandbox/status?code=429&retry_after=7")
        self.assertEqual(error.response.headers["retry-after"], "7")

    def test_a_refusal_is_not_stored(self) -> None:
        question = self.question(model="sandbox/status?code=500&times=1")
        with self.assertRaises(openai.InternalServerError):
            self.client.chat.completions.create(**question)
        completion = self.client.chat.completions.create(**question)
        self.assertEqual(completion.choices[0].finish_reason, "stop")
        self.assert_calls(2)

    def test_an_error_inside_a_success_is_a_bad_gateway(self) -> None:
        error = self.raised("sandbox/error-frame")
        self.assertEqual([error.status_code, error.type], [502, "upstream_error"])

    def test_an_answer_that_is_no_completion_is_a_bad_gateway(self) -> None:
        error = self.raised("sandbox/garbage")
        self.assertEqual([error.status_code, error.type], [502, "upstream_error"])

    def test_an_answer_that_breaks_off_is_a_bad_gateway(self) -> None:
        error = self.raised("sandbox/cut")
        self.assertEqual(error.status_code, 502)

    def test_errors_after_a_call_tell_the_sdk_not_to_try_again(self) -> None:
        for model in ["sandbox/status?code=500", "sandbox/error-frame", "sandbox/cut"]:
            with self.subTest(model):
                error = self.raised(model)
                self.assertEqual(error.response.headers["x-should-retry"], "false")


@on_both_faces
class BrokenStreams(SDKTest):
    def broken(self, stream: Any) -> tuple[list[Any], openai.APIError]:
        """What came of a stream, and the error that it ended with."""
        chunks = []
        with self.assertRaises(openai.APIError) as caught:
            for chunk in stream:
                chunks.append(chunk)
        return chunks, caught.exception

    def test_a_stream_that_dies_raises_after_what_came(self) -> None:
        question = self.question(model="sandbox/cut?after=3")
        stream = self.client.chat.completions.create(**question, stream=True)
        chunks, error = self.broken(stream)
        self.assertTrue(assemble(chunks).choices[0].content)
        self.assertEqual(error.type, "stream_interrupted")
        self.assertTrue(error.message)
        self.assert_calls(1)

    async def test_a_stream_that_dies_raises_in_the_asynchronous_client(self) -> None:
        question = self.question(model="sandbox/cut?after=3")
        stream = await self.async_client.chat.completions.create(**question, stream=True)
        with self.assertRaises(openai.APIError):
            async for _ in stream:
                pass
        self.assert_calls(1)

    def test_a_stream_that_dies_raises_in_the_helper_for_streams(self) -> None:
        question = self.question(model="sandbox/cut?after=3")
        with self.assertRaises(openai.APIError):
            with self.client.chat.completions.stream(**question) as stream:
                stream.get_final_completion()
        self.assert_calls(1)

    def test_a_stream_with_an_error_in_it_raises(self) -> None:
        question = self.question(model="sandbox/error-frame?after=3")
        stream = self.client.chat.completions.create(**question, stream=True)
        chunks, error = self.broken(stream)
        self.assertTrue(chunks)
        self.assertEqual(error.type, "stream_interrupted")
        self.assert_calls(1)

    def test_a_stream_that_died_is_not_stored(self) -> None:
        question = self.question(model="sandbox/cut?after=3&times=1")
        self.broken(self.client.chat.completions.create(**question, stream=True))
        again = assemble(self.client.chat.completions.create(**question, stream=True))
        self.assertEqual(again.choices[0].content, question["messages"][0]["content"])
        self.assertEqual(again.choices[0].finish_reason, "stop")
        self.assert_calls(2)

    def test_a_stream_that_dies_before_its_first_chunk_is_asked_once(self) -> None:
        question = self.question(model="sandbox/cut?after=0")
        with self.assertRaises(openai.APIError):
            list(self.client.chat.completions.create(**question, stream=True))
        self.assert_calls(1)
