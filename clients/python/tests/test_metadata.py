import pytest

from bedrock_gateway._metadata import checked, headers


def test_all_that_cannot_be_sent_is_named_at_once_without_its_value() -> None:
    wrong: dict[str, str | bytes] = {
        "Authorization": "Bearer secret-1",
        "x-name": "secret-2\n",
        "x-number": b"secret-3",
        "x-name-bin": "secret-4",
    }

    with pytest.raises(ValueError, match="'Authorization'") as refused:
        checked(wrong)

    assert all(repr(key) in str(refused.value) for key in wrong)
    assert "secret" not in str(refused.value)


def test_what_can_be_sent_is_kept() -> None:
    metadata: dict[str, str | bytes] = {"authorization": "Bearer x", "trace-bin": b"\0\xff"}

    assert checked(metadata) == metadata


def test_headers_have_all_values_in_order_and_nothing_binary() -> None:
    came: list[tuple[str, str | bytes]] = [("a", "1"), ("b-bin", b"\0"), ("a", "2")]

    assert headers(came) == {"a": ("1", "2")}
