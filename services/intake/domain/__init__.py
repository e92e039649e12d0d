"""The rules of intake: pure functions over plain values, without I/O, clocks or ids."""
