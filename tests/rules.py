"""What docs/protocol.md promises of every history: one function that says what a history breaks."""
import msgpack

FIVE = ("progress_numerator", "progress_denominator", "hr_status", "result", "status_msgs")
ENDS = ("succeeded", "failed", "cancelled", "cancelled_unconfirmed", "expired", "dead")


def hresult(code):
    """The i32 of an HRESULT as it is written in the document."""
    return code - (1 << 32) if code & 0x80000000 else code


HR_OF_END = {"succeeded": 0, "cancelled": hresult(0x800704C7), "expired": hresult(0x800705B4),
             "cancelled_unconfirmed": hresult(0x800704C7), "dead": hresult(0x8007042B)}


def of_frame(frame):
    """What one frame breaks, whatever came before it."""
    final = frame["kind"] == "final"
    numerator, denominator = frame["progress_numerator"], frame["progress_denominator"]
    yield from (f"{key} is missing" for key in FIVE if key not in frame)
    if not 0 <= numerator <= denominator or denominator < 1:
        yield f"progress is {numerator} of {denominator}"
    if final != (numerator == denominator):
        yield f"{numerator} of {denominator} in a frame of kind {frame['kind']}"
    if final != (frame["result"] is not None):
        yield f"a {frame['kind']} frame with the result {frame['result']}"
    if final != (frame["state"] in ENDS):
        yield f"a {frame['kind']} frame in the state {frame['state']}"
    if frame["status_msgs"] == []:
        yield "an empty list of messages instead of nil"
    yield from of_statuses(frame) if final else ()
    if not final and frame["state"] != "retry_wait" and frame["hr_status"] != 0:
        yield f"{frame['state']} with hr_status {frame['hr_status']}"


def of_statuses(final):
    """Both statuses of a final frame against the table of section 8."""
    state, status, overall = final["state"], final["hr_status"], final["result"]["overall_status"]
    if status != HR_OF_END.get(state, status) or overall != HR_OF_END.get(state, overall):
        yield f"{state} with hr_status {status} and overall_status {overall}"
    if state == "failed" and 0 in (status, overall):
        yield f"failed with hr_status {status} and overall_status {overall}"


def of_pair(before, frame):
    """What a frame breaks, given the one before it."""
    if before["kind"] == "final":
        yield "a frame after the final one"
    if frame["seq"] != before["seq"] + 1:
        yield f"seq {frame['seq']} after {before['seq']}"
    if frame["op"] != before["op"] or frame.get("batch") != before.get("batch"):
        yield "another operation"
    if frame["fence"] < before["fence"]:
        yield f"the fence falls from {before['fence']} to {frame['fence']}"
    falls = frame["progress_numerator"] < before["progress_numerator"]
    if falls and frame["fence"] == before["fence"]:
        yield f"the numerator falls from {before['progress_numerator']}"


def broken(encoded_frames):
    """All that a whole history breaks, as lines; none: it is as the document says."""
    frames = [msgpack.unpackb(encoded) for encoded in encoded_frames]
    lines = [] if frames and frames[0]["seq"] == 1 else ["it does not begin with seq 1"]
    if frames and frames[-1]["kind"] != "final":
        lines.append("it has no final frame")
    for frame in frames:
        lines += [f"seq {frame['seq']}: {line}" for line in of_frame(frame)]
    for before, frame in zip(frames, frames[1:]):
        lines += [f"seq {frame['seq']}: {line}" for line in of_pair(before, frame)]
    return lines
