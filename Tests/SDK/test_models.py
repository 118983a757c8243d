"""The list of models, and the pages that are no API."""

import httpx2
import openai

from harness import SDKTest, on_both_faces
from harness.stack import TOKEN


@on_both_faces
class Models(SDKTest):
    def test_the_models_are_listed(self) -> None:
        models = list(self.client.models.list())
        self.assertIn("sandbox/echo", [model.id for model in models])
        self.assertEqual({model.object for model in models}, {"model"})

    async def test_the_models_are_listed_to_the_asynchronous_client(self) -> None:
        models = [model.id async for model in self.async_client.models.list()]
        self.assertIn("sandbox/echo", models)

    def test_health_and_metrics_are_served(self) -> None:
        self.client.chat.completions.create(**self.question())
        with self.plain_client({"Authorization": f"Bearer {TOKEN}"}) as client:
            self.assertEqual(client.get("/healthz").status_code, 200)
            metrics = client.get("/metrics")
        self.assertEqual(metrics.status_code, 200)
        self.assertIn("promptd_", metrics.text)

    def test_a_method_that_is_not_served_is_no_success(self) -> None:
        with self.plain_client({"Authorization": f"Bearer {TOKEN}"}) as client:
            self.assertIn(client.get("/v1/chat/completions").status_code, [404, 405])

    def test_a_path_that_is_not_served_is_not_found(self) -> None:
        with self.assertRaises(openai.NotFoundError) as caught:
            self.client.embeddings.create(model="sandbox/echo", input="Hello")
        self.assertTrue(caught.exception.message)
        self.assert_calls(0)

    def plain_client(self, headers: dict[str, str]) -> httpx2.Client:
        """A client that is no SDK."""
        transport = httpx2.HTTPTransport(uds=self.uds)
        return httpx2.Client(
            base_url=self.root_url, transport=transport, headers=headers, trust_env=False
        )


class Tokens(SDKTest):
    """Over loopback, where the kernel does not say who it is, a token does."""

    face = "loopback"

    def test_a_bad_token_is_refused(self) -> None:
        with self.make_client("another-token") as client:
            with self.assertRaises(openai.AuthenticationError) as caught:
                client.chat.completions.create(**self.question())
        self.assertEqual(caught.exception.type, "unauthorized")
        self.assert_calls(0)

    def test_a_bad_token_is_refused_in_streams_and_lists_too(self) -> None:
        with self.make_client("another-token") as client:
            with self.assertRaises(openai.AuthenticationError):
                client.chat.completions.create(**self.question(), stream=True)
            with self.assertRaises(openai.AuthenticationError):
                client.models.list()
        self.assert_calls(0)

    def test_no_token_is_refused(self) -> None:
        with httpx2.Client(trust_env=False) as client:
            reply = client.post(f"{self.base_url}/chat/completions", json=self.question())
        self.assertEqual(reply.status_code, 401)
        self.assertEqual(reply.json()["error"]["type"], "unauthorized")
        self.assert_calls(0)

    def test_the_token_is_nowhere_in_what_promptd_says(self) -> None:
        raw = self.client.chat.completions.with_raw_response.create(**self.question())
        self.assertNotIn(TOKEN, raw.text + str(raw.headers) + self.stack.log())


class NoToken(SDKTest):
    """Over the Unix socket the kernel says who it is."""

    def test_any_token_will_do(self) -> None:
        with self.make_client("whatever") as client:
            client.chat.completions.create(**self.question())
        self.assert_calls(1)
