"""Starts a program, waits for the line that says it is ready, and stops it again."""

import os
import queue
import re
import subprocess
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GATEWAY_BIN = Path(
    os.environ.get("GATEWAY_BIN", ROOT / "target/debug/bedrock-gateway")
).resolve()

START_LIMIT_SECONDS = 30
STOP_LIMIT_SECONDS = 30


def clean_environment(**extra):
    """The environment without what would choose a region, credentials or settings for us."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AWS_", "BEDROCK_"))
    }
    # The SDK's chain must end here and not ask the machine it runs on.
    kept["AWS_EC2_METADATA_DISABLED"] = "true"
    kept["AWS_CONFIG_FILE"] = kept["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    # The models of the registry grow old; these tests must not.
    kept["BEDROCK_GATEWAY_REGISTRY_TRY_RETIRED_MODELS"] = "true"
    return kept | extra


class Program:
    """A running program whose printed lines can be waited for."""

    def __init__(self, command, environment=None, merge_stderr=False):
        self.command = [str(part) for part in command]
        self._log = tempfile.TemporaryFile("w+", errors="replace")
        self._lines = queue.Queue()
        self._seen = []
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=environment if environment is not None else clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merge_stderr else self._log,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, pattern, limit_seconds=START_LIMIT_SECONDS):
        """The match in the first line from now on that `pattern` is found in."""
        while True:
            try:
                line = self._lines.get(timeout=limit_seconds)
            except queue.Empty:
                raise AssertionError(self._told(f"printed no {pattern!r} in time")) from None
            if line is None:
                raise AssertionError(self._told(f"ended without printing {pattern!r}"))
            self._seen.append(line)
            if match := re.search(pattern, line):
                return match

    def _told(self, problem):
        self._log.seek(0)
        return (
            f"{' '.join(self.command)} {problem}\n"
            f"stdout:\n{''.join(self._seen)}\nstderr:\n{self._log.read()[-8000:]}"
        )

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """Ends the program as an orchestrator would; kills it if it does not obey."""
        try:
            # The gateway waits for load balancers; asked again, it does not.
            for _ in range(STOP_LIMIT_SECONDS):
                self.process.terminate()
                try:
                    self.process.wait(1)
                    break
                except subprocess.TimeoutExpired:
                    continue
            else:
                self.process.kill()
                raise AssertionError(self._told("did not stop when told to"))
        finally:
            self.process.wait()
            self._reader.join()
            self.process.stdout.close()
            self._log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Gateway(Program):
    """`bedrock-gateway serve` on a free port, ready for calls."""

    def __init__(self, *flags, environment=None):
        super().__init__(
            [GATEWAY_BIN, "serve", "--listen", "127.0.0.1:0", *flags], environment
        )
        try:
            self.address = self.wait_for(r"gateway listening on (\S+)")[1]
            self.emulator = None
            if "--emulator" in flags:
                self.emulator = self.wait_for(r"emulator listening on (\S+)")[1]
        except AssertionError:
            self.stop()
            raise
