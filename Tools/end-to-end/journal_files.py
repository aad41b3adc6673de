"""A node's segments as they lie on disk, read without the product's help."""
import glob
import struct

from proof import Contradiction
from wire import crc32c

SEGMENT_HEADER_BYTES = 128
BATCH_HEADER_BYTES = 96
BATCH_MAGIC = b"LHJB"
SEAL = 1


class Batch:
    """Where a batch lies, and what its header says."""

    def __init__(self, offset, header):
        self.offset = offset
        self.flags = struct.unpack_from("<H", header, 10)[0]
        self.number = struct.unpack_from("<Q", header, 24)[0]
        self.last_index = struct.unpack_from("<Q", header, 64)[0]
        self.payload_count, self.payload_checksum = struct.unpack_from("<II", header, 88)

    @property
    def length(self):
        return BATCH_HEADER_BYTES + self.payload_count

    @property
    def end(self):
        return self.offset + self.length

    @property
    def is_seal(self):
        return self.flags & SEAL != 0


def segments(directory):
    """The paths of a data directory's segments, by name."""
    return sorted(glob.glob(f"{directory}/journal/*.seg"))


def batches(path):
    """All batches of a segment, each with good checksums, up to the first bytes that are none."""
    found = []
    with open(path, "rb") as file:
        file.seek(SEGMENT_HEADER_BYTES)
        while True:
            offset = file.tell()
            header = file.read(BATCH_HEADER_BYTES)
            if len(header) < BATCH_HEADER_BYTES or header[:4] != BATCH_MAGIC:
                return found
            if crc32c(header[8:]) != struct.unpack_from("<I", header, 4)[0]:
                raise Contradiction(f"{path}: the header at {offset} has a bad checksum")
            batch = Batch(offset, header)
            payload = file.read(batch.payload_count)
            if crc32c(payload) != batch.payload_checksum:
                raise Contradiction(f"{path}: the batch at {offset} has a bad checksum")
            found.append(batch)


def flip(path, offset, bit=0):
    """Turns one bit over."""
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def zero_from(path, offset):
    """Zeros from there to the physical end, whose place stays."""
    with open(path, "r+b") as file:
        file.seek(0, 2)
        size = file.tell()
        file.truncate(offset)
        file.truncate(size)


def cut(path, offset):
    """The file ends there."""
    with open(path, "r+b") as file:
        file.truncate(offset)
