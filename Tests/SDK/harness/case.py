"""The base of all tests, and the two faces that each runs on."""

import sys
import unittest
from typing import Any

import httpx2
import openai

from .relay import Call
from .stack import TOKEN, Stack

# Well below promptd's own limits: what comes only when one of those ends a call comes too late.
PATIENCE = 20


class SDKTest(unittest.IsolatedAsyncioTestCase):
    """A class of tests has programs of its own; each test has clients and words of its own."""

    face = "unix"
    max_concurrent = 16
    max_queued = 1000
    stack: Stack

    @classmethod
    def setUpClass(cls) -> None:
        cls.stack = Stack(cls.max_concurrent, cls.max_queued)
        cls.stack.start()
        cls.addClassCleanup(cls.stack.stop)

    def setUp(self) -> None:
        self._already = len(self.stack.relay.calls)
        self.client = self.make_client()
        self.addCleanup(self.client.close)

    async def asyncSetUp(self) -> None:
        self.async_client = openai.AsyncOpenAI(
            base_url=self.base_url,
            api_key=TOKEN,
            http_client=httpx2.AsyncClient(
                transport=httpx2.AsyncHTTPTransport(uds=self.uds), trust_env=False, timeout=PATIENCE
            ),
        )
        self.addAsyncCleanup(self.async_client.close)

    def make_client(self, token: str = TOKEN) -> openai.OpenAI:
        """A client as a script makes one, with the SDK's own number of retries."""
        transport = httpx2.HTTPTransport(uds=self.uds)
        return openai.OpenAI(
            base_url=self.base_url,
            api_key=token,
            http_client=httpx2.Client(transport=transport, trust_env=False, timeout=PATIENCE),
        )

    @property
    def uds(self) -> str | None:
        return str(self.stack.socket) if self.face == "unix" else None

    @property
    def root_url(self) -> str:
        return "http://promptd" if self.face == "unix" else f"http://127.0.0.1:{self.stack.port}"

    @property
    def base_url(self) -> str:
        return f"{self.root_url}/v1"

    def question(self, text: str = "Why is the sky blue?", **more: Any) -> dict[str, Any]:
        """The arguments of a request that no other test makes."""
        words = f"{text} [{self.id().rsplit('.', 2)[-1]}]"
        return {"model": "sandbox/echo", "messages": [{"role": "user", "content": words}], **more}

    @property
    def calls(self) -> list[Call]:
        """The calls that went upstream in this test."""
        return self.stack.relay.calls[self._already :]

    def await_call(self, number: int = 0) -> Call:
        """The call of this number in this test, when it is there."""
        return self.stack.relay.await_call(self._already + number)

    def assert_calls(self, number: int) -> None:
        """Exactly so many calls went upstream in this test."""
        self.assertEqual(len(self.calls), number, "calls upstream")


def on_both_faces(tests: type[SDKTest]) -> None:
    """Puts the tests into their module twice: over the Unix socket, and over loopback."""
    module = sys.modules[tests.__module__]
    for face, ending in [("unix", "OverUnixSocket"), ("loopback", "OverLoopback")]:
        name = tests.__name__ + ending
        members = {"face": face, "__module__": tests.__module__, "__qualname__": name}
        setattr(module, name, type(name, (tests,), members))
