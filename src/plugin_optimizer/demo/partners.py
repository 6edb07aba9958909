"""The firms the back office talks to (bank, archive, catalogue): a server of its own that answers late.

They are no plugins: nobody here can tune them. A line `KIND TEXT` is answered by one line after the time
that kind takes, so whoever asks really waits on a socket.
"""

import asyncio
import math
import random
import sys
from collections.abc import Callable

Delay = Callable[[random.Random], float]

PAYMENT_MEDIAN_SECONDS = 0.122  # with the spread below: 130 ms on average
PAYMENT_SPREAD = 0.35  # standard deviation of the logarithm

DELAYS: dict[str, Delay] = {
    "payment": lambda chance: chance.lognormvariate(math.log(PAYMENT_MEDIAN_SECONDS), PAYMENT_SPREAD),
    "archive": lambda chance: chance.uniform(0.030, 0.046),
    "catalogue": lambda chance: chance.uniform(0.036, 0.044),
    "picture": lambda chance: chance.uniform(0.004, 0.007),
}
LINE_BYTES = 1024


async def serve(host: str, port: int, seed: int) -> None:
    """Answer until cancelled."""
    chance = random.Random(seed)  # noqa: S311 # waiting times, no secrets

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            kind, _, text = (await reader.readline()).decode("utf-8", "replace").strip().partition(" ")
            delay = DELAYS.get(kind)
            if delay is None:
                writer.write(f"unknown kind; known are {', '.join(DELAYS)}\n".encode())
            else:
                await asyncio.sleep(delay(chance))
                writer.write(f"ok {text}\n".encode())
            await writer.drain()
        except (ConnectionError, ValueError):
            pass  # the one who asked went away, or sent a line without end
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, port, limit=LINE_BYTES, backlog=512)
    async with server:
        await server.serve_forever()


def main(arguments: list[str]) -> None:
    """Run with `HOST PORT SEED`."""
    host, port, seed = arguments
    asyncio.run(serve(host, int(port), int(seed)))


if __name__ == "__main__":
    main(sys.argv[1:])
