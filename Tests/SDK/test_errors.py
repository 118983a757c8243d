"""What promptd itself refuses, as the SDK raises it; with the SDK's own number of retries."""

import asyncio
import json
from typing import Any

import openai

from harness import SDKTest, on_both_faces


@on_both_faces
class Errors(SDKTest):
    def refused(self, kind: type[openai.APIStatusError], **question: Any) -> Any:
        """The error that a question brings, whole or streamed: the same, and the SDK's."""
        create = self.client.chat.completions.create
        for more in [{}, {"stream": True}]:
            with self.assertRaises(openai.APIStatusError) as caught:
                create(**question, **more)
            self.assertIs(type(caught.exception), kind)
        body = caught.exception.response.json()
        self.assertEqual(set(body), {"error", "promptd"})
        self.assertEqual(set(body["error"]), {"message", "type", "code", "param"})
        return caught.exception

    def test_the_sdk_retries_twice_unless_it_is_told_not_to(self) -> None:
        self.assertEqual(self.client.max_retries, 2)
        self.assertEqual(self.async_client.max_retries, 2)

    def test_a_parameter_out_of_range_is_a_bad_request_that_names_it(self) -> None:
        error = self.refused(openai.BadRequestError, **self.question(temperature=9))
        self.assertEqual(error.type, "invalid_params")
        self.assertEqual(error.param, "temperature")
        self.assertIn("temperature", error.message)
        self.assert_calls(0)

    def test_a_message_of_an_unknown_role_is_a_bad_request_that_names_it(self) -> None:
        question = self.question()
        question["messages"].append({"role": "nobody", "content": "Hello"})
        error = self.refused(openai.BadRequestError, **question)
        self.assertEqual(error.param, "messages[1].role")
        self.assert_calls(0)

    def test_a_body_that_is_no_json_is_a_bad_request(self) -> None:
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.post(
                "/chat/completions",
                content=b'{"model":',
                cast_to=object,
                options={"headers": {"Content-Type": "application/json"}},
            )
        self.assertEqual(caught.exception.type, "parse_error")
        self.assert_calls(0)

    def test_a_body_without_messages_is_a_bad_request(self) -> None:
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.post("/chat/completions", body={"model": "sandbox/echo"}, cast_to=object)
        self.assertIn(caught.exception.type, ["invalid_request", "invalid_params"])
        self.assert_calls(0)

    def test_a_model_that_the_client_may_not_use_is_a_denied_permission(self) -> None:
        error = self.refused(
            openai.PermissionDeniedError, **self.question(model="forbidden/model")
        )
        self.assertEqual(error.type, "forbidden")
        self.assert_calls(0)

    def test_a_model_that_nobody_serves_is_a_server_error_that_is_not_tried_again(self) -> None:
        error = self.refused(openai.InternalServerError, **self.question(model="nobodys/model"))
        self.assertEqual([error.status_code, error.type], [503, "no_upstream"])
        self.assertEqual(error.response.headers["x-should-retry"], "false")
        self.assert_calls(0)

    def test_a_body_that_is_too_large_is_refused_and_the_next_is_served(self) -> None:
        error = self.refused(openai.APIStatusError, **self.question("word " * 400_000))
        self.assertEqual([error.status_code, error.type], [413, "too_large"])
        self.assert_calls(0)
        self.client.chat.completions.create(**self.question())
        self.assert_calls(1)

    def test_a_deadline_is_a_server_error_and_ends_the_call(self) -> None:
        question = self.question(
            model="sandbox/silent", extra_body={"promptd": {"timeout": 1}}
        )
        with self.assertRaises(openai.InternalServerError) as caught:
            self.client.chat.completions.create(**question)
        self.assertEqual(caught.exception.status_code, 504)
        self.assertEqual(caught.exception.type, "deadline_exceeded")
        self.assertEqual(caught.exception.response.headers["x-should-retry"], "false")
        self.assert_calls(1)
        self.calls[0].await_hang_up()

    def test_an_error_names_the_request(self) -> None:
        error = self.refused(openai.BadRequestError, **self.question(temperature=9))
        request = error.response.json()["promptd"]["request"]
        self.assertEqual(error.response.headers["x-promptd-request"], request)


class Cancelled(SDKTest):
    """Lines and HTTP share the Unix socket: what one asks for, the other can cancel."""

    async def test_a_request_that_is_cancelled_raises_and_is_not_tried_again(self) -> None:
        question = self.question(model="sandbox/silent")
        asking = asyncio.create_task(self.async_client.chat.completions.create(**question))
        call = await asyncio.to_thread(self.await_call)
        reader, writer = await asyncio.open_unix_connection(self.stack.socket)

        async def rpc(method: str, **params: Any) -> Any:
            line = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            writer.write(json.dumps(line).encode() + b"\n")
            return json.loads(await reader.readline())["result"]

        rows = (await rpc("queue.list"))["rows"]
        cancelled = await rpc("chat.cancel", request=rows[0]["request"])
        writer.close()
        self.assertEqual(cancelled, {"cancelled": True})
        with self.assertRaises(openai.APIStatusError) as caught:
            await asking
        self.assertEqual([caught.exception.status_code, caught.exception.type], [499, "cancelled"])
        self.assert_calls(1)
        await asyncio.to_thread(call.await_hang_up)


@on_both_faces
class FullQueue(SDKTest):
    max_concurrent = 1
    max_queued = 1

    async def test_a_full_queue_is_a_rate_limit_that_says_when_to_come_back(self) -> None:
        running = self.ask_silence("running")
        await asyncio.to_thread(self.await_call)
        waiting = self.ask_silence("waiting")
        await self.await_queued()
        with self.assertRaises(openai.RateLimitError) as caught:
            await self.ask_silence("too many")
        self.assertEqual(caught.exception.type, "queue_full")
        self.assertGreaterEqual(int(caught.exception.response.headers["retry-after"]), 0)
        self.assert_calls(1)
        for asking in [waiting, running]:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        await asyncio.to_thread(self.calls[0].await_hang_up)

    def ask_silence(self, words: str) -> asyncio.Task[Any]:
        """A question that is never answered; not tried again, for that may take minutes."""
        client = self.async_client.with_options(max_retries=0)
        question = self.question(words, model="sandbox/silent")
        return asyncio.create_task(client.chat.completions.create(**question))

    async def await_queued(self) -> None:
        """Waits until one request is queued; each look is a round trip that lets it come."""
        reader, writer = await asyncio.open_unix_connection(self.stack.socket)
        async with asyncio.timeout(15):
            queued = 0
            while not queued:
                writer.write(b'{"jsonrpc":"2.0","id":1,"method":"status"}\n')
                queued = json.loads(await reader.readline())["result"]["queue"]["queued"]
        writer.close()
