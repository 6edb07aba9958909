"""The one-time login of a demo: new at each start, readable by its owner only."""

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from ..knowledge import open_state
from ..web import token as tokens
from ..web.password import hash_password

ADMIN = "admin"
TOKEN_NAME = "demo"  # noqa: S105 # its name, not itself
TOKEN_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Credentials:
    url: str
    username: str
    password: str
    token: str


def renew_credentials(state_file: Path, url: str) -> Credentials:
    """Give the admin a new password and replace the demo's token; those of the last start stop working."""
    made = Credentials(url, ADMIN, secrets.token_urlsafe(12), tokens.mint())
    now = time.time()
    store = open_state(state_file)
    try:
        store.save_user(ADMIN, "admin", hash_password(made.password), now)
        store.save_token(TOKEN_NAME, "admin", tokens.digest(made.token), now + TOKEN_SECONDS, now)
    finally:
        store.close()
    return made


def write_credentials(path: Path, credentials: Credentials) -> None:
    """Replace the file; it is never readable by others, not even for a moment."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(credentials), file, indent=1)
    draft.replace(path)
