"""Parking: a failing event stops its key only; later events of the key queue behind it until it is resolved."""
