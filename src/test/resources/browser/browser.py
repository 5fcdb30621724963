"""
Drives a real browser, headless: browser.py chromium|firefox [FLAG...]. Takes a line {"tab": NUMBER, "open": URL} or {"tab": NUMBER, "js": EXPRESSION}
at a time from standard input and answers each with a line: what the expression, or the promise that it is, comes to, as JSON. Ends with its input.
Speaks the browser's own protocol (DevTools with Chromium, WebDriver BiDi with Firefox) over WebSocket: there is no driver to keep in step with it.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile

import websockets

SECONDS = 60
COMMON = ["setpriv", "--pdeathsig", "KILL"]


async def awaited(condition):
    """What a condition comes to that holds within the deadline."""
    async with asyncio.timeout(SECONDS):
        while not (found := condition()):
            await asyncio.sleep(0.02)
        return found


def content(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return ""


class Wire:
    """Commands with numbers, and their answers; events are nobody's."""

    def __init__(self, socket):
        self.socket = socket
        self.number = 0

    async def ask(self, method, params, **more):
        self.number += 1
        await self.socket.send(json.dumps({"id": self.number, "method": method, "params": params, **more}))
        async with asyncio.timeout(SECONDS):
            while True:
                answer = json.loads(await self.socket.recv())
                if answer.get("id") == self.number:
                    if "error" in answer:
                        raise RuntimeError(answer)
                    return answer["result"]


class Chromium:
    def __init__(self, profile, flags):
        self.active = os.path.join(profile, "DevToolsActivePort")
        self.command = ["chromium", "--headless=new", "--no-sandbox", "--ignore-certificate-errors", "--disable-dev-shm-usage"]
        self.command += ["--no-first-run", "--disable-gpu", "--disable-background-networking", "--remote-debugging-port=0"]
        self.command += [f"--user-data-dir={profile}", *flags, "about:blank"]

    async def address(self):
        port, path = (await awaited(lambda: content(self.active))).split("\n")[:2]
        return f"ws://127.0.0.1:{port}{path}"

    async def begin(self, wire):
        self.wire = wire

    async def tab(self):
        made = await self.wire.ask("Target.createTarget", {"url": "about:blank"})
        return (await self.wire.ask("Target.attachToTarget", {"targetId": made["targetId"], "flatten": True}))["sessionId"]

    async def open(self, tab, url):
        await self.wire.ask("Page.navigate", {"url": url}, sessionId=tab)

    async def evaluate(self, tab, expression):
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        answer = await self.wire.ask("Runtime.evaluate", asked, sessionId=tab)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer)
        return answer["result"]["value"]


class Firefox:
    def __init__(self, profile, flags):
        self.active = os.path.join(profile, "WebDriverBiDiServer.json")
        self.command = ["firefox-esr", "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", *flags]

    async def address(self):
        found = json.loads(await awaited(lambda: content(self.active)))
        return f"ws://{found['ws_host']}:{found['ws_port']}/session"

    async def begin(self, wire):
        self.wire = wire
        await wire.ask("session.new", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}})

    async def tab(self):
        return (await self.wire.ask("browsingContext.create", {"type": "tab"}))["context"]

    async def open(self, tab, url):
        await self.wire.ask("browsingContext.navigate", {"context": tab, "url": url, "wait": "complete"})

    async def evaluate(self, tab, expression):
        answer = await self.wire.ask("script.evaluate", {"expression": expression, "awaitPromise": True, "target": {"context": tab}})
        if answer["type"] != "success":
            raise RuntimeError(answer)
        return answer["result"]["value"]


async def drive(browser):
    tabs = {}
    async with websockets.connect(await browser.address(), max_size=None) as socket:
        await browser.begin(Wire(socket))
        while line := await asyncio.to_thread(sys.stdin.readline):
            order = json.loads(line)
            tab = order["tab"]
            if tab not in tabs:
                tabs[tab] = await browser.tab()
            if "open" in order:
                await browser.open(tabs[tab], order["open"])
                loaded = f"document.readyState === 'complete' && location.href === {json.dumps(order['open'])}"
                async with asyncio.timeout(SECONDS):
                    while not await browser.evaluate(tabs[tab], loaded):
                        await asyncio.sleep(0.02)
                print("true", flush=True)
            else:
                print(await browser.evaluate(tabs[tab], f"(async () => JSON.stringify(await ({order['js']})))()"), flush=True)


def main():
    kind = {"chromium": Chromium, "firefox": Firefox}[sys.argv[1]]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, open(os.path.join(profile, "log"), "w+") as log:
        browser = kind(profile, sys.argv[2:])
        environment = {**os.environ, "HOME": profile}  # Whatever it keeps besides goes with the profile.
        process = subprocess.Popen(COMMON + browser.command, stdout=log, stderr=log, env=environment)
        try:
            asyncio.run(drive(browser))
        except BaseException:
            log.seek(0)
            print(log.read()[-4000:], file=sys.stderr)
            raise
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


main()
