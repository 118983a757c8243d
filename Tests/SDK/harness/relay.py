"""A relay between promptd and its upstream that sees and counts every call."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

LONGEST_WAIT = 15.0


class Call:
    """One POST that went upstream."""

    def __init__(self, body: bytes) -> None:
        self.body: dict[str, Any] = json.loads(body)
        self.reply = bytearray()
        self._over = threading.Event()

    def await_hang_up(self) -> None:
        """Waits until promptd closes the connection that carries this call."""
        if not self._over.wait(LONGEST_WAIT):
            raise AssertionError("promptd did not hang up on the upstream")

    def hung_up(self) -> None:
        self._over.set()


class RequestReader:
    """Takes the bytes of one connection apart into requests, and says nothing of their meaning."""

    def __init__(self) -> None:
        self._bytes = b""

    def add(self, more: bytes) -> list[tuple[str, bytes]]:
        """The method and the body of each request that is now complete."""
        self._bytes += more
        found = []
        while (end := self._bytes.find(b"\r\n\r\n")) >= 0:
            lines = self._bytes[:end].decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(":", 1) for line in lines[1:])
            if "transfer-encoding" in headers:
                raise ValueError("the relay reads no chunked requests")
            past = end + 4 + int(headers.get("content-length", "0"))
            if len(self._bytes) < past:
                break
            found.append((lines[0].split(" ")[0], self._bytes[end + 4 : past]))
            self._bytes = self._bytes[past:]
        return found


class CountingRelay:
    """Passes bytes from one Unix socket to another and back, on a thread of its own."""

    def __init__(self, socket: Path, upstream: Path) -> None:
        self._socket, self._upstream = str(socket), str(upstream)
        self._changed = threading.Condition()
        self._calls: list[Call] = []
        self._faults: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._links: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Listens from now on."""
        self._thread.start()
        self._server = self._ask(asyncio.start_unix_server(self._accept, self._socket))

    def stop(self) -> None:
        """Closes every connection; says what the relay itself could not do."""
        self._ask(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._faults:
            raise AssertionError(f"the relay failed: {self._faults}")

    @property
    def calls(self) -> list[Call]:
        """The calls so far."""
        with self._changed:
            return list(self._calls)

    def await_call(self, number: int) -> Call:
        """Waits for the call of this number, counted from 0."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._calls) > number, LONGEST_WAIT):
                raise AssertionError(f"there was no upstream call of number {number}")
            return self._calls[number]

    def _ask(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONGEST_WAIT)

    async def _close(self) -> None:
        self._server.close()
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link is not None
        self._links.add(link)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass
        except Exception as error:  # A relay that breaks must not look like a promptd that does.
            self._faults.append(repr(error))
        finally:
            writer.close()
            self._links.discard(link)

    async def _serve(self, caller: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        upstream, asking = await asyncio.open_unix_connection(self._upstream)
        calls: list[Call] = []
        there = asyncio.create_task(self._pass_on(caller, asking, calls))
        back = asyncio.create_task(self._bring_back(upstream, answer, calls))
        try:
            # Whoever closes first, the other side must see a close as well.
            await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
        finally:
            there.cancel()
            back.cancel()
            ends = await asyncio.gather(there, back, return_exceptions=True)
            asking.close()
        for end in ends:
            if isinstance(end, Exception) and not isinstance(end, ConnectionError):
                raise end

    async def _pass_on(
        self, caller: asyncio.StreamReader, asking: asyncio.StreamWriter, calls: list[Call]
    ) -> None:
        requests = RequestReader()
        try:
            while data := await caller.read(65_536):
                for method, body in requests.add(data):
                    if method == "POST":
                        calls.append(self._count(Call(body)))
                asking.write(data)
                await asking.drain()
        except ConnectionError:
            pass
        # Here promptd itself has closed, or reset: a close by the upstream cancels this task.
        if calls:
            calls[-1].hung_up()

    async def _bring_back(
        self, upstream: asyncio.StreamReader, answer: asyncio.StreamWriter, calls: list[Call]
    ) -> None:
        while data := await upstream.read(65_536):
            if calls:
                calls[-1].reply += data
            answer.write(data)
            await answer.drain()

    def _count(self, call: Call) -> Call:
        with self._changed:
            self._calls.append(call)
            self._changed.notify_all()
        return call
