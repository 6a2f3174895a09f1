"""Just enough of Microsoft's compound file format to look into an old .xls: names of streams, and their bytes.

Source: [MS-CFB], the published structure of the format. Read only; no chain is longer than the file has sectors, so a damaged
file ends in Damaged, and none unfolds to more than it holds.
"""

import struct

COMPOUND_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE = 0xFFFFFFFA  # this and above: no sector
_STREAM, _ROOT = 2, 5


class Damaged(ValueError):
    """The structure of the file contradicts itself."""


class CompoundFile:
    """A compound file in memory. Raises Damaged where its tables do not fit the bytes."""

    def __init__(self, data: bytes) -> None:
        if data[:8] != COMPOUND_MAGIC or len(data) < 512:
            raise Damaged
        self._data = data
        self._size = 1 << struct.unpack_from("<H", data, 30)[0]
        if self._size not in (512, 4096):
            raise Damaged
        self._sectors = len(data) // self._size + 1
        self._fat = self._allocation()
        self._entries = self._directory(struct.unpack_from("<I", data, 48)[0])
        self._mini_cutoff = struct.unpack_from("<I", data, 56)[0]

    def names(self) -> list[str]:
        """Names of all streams and storages."""
        return [name for name, _kind, _start, _length in self._entries]

    def stream(self, *names: str) -> bytes:
        """The bytes of the first stream that has one of `names` (in any case). Raises Damaged if there is none."""
        wanted = [name.lower() for name in names]
        for name, kind, start, length in self._entries:
            if kind == _STREAM and name.lower() in wanted:
                if length >= self._mini_cutoff:
                    return self._chain(start)[:length]
                return self._mini(start, length)
        raise Damaged

    def _sector(self, number: int) -> bytes:
        offset = (number + 1) * self._size
        piece = self._data[offset : offset + self._size]
        if not piece:
            raise Damaged
        return piece

    def _chain(self, start: int) -> bytes:
        pieces, seen, number = [], 0, start
        while number < _FREE:
            seen += 1
            if number >= len(self._fat) or seen > self._sectors:
                raise Damaged
            pieces.append(self._sector(number))
            number = self._fat[number]
        return b"".join(pieces)

    def _allocation(self) -> list[int]:
        first, count = struct.unpack_from("<II", self._data, 68)
        sectors = [number for number in struct.unpack_from("<109I", self._data, 76) if number < _FREE]
        count = min(count, self._sectors)  # as the file says it, which may say anything
        while first < _FREE and count > 0:
            numbers = struct.unpack(f"<{self._size // 4}I", self._sector(first).ljust(self._size, b"\xff"))
            sectors += [number for number in numbers[:-1] if number < _FREE]
            if len(sectors) > self._sectors:
                raise Damaged
            first, count = numbers[-1], count - 1
        table: list[int] = []
        for number in sectors:
            table += struct.unpack(f"<{self._size // 4}I", self._sector(number).ljust(self._size, b"\xff"))
        return table

    def _directory(self, start: int) -> list[tuple[str, int, int, int]]:
        raw, entries = self._chain(start), []
        for offset in range(0, len(raw) - 127, 128):
            length, kind = struct.unpack_from("<HB", raw, offset + 64)
            if kind and 2 <= length <= 64:
                name = raw[offset : offset + length - 2].decode("utf-16-le", "replace")
                begin, size = struct.unpack_from("<II", raw, offset + 116)
                entries.append((name, kind, begin, size))
        return entries

    def _mini(self, start: int, length: int) -> bytes:
        root = next((entry for entry in self._entries if entry[1] == _ROOT), None)
        if root is None:
            raise Damaged
        container = self._chain(root[2])
        raw = self._chain(struct.unpack_from("<I", self._data, 60)[0])
        table = struct.unpack(f"<{len(raw) // 4}I", raw)
        pieces, number = [], start
        while number < _FREE and len(pieces) <= len(table):
            if number >= len(table):
                raise Damaged
            pieces.append(container[number * 64 : number * 64 + 64])
            number = table[number]
        return b"".join(pieces)[:length]
