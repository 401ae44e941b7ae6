"""Chromium by its DevTools protocol over a pipe: no driver and no package are needed for it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # in containers there is no other way; the page is our own file
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--hide-scrollbars",
)


def find_chromium():
    """Path of a Chromium on this machine, or None."""
    chosen = os.environ.get("PAXSIM_CHROMIUM")
    return chosen or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page in a browser of its own; `events` holds everything the browser told."""

    def __init__(self, profile):
        to_browser, our_end = os.pipe()
        their_end, from_browser = os.pipe()

        def connect():
            # Chromium reads commands from descriptor 3 and writes to 4.
            first, second = os.dup(to_browser), os.dup(from_browser)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [find_chromium(), *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=connect,
            close_fds=False,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._write, self._read = os.fdopen(our_end, "wb"), os.fdopen(their_end, "rb")
        self._number, self._rest, self.events = 0, b"", []
        self._session = None
        target = next(
            info for info in self.send("Target.getTargets")["targetInfos"] if info["type"] == "page"
        )
        attached = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._write.write(json.dumps(message).encode() + b"\0")
        self._write.flush()
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self.events.append(answer)

    def _next(self):
        while b"\0" not in self._rest:
            part = os.read(self._read.fileno(), 1 << 20)
            assert part, "the browser went away"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def open(self, path, width, *, height=900):
        """Open a file at a width in CSS pixels, and wait until it is there."""
        self.events.clear()
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.send("Page.navigate", url=Path(path).resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def run(self, script):
        """Value of an expression in the page."""
        found = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def complaints(self):
        """Whatever the page wrote to the console or threw."""
        return [
            event
            for event in self.events
            if event.get("method")
            in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        ]

    def requests(self):
        """Addresses that the page asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def picture(self, target):
        """Write a PNG of the whole page."""
        found = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        Path(target).write_bytes(base64.b64decode(found["data"]))

    def print(self, target):
        """Write a PDF of the page as it is printed."""
        found = self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        Path(target).write_bytes(base64.b64decode(found["data"]))

    def close(self):
        try:
            self.send("Browser.close")
        except (AssertionError, OSError):
            self.process.kill()
        self._write.close()
        self._read.close()
        self.process.wait(timeout=20)
