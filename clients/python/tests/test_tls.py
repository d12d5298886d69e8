from pathlib import Path

import fake
import grpc
import pytest
import trustme
from callers import Connect
from fake import answer, answers

import bedrock_gateway


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def credentials(authority: trustme.CA, *, asks: bool = False) -> grpc.ServerCredentials:
    """Those of a server on `localhost`, which may ask for the client's certificate."""
    issued = authority.issue_cert("localhost")
    chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
    return grpc.ssl_server_credentials(
        [(issued.private_key_pem.bytes(), chain)],
        authority.cert_pem.bytes() if asks else None,
        asks,
    )


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def test_server_is_trusted_by_the_authorities_of_a_file(
    connect: Connect, authority: trustme.CA, ca_file: Path
) -> None:
    with fake.running(credentials(authority)) as server:
        server.behaviours["Invoke"] = answers(answer())

        with connect(f"https://localhost:{server.port}", ca_file=ca_file) as client:
            assert client.invoke("Hi").text == "done"


def test_server_is_trusted_by_the_authorities_of_the_machine(
    connect: Connect, authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    with fake.running(credentials(authority)) as server:
        server.behaviours["Invoke"] = answers(answer())

        with connect(f"https://localhost:{server.port}") as client:
            assert client.invoke("Hi").text == "done"


def test_server_of_an_unknown_authority_is_not_trusted(
    connect: Connect, authority: trustme.CA
) -> None:
    with fake.running(credentials(authority)) as server:
        server.behaviours["Invoke"] = answers(answer())

        with connect(f"https://localhost:{server.port}") as client:
            with pytest.raises(bedrock_gateway.Unavailable):
                client.invoke("Hi", timeout=10)

        assert server.calls == []


def test_client_shows_its_certificate(
    connect: Connect, authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    issued = authority.issue_cert("client.example.com")
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    with fake.running(credentials(authority, asks=True)) as server:
        server.behaviours["Invoke"] = answers(answer())
        address = f"https://localhost:{server.port}"

        with connect(
            address, ca_file=ca_file, certificate_file=certificate, key_file=key
        ) as client:
            assert client.invoke("Hi").text == "done"
        with connect(address, ca_file=ca_file) as client:
            with pytest.raises(bedrock_gateway.Unavailable):
                client.invoke("Hi", timeout=10)


def test_plain_text_does_not_reach_a_server_with_tls(
    connect: Connect, authority: trustme.CA
) -> None:
    with fake.running(credentials(authority)) as server:
        server.behaviours["Invoke"] = answers(answer())

        with connect(f"http://localhost:{server.port}") as client:
            with pytest.raises(bedrock_gateway.Unavailable):
                client.invoke("Hi", timeout=10)

        assert server.calls == []
