"""What the front is told of calls that go on without their connection."""

import asyncio
import unittest

from terpan_worker import calls
from terpan_worker.asgi_identity import identify
from terpan_worker.bridge import Bridge

ORIGIN = "192.0.2.7 4711 http h 80 -"


def request(told):
    return {
        **{"type": "http", "path": "/", "method": "GET", "query_string": b"", "http_version": "1.1", "scheme": "http"},
        "headers": [(b"x-terpan-origin", told.encode())],
    }


class Sent(list):
    async def __call__(self, message):
        self.append(message.get("body", message["type"]))


async def receive():
    return {"type": "http.disconnect"}


class Asked(unittest.TestCase):
    def test_a_question_is_answered_when_the_call_of_that_name_has_ended(self):
        seen = []

        async def run():
            go = asyncio.Event()

            async def application(scope, receive, send):
                seen.append(scope["headers"])
                await go.wait()

            for name in ("7-1", "7-2"):
                go.clear()
                callable_ = identify(application, "", print)
                call = asyncio.ensure_future(callable_(request(ORIGIN + " @" + name), receive, Sent()))
                while len(seen) < int(name[2:]):
                    await asyncio.sleep(0)
                answer, other = Sent(), Sent()
                question = asyncio.ensure_future(callable_(request(f"ended {name} http - - -"), receive, answer))
                await callable_(request("ended 7-9 http - - -"), receive, other)
                self.assertEqual(["http.response.start", b""], other)
                while b"." not in answer:
                    await asyncio.sleep(0.01)
                self.assertFalse(question.done())
                if name == "7-1":
                    go.set()
                else:
                    call.cancel()
                await question
                self.assertEqual(b"", answer[-1])
                await asyncio.wait([call])

        asyncio.run(run())
        self.assertEqual([[], []], seen)

    def test_the_bridge_answers_it_too_and_takes_the_name_away(self):
        seen = []

        def application(environ, start_response):
            seen.append(environ["HTTP_X_TERPAN_ORIGIN"])
            start_response("204 No Content", [])
            return []

        async def run():
            bridge = Bridge(application, 1, "test")
            await bridge(request(ORIGIN + " @7-1"), receive, Sent())
            answer = Sent()
            await bridge(request("ended 7-1 http - - -"), receive, answer)
            self.assertEqual(["http.response.start", b""], answer)

        asyncio.run(run())
        self.assertEqual([ORIGIN], seen)


class Stop(unittest.TestCase):
    def test_the_lifespan_ends_when_no_call_runs(self):
        order = []

        async def application(scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                await send({"type": "lifespan.startup.complete"})
                order.append((await receive())["type"])
                await send({"type": "lifespan.shutdown.complete"})
            else:
                await asyncio.sleep(0.05)
                order.append("call ended")

        async def run():
            events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

            async def lifespan():
                return events.pop(0)

            callable_ = identify(application, "", print)
            call = asyncio.ensure_future(callable_(request(ORIGIN), receive, Sent()))
            await asyncio.sleep(0)
            await callable_({"type": "lifespan"}, lifespan, Sent())
            await call

        asyncio.run(run())
        self.assertEqual(["call ended", "lifespan.shutdown"], order)

    def test_without_calls_nothing_is_waited_for(self):
        asyncio.run(calls.Calls().wait_all())
