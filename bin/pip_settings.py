"""Print pip's configured indexes and certificate as `export UV_...` lines: uv reads no pip.conf.

So the portal installs through whatever index this machine is set to; the repository names none.
"""

import ast
import os
import shlex
import subprocess
import sys

# Later wins, as in pip: general, then for `install`, then the environment.
SECTIONS = ("global", "install", ":env:")


def settings() -> dict[str, str]:
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    found: dict[tuple[str, str], str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.partition(".")
        try:
            found[section, name] = str(ast.literal_eval(value))
        except (SyntaxError, ValueError):
            continue
    return {name: value for section in SECTIONS for (where, name), value in found.items() if where == section}


def for_uv(pip: dict[str, str]) -> dict[str, str]:
    words = {name: value.split() for name, value in pip.items()}
    said = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(words.get("extra-index-url", [])),
        # pip takes the best of all indexes, uv the first that knows the name; the hashes decide what is accepted anyway.
        "UV_INDEX_STRATEGY": "unsafe-best-match" if "extra-index-url" in pip else "",
        "UV_FIND_LINKS": ",".join(words.get("find-links", [])),
        "UV_INSECURE_HOST": ",".join(words.get("trusted-host", [])),
        "UV_NO_INDEX": "1" if pip.get("no-index", "").lower() in {"1", "true", "yes", "on"} else "",
        "UV_HTTP_TIMEOUT": pip.get("timeout", pip.get("default-timeout", "")),
        "SSL_CERT_FILE": pip.get("cert", "") or os.environ.get("REQUESTS_CA_BUNDLE", ""),
        "HTTPS_PROXY": pip.get("proxy", ""),
        "HTTP_PROXY": pip.get("proxy", ""),
    }
    return {name: value for name, value in said.items() if value and not os.environ.get(name)}


if __name__ == "__main__":
    for name, value in for_uv(settings()).items():
        print(f"export {name}={shlex.quote(value)}")  # noqa: T201 - the shell evaluates it
