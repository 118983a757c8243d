"""Calls of functions, and answers in a given form."""

import json

from harness import SDKTest, assemble, facts, on_both_faces
from harness.tools import LOOK_UP, STRICT_LOOK_UP, LookUp, Weather


@on_both_faces
class Tools(SDKTest):
    def test_a_function_is_called_in_a_whole_answer(self) -> None:
        completion = self.client.chat.completions.create(**self.question(tools=[LOOK_UP]))
        choice = completion.choices[0]
        self.assertEqual(choice.finish_reason, "tool_calls")
        assert choice.message.tool_calls
        call = choice.message.tool_calls[0]
        assert call.type == "function"
        self.assertEqual(call.function.name, "look_up")
        LookUp.model_validate_json(call.function.arguments)
        self.assert_calls(1)

    def test_a_function_is_called_in_a_stream_as_in_a_whole_answer(self) -> None:
        question = self.question(
            tools=[LOOK_UP], extra_body={"promptd": {"cache": "bypass"}}
        )
        whole = facts(self.client.chat.completions.create(**question))
        streamed = assemble(self.client.chat.completions.create(**question, stream=True))
        self.assertEqual(streamed.choices, whole.choices)
        self.assertEqual(streamed.choices[0].calls[0]["name"], "look_up")
        self.assert_calls(2)

    def test_the_sdk_parses_the_arguments_of_a_call(self) -> None:
        completion = self.client.chat.completions.parse(**self.question(tools=[STRICT_LOOK_UP]))
        assert completion.choices[0].message.tool_calls
        call = completion.choices[0].message.tool_calls[0]
        self.assertIsInstance(call.function.parsed_arguments, LookUp)

    def test_the_helper_for_streams_parses_the_arguments_of_a_call(self) -> None:
        question = self.question(tools=[STRICT_LOOK_UP])
        with self.client.chat.completions.stream(**question) as stream:
            kinds = [event.type for event in stream]
            helped = stream.get_final_completion()
        self.assertIn("tool_calls.function.arguments.done", kinds)
        assert helped.choices[0].message.tool_calls
        call = helped.choices[0].message.tool_calls[0]
        self.assertIsInstance(call.function.parsed_arguments, LookUp)

    def test_a_conversation_goes_on_after_a_call(self) -> None:
        question = self.question(tools=[LOOK_UP])
        message = self.client.chat.completions.create(**question).choices[0].message
        assert message.tool_calls
        result = {
            "role": "tool",
            "tool_call_id": message.tool_calls[0].id,
            "content": json.dumps({"degrees": 21}),
        }
        question["messages"] += [message, result]
        after = self.client.chat.completions.create(**question)
        self.assertEqual(after.choices[0].finish_reason, "stop")
        self.assert_calls(2)
        sent = self.calls[1].body["messages"]
        self.assertEqual([each["role"] for each in sent], ["user", "assistant", "tool"])
        self.assertEqual(sent[1]["tool_calls"][0]["id"], message.tool_calls[0].id)


@on_both_faces
class Structured(SDKTest):
    def test_the_sdk_parses_an_answer_into_a_model(self) -> None:
        completion = self.client.chat.completions.parse(**self.question(response_format=Weather))
        self.assertIsInstance(completion.choices[0].message.parsed, Weather)
        self.assert_calls(1)

    async def test_the_asynchronous_sdk_parses_an_answer_into_a_model(self) -> None:
        question = self.question(response_format=Weather)
        completion = await self.async_client.chat.completions.parse(**question)
        self.assertIsInstance(completion.choices[0].message.parsed, Weather)

    def test_the_helper_for_streams_parses_an_answer_into_a_model(self) -> None:
        question = self.question(response_format=Weather)
        with self.client.chat.completions.stream(**question) as stream:
            helped = stream.get_final_completion()
        self.assertIsInstance(helped.choices[0].message.parsed, Weather)
        again = self.client.chat.completions.parse(**question)
        self.assertEqual(again.choices[0].message.parsed, helped.choices[0].message.parsed)
        self.assert_calls(1)

    def test_another_schema_is_another_answer(self) -> None:
        self.client.chat.completions.parse(**self.question(response_format=Weather))
        other = self.client.chat.completions.parse(**self.question(response_format=LookUp))
        self.assertIsInstance(other.choices[0].message.parsed, LookUp)
        self.assert_calls(2)

    def test_an_answer_is_any_object_where_that_is_asked_for(self) -> None:
        question = self.question(response_format={"type": "json_object"})
        completion = self.client.chat.completions.create(**question)
        self.assertIsInstance(json.loads(completion.choices[0].message.content or ""), dict)
