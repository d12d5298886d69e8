import pytest

from bedrock_gateway._address import Address, parse


@pytest.mark.parametrize(
    ("text", "target", "is_tls"),
    [
        ("http://127.0.0.1:50051", "dns:///127.0.0.1:50051", False),
        ("http://gateway.internal:80/", "dns:///gateway.internal:80", False),
        ("http://[::1]:50051", "dns:///[::1]:50051", False),
        ("https://gateway.example.com", "dns:///gateway.example.com:443", True),
        ("https://gateway.example.com:8443", "dns:///gateway.example.com:8443", True),
        ("HTTPS://Gateway.Example.com", "dns:///gateway.example.com:443", True),
    ],
)
def test_scheme_decides_on_tls(text: str, target: str, is_tls: bool) -> None:
    assert parse(text) == Address(target, is_tls)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1:50051",
        "localhost",
        "dns:///gateway:50051",
        "grpc://gateway:50051",
        "http://gateway",
        "http://:50051",
        "http://gateway:0",
        "http://gateway:70000",
        "http://gateway:port",
        "http://gateway:50051/path",
        "https://gateway?query",
        "https://gateway#fragment",
        "https://gate way",
        "http://[::1:50051",
    ],
)
def test_anything_else_is_refused_with_the_forms_that_are_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"http://HOST:PORT.*https://HOST") as refused:
        parse(text)

    assert repr(text) in str(refused.value)


def test_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="user name") as refused:
        parse("https://ada:hunter2@gateway")

    assert "hunter2" not in str(refused.value)
