#!/usr/bin/python3
"""A gpmq client in under 100 lines, written from docs/protocol.md and from nothing else.
client.py URL follow ID... | client.py URL TYPE BODY   (JSON, ids in hex, "" makes one; LOSS=0.3)"""
import hashlib, json, os, random, sys, time
import msgpack, zmq

def uuid(raw, version):
    return raw[:6] + bytes([raw[6] & 0x0F | version << 4, raw[7], raw[8] & 0x3F | 0x80]) + raw[9:]
def new_id():
    return uuid(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10), 7)
def item_id(batch, key):
    return uuid(hashlib.blake2b(batch + key.encode(), digest_size=16).digest(), 8)

class Client:
    """keep(client) decides on each status frame: False loses it. It may also wait or reconnect."""
    def __init__(self, control, keep=lambda client: True, show=lambda frame: None):
        self.url, self.keep, self.show, self.number, self.welcome = control, keep, show, 1, {}
        self.history, self.open, self.hole, self.topics = {}, set(), {}, ()
        self.connect()
        self.welcome = self.ask("hello", v=1, name="client.py")

    def connect(self):
        """Drops both connections and makes new ones; watching again brings what was missed."""
        self.control, self.status = map(zmq.Context.instance().socket, (zmq.DEALER, zmq.SUB))
        for socket, url in (self.control, self.url), (self.status, self.welcome.get("status_url")):
            socket.linger, socket.sndhwm = 1000, 0
            if url:
                socket.connect(url)
        for topic in self.topics:
            self.status.subscribe("gpmq1." + topic)
        self.heard = dict.fromkeys(self.history, 0.0)

    def tell(self, word, req=1, **body):
        self.control.send(msgpack.packb(dict(body, type=word, req=req)))

    def ask(self, word, **body):
        """Asks every second for half a minute."""
        self.number, self.end, again, reply = self.number + 1, time.monotonic() + 30, 0, {}
        while reply.get("req") != self.number or reply.get("retry_after_ms"):
            if time.monotonic() >= again:
                self.tell(word, self.number, **body)
                again = time.monotonic() + 1
            reply = self.pump()
        if reply["type"] == "error":
            raise RuntimeError(f'{word}: {reply["code"]}: {reply["text"]}')
        return reply

    def pump(self):
        """Waits a moment for messages, takes the frames in them, returns the control message."""
        if time.monotonic() > self.end:
            raise TimeoutError(f"no answer from {self.url}, or no end")
        ready = zmq.select([self.control, self.status], [], [], 0.1)[0]
        reply = msgpack.unpackb(self.control.recv()) if self.control in ready else {}
        self.take(*reply.get("frames", ()), *filter(None, [reply.get("frame")]))
        if reply.get("more") and reply["type"] in ("watching", "frames"):
            self.tell("replay", op=reply["op"], **{"from": len(self.history[reply["op"]]) + 1})
        if self.status in ready:
            self.take(*self.status.recv_multipart()[1:] * bool(self.keep(self)))
        return reply

    def take(self, *frames):
        for encoded, frame in [(encoded, msgpack.unpackb(encoded)) for encoded in frames]:
            op, seq, keepalive = frame["op"], frame["seq"], frame["kind"] == "keepalive"
            known = self.history.setdefault(op, [])
            if seq == len(known) + 1 and not keepalive:
                known.append(encoded)
                self.show(frame)
            elif seq > len(known) and (keepalive or self.hole.get(op) != len(known)):
                self.hole[op] = len(known)
                self.tell("replay", op=op, **{"from": len(known) + 1})
            if frame["kind"] == "final" and seq == len(known):
                self.open.discard(op)
                self.tell("ack", ids=[op])
            self.heard[op] = time.monotonic()

    def follow(self, ops, batch=bytes(16), timeout_s=60):
        """All encoded frames of operations, or of a batch with its items, to the final ones."""
        self.end = time.monotonic() + timeout_s
        self.history, self.open = {op: [] for op in ops}, set(ops)
        self.topics = [batch.hex()] if any(batch) else [batch.hex() + op.hex() for op in ops]
        self.connect()
        while self.open:
            silent = time.monotonic() - 3 * self.welcome["keepalive_ms"] / 1000
            for op in [op for op in self.open if self.heard[op] < silent]:
                self.heard[op] = time.monotonic()
                self.tell("watch", watches=[{"op": op, "last_seq": len(self.history[op])}])
            self.pump()
        return self.history

if __name__ == "__main__":
    client = Client(sys.argv[1], lambda client: random.random() >= float(os.environ.get("LOSS", 0)),
                    lambda value: print(json.dumps(value, default=bytes.hex), flush=True))
    from_hex = lambda body: {key: [bytes.fromhex(id) for id in value] if key == "ids" else
                             bytes.fromhex(value) or new_id() if key in ("id", "op", "batch") else
                             value for key, value in body.items()}
    if sys.argv[2] == "follow":
        client.follow([bytes.fromhex(word) for word in sys.argv[3:]])
    else:
        client.show(client.ask(sys.argv[2], **json.loads(sys.argv[3], object_hook=from_hex)))
