"""xxHash64, with which Prometheus decides what ``limit_ratio`` keeps.

Source: the xxHash specification (Yann Collet), 64-bit variant with seed 0.
"""

from __future__ import annotations

_MASK = (1 << 64) - 1
_P1 = 0x9E3779B185EBCA87
_P2 = 0xC2B2AE3D27D4EB4F
_P3 = 0x165667B19E3779F9
_P4 = 0x85EBCA77C2B2AE63
_P5 = 0x27D4EB2F165667C5


def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (64 - bits))) & _MASK


def _round(accumulator: int, lane: int) -> int:
    return _rotate((accumulator + lane * _P2) & _MASK, 31) * _P1 & _MASK


def _stripes(data: bytes) -> int:
    lanes = [(_P1 + _P2) & _MASK, _P2, 0, -_P1 & _MASK]
    for start in range(0, len(data) // 32 * 32, 32):
        for lane in range(4):
            offset = start + lane * 8
            lanes[lane] = _round(lanes[lane], int.from_bytes(data[offset : offset + 8], "little"))
    result = sum(_rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
    for lane in lanes:
        result = ((result ^ _round(0, lane)) * _P1 + _P4) & _MASK
    return result


def _tail(result: int, tail: bytes) -> int:
    position = 0
    while position + 8 <= len(tail):
        result ^= _round(0, int.from_bytes(tail[position : position + 8], "little"))
        result = (_rotate(result, 27) * _P1 + _P4) & _MASK
        position += 8
    if position + 4 <= len(tail):
        result ^= int.from_bytes(tail[position : position + 4], "little") * _P1 & _MASK
        result = (_rotate(result, 23) * _P2 + _P3) & _MASK
        position += 4
    for byte in tail[position:]:
        result ^= byte * _P5 & _MASK
        result = _rotate(result, 11) * _P1 & _MASK
    return result


def xxhash64(data: bytes) -> int:
    """64-bit xxHash of some bytes."""
    result = _stripes(data) if len(data) >= 32 else _P5
    result = _tail((result + len(data)) & _MASK, data[len(data) // 32 * 32 :])
    result = (result ^ result >> 33) * _P2 & _MASK
    result = (result ^ result >> 29) * _P3 & _MASK
    return result ^ result >> 32
