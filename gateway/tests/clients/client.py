"""The wire as Python's `websockets` speaks it: prints how many checks passed, and fails at the first that does not."""

import asyncio
import json
import os
import urllib.request

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

URL = os.environ["HOOKCAST_URL"]
TOKEN = os.environ["HOOKCAST_TEST_TOKEN"]
WS = URL.replace("http", "ws", 1) + "/ws"
passed = 0


def check(holds, what):
    global passed
    if not holds:
        raise SystemExit(f"failed: {what}")
    passed += 1


def post(value):
    """One delivery; answers its outcome."""
    request = urllib.request.Request(f"{URL}/hooks/s", json.dumps({"type": "tick", "value": value}).encode(), {"x-token": "sesame-for-tests"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def client():
    # Compression is offered, as by default, and must be declined.
    return connect(WS, subprotocols=["hookcast.v1"], open_timeout=10, ping_interval=None)


async def say(socket, **message):
    await socket.send(json.dumps(message))


async def hear(socket, kind):
    """The next message of a kind; heartbeats and others are passed over."""
    while True:
        message = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if message["type"] == kind:
            return message


async def welcome(socket):
    await say(socket, type="auth", token=TOKEN)
    return await hear(socket, "welcome")


async def close_code(socket):
    try:
        while True:
            await asyncio.wait_for(socket.recv(), 10)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def live_and_resume():
    async with client() as socket:
        check(socket.subprotocol == "hookcast.v1", "the subprotocol is agreed")
        await welcome(socket)
        await say(socket, type="subscribe", id="a", pattern="s/*")
        begun = await hear(socket, "subscribed")
        await hear(socket, "live")
        answer = await asyncio.to_thread(post, 1)
        message = await hear(socket, "events")
        item = message["events"][0]
        check(answer["outcome"] == "accepted" and item["event"]["data"]["value"] == 1, "an event arrives")
        check(answer["position"].endswith(f":{item['offset']}"), "at the position that the sender was told")
    for value in (2, 3):
        await asyncio.to_thread(post, value)
    async with client() as socket:
        await welcome(socket)
        since = {"position": f"{begun['position'].split(':')[0]}:{item['offset']}"}
        await say(socket, type="subscribe", id="a", pattern="s/tick", since=since)
        values = []
        while len(values) < 2:
            values += [it["event"]["data"]["value"] for it in (await hear(socket, "events"))["events"]]
        check(values == [2, 3], "a position resumes where it was left")


async def frames():
    async with client() as socket:
        await welcome(socket)
        await socket.send(['{"type":', '"pi', 'ng"}'])
        await hear(socket, "pong")
        check(True, "a message in three fragments is one")
        pong = await socket.ping(b"are you there")
        await asyncio.wait_for(pong, 10)
        check(True, "a ping is answered with its payload")
        await socket.close(1000)
        check(socket.protocol.close_rcvd.code == 1000, "a close is answered with its code")


async def ends():
    for first, code in (("hello", 4500), (json.dumps({"type": "auth", "token": "x"}), 4501), (b"\x00", 1003), ("x" * 20_000, 1009)):
        async with client() as socket:
            await socket.send(first)
            check(await close_code(socket) == code, f"{first[:20]!r} ends with {code}")


async def main():
    await live_and_resume()
    await frames()
    await ends()
    print(passed)


asyncio.run(main())
