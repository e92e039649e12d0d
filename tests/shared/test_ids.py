from uuid import UUID

from shared.ids import uuid7


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [uuid7() for _ in range(5000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_id_is_a_uuid_of_version_7_and_the_rfc_variant() -> None:
    one = uuid7()

    assert one.version == 7
    assert one.variant == "specified in RFC 4122"
    assert UUID(str(one)) == one
