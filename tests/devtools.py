"""A headless Chromium and its DevTools protocol, over a pair of pipes: no port, no driver, no package."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-quic",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--disable-breakpad", "--remote-debugging-pipe",
]


def chromium():
    """The browser's path, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One browser with a profile of its own; use it with `with`."""

    def __init__(self, timeout_s=60):
        self.timeout_s = timeout_s
        self.profile = tempfile.mkdtemp(prefix="gpmq-chromium-")
        self.number = 0
        self.buffer = b""
        self.events = []

    def __enter__(self):
        to_browser, self.write_fd = os.pipe()
        self.read_fd, from_browser = os.pipe()

        def descriptors():  # the browser reads commands from 3 and writes answers to 4
            to, answers = os.dup(to_browser), os.dup(from_browser)
            os.dup2(to, 3)
            os.dup2(answers, 4)

        self.process = subprocess.Popen(
            [chromium(), *FLAGS, "--user-data-dir=" + self.profile, "about:blank"],
            preexec_fn=descriptors, pass_fds=(3, 4), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.profile})
        os.close(to_browser)
        os.close(from_browser)
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
        except (OSError, RuntimeError):
            self.process.kill()
        os.close(self.write_fd)
        os.close(self.read_fd)
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _read(self, until):
        """The next message; None when the time is over."""
        while b"\0" not in self.buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.read_fd], [], [], left)[0]:
                return None
            piece = os.read(self.read_fd, 1 << 20)
            if not piece:
                raise RuntimeError("the browser has ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **params):
        """One command and its answer; events that come meanwhile are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_fd, data):]
        until = time.monotonic() + self.timeout_s
        while True:
            answer = self._read(until)
            if answer is None:
                raise RuntimeError(f"{method}: no answer in {self.timeout_s} s")
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method, session):
        """The first event of that name."""
        until = time.monotonic() + self.timeout_s
        while True:
            for i, event in enumerate(self.events):
                if event.get("method") == method and event.get("sessionId") == session:
                    return self.events.pop(i)["params"]
            event = self._read(until)
            if event is None:
                raise RuntimeError(f"{method} did not come in {self.timeout_s} s")
            self.events.append(event)

    def page(self):
        return Page(self)


class Page:
    """A tab. What it says, asks for and complains of is collected."""

    def __init__(self, browser):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=1360, height=900, deviceScaleFactor=1, mobile=False)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)

    def look(self, scheme="light", media="", width=1360):
        """The reader's colour scheme, screen or print, and how wide the window is."""
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)

    def scripts(self, run):
        self.call("Emulation.setScriptExecutionDisabled", value=not run)

    def open(self, path, anchor=""):
        """Leaves what the tab had, and what it said, behind."""
        self.browser.events = [e for e in self.browser.events if e.get("sessionId") != self.session]
        self.call("Page.navigate", url="file://" + path + anchor)
        self.browser.wait_for("Page.loadEventFired", self.session)

    def evaluate(self, expression):
        """The value of an expression, or of what it promises."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:600])
        return answer["result"].get("value")

    def complaints(self, own):
        """What a page that only shows itself never causes: errors, dialogs, requests but for `own`."""
        found = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            method, params = event["method"], event["params"]
            if method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded",
                          "Page.javascriptDialogOpening"):
                found.append(f"{method}: {json.dumps(params)[:400]}")
            elif method == "Network.requestWillBeSent" and params["request"]["url"].split("#")[0] != own:
                found.append("a request for " + params["request"]["url"][:200])
        return found

    def screenshot(self, path, full=True, limit=6000):
        """A picture of the page, at most `limit` pixels high."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize" if full else "cssVisualViewport"]
        clip = {"x": 0, "y": 0, "width": size.get("width") or size["clientWidth"],
                "height": min(limit, size.get("height") or size["clientHeight"]), "scale": 1}
        extra = {"clip": clip, "captureBeyondViewport": True} if full else {}
        data = self.call("Page.captureScreenshot", format="png", **extra)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self, path):
        data = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
