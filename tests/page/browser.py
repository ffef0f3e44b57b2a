"""A headless Chromium that is spoken to over pipes, by its DevTools protocol."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
    "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking",
)  # fmt: skip
_PATIENCE = 60


class Browser:
    """One page at a time; what it logs and asks for is kept."""

    def __init__(self, folder):
        told, heard = os.pipe(), os.pipe()

        def place():
            # The protocol lies on descriptors 3 and 4; they are moved away first, since they may be in the way.
            ends = [os.dup(told[0]), os.dup(heard[1])]
            high = [os.dup2(end, 50 + index) for index, end in enumerate(ends)]
            for index, end in enumerate(high):
                os.dup2(end, 3 + index)

        command = [CHROMIUM, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, preexec_fn=place, close_fds=False, stdin=quiet, stdout=quiet, stderr=quiet
        )
        os.close(told[0])
        os.close(heard[1])
        self.told, self.heard, self.rest, self.number, self.events = told[1], heard[0], b"", 0, []
        os.set_blocking(self.heard, False)
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        os.close(self.told)
        os.close(self.heard)
        self.process.terminate()
        self.process.wait(20)

    def call(self, method, **parameters):
        """The answer to a command."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        message |= {"sessionId": self.session} if self.session else {}
        os.write(self.told, json.dumps(message).encode() + b"\0")
        for found in self._messages():
            if found.get("id") == self.number:
                assert "error" not in found, found
                return found["result"]
        raise AssertionError("unreachable")

    def _messages(self):
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            while b"\0" in self.rest:
                one, _, self.rest = self.rest.partition(b"\0")
                found = json.loads(one)
                if "method" in found:
                    self.events.append(found)
                yield found
            try:
                self.rest += os.read(self.heard, 1 << 20)
            except BlockingIOError:
                time.sleep(0.005)
        raise AssertionError(f"no answer in {_PATIENCE} seconds")

    def open(self, path, *, width=1200, height=900, dark=False, media=""):
        """Loads a page, and waits until all of it is there."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        if not any(event["method"] == "Page.loadEventFired" for event in self.events):
            next(found for found in self._messages() if found.get("method") == "Page.loadEventFired")
        self.evaluate("new Promise(done => setTimeout(done, 100))")

    def evaluate(self, script):
        """What an expression of JavaScript gives, as plain values."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key, code):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    @property
    def complaints(self):
        """Errors and warnings of the console, and dialogs."""
        shown = (
            "Log.entryAdded",
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Page.javascriptDialogOpening",
        )
        return [event for event in self.events if event["method"] in shown]

    @property
    def requests(self):
        """The addresses that were asked for."""
        sent = (event for event in self.events if event["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in sent]
