//! Every source of credentials that docs/credentials.md names gives credentials to `serve`, with
//! stand-ins for what AWS offers on a network: STS, SSO, the agents of containers, and IMDS.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use bedrock_gateway::emulator::Credentials;
use bedrock_gateway::emulator::Emulator;
use bedrock_gateway::emulator::Options;
use bedrock_gateway::proto::inference_service_client::InferenceServiceClient;
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::process::Command;

use super::AT_ONCE;
use super::page::Page;
use crate::support::process::Process;
use crate::support::process::command;
use crate::support::prompt;
use crate::support::soon;

/// What the emulator knows, and every source has to give.
const ID: &str = "ASIATEMPORARY0000000";
const SECRET: &str = "secret-of-the-session";
const TOKEN: &str = "token-of-the-session";
const API_KEY: &str = "bedrock-api-key-of-the-test";

/// What proves to a source who asks.
const PROOF: &str = "proof-of-the-pod";

const LONG_FROM_NOW: &str = "2999-01-01T00:00:00Z";

/// The name under which an SSO token of the session `work` is cached: its SHA-1.
const CACHED_TOKEN: &str = ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json";

/// A source as the page names it, and what it needs. `AGENT` stands for the address of the stand-in,
/// `HOME` for a folder.
struct Source {
    name: &'static str,
    variables: &'static [(&'static str, &'static str)],
    files: &'static [(&'static str, &'static str)],
}

const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", ID),
    ("AWS_SECRET_ACCESS_KEY", SECRET),
    ("AWS_SESSION_TOKEN", TOKEN),
];

const PROFILE: &str = "[profile work]\naws_access_key_id = ASIATEMPORARY0000000\n\
     aws_secret_access_key = secret-of-the-session\naws_session_token = token-of-the-session\n";

const SOURCES: &[Source] = &[
    Source {
        name: "AWS_SESSION_TOKEN",
        variables: &KEYS,
        files: &[],
    },
    Source {
        name: "AWS_BEARER_TOKEN_BEDROCK",
        variables: &[("AWS_BEARER_TOKEN_BEDROCK", API_KEY)],
        files: &[],
    },
    Source {
        name: "AWS_PROFILE",
        variables: &[("AWS_PROFILE", "work")],
        files: &[(".aws/config", PROFILE)],
    },
    Source {
        name: "AWS_CONFIG_FILE",
        variables: &[("AWS_PROFILE", "work"), ("AWS_CONFIG_FILE", "HOME/mounted")],
        files: &[("mounted", PROFILE)],
    },
    Source {
        name: "credential_process",
        variables: &[("AWS_PROFILE", "work"), ("PATH", "/usr/bin:/bin")],
        files: &[
            (
                ".aws/config",
                "[profile work]\ncredential_process = cat HOME/keys\n",
            ),
            (
                "keys",
                r#"{"Version": 1, "AccessKeyId": "ASIATEMPORARY0000000", "SecretAccessKey":
                "secret-of-the-session", "SessionToken": "token-of-the-session"}"#,
            ),
        ],
    },
    Source {
        name: "sso_session",
        variables: &[
            ("AWS_PROFILE", "work"),
            ("AWS_ENDPOINT_URL_SSO", "http://AGENT"),
        ],
        files: &[
            (
                ".aws/config",
                "[profile work]\nsso_session = work\nsso_account_id = 111122223333\n\
                 sso_role_name = Gateway\n\n[sso-session work]\nsso_region = us-east-1\n\
                 sso_start_url = https://example.awsapps.com/start\n",
            ),
            (
                CACHED_TOKEN,
                r#"{"accessToken": "proof-of-the-pod", "expiresAt": "2999-01-01T00:00:00Z"}"#,
            ),
        ],
    },
    Source {
        name: "source_profile",
        variables: &[
            ("AWS_PROFILE", "gateway"),
            ("AWS_ENDPOINT_URL_STS", "http://AGENT"),
        ],
        files: &[(
            ".aws/config",
            "[profile gateway]\nrole_arn = arn:aws:iam::111122223333:role/gateway\n\
             source_profile = base\n\n[profile base]\naws_access_key_id = AKIABASE000000000000\n\
             aws_secret_access_key = base\n",
        )],
    },
    Source {
        name: "credential_source",
        variables: &[
            ("AWS_PROFILE", "gateway"),
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "http://AGENT/container",
            ),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", PROOF),
            ("AWS_ENDPOINT_URL_STS", "http://AGENT"),
        ],
        files: &[(
            ".aws/config",
            "[profile gateway]\nrole_arn = arn:aws:iam::111122223333:role/gateway\n\
             credential_source = EcsContainer\n",
        )],
    },
    Source {
        name: "AWS_WEB_IDENTITY_TOKEN_FILE",
        variables: &[
            ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/gateway"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/token"),
            ("AWS_ENDPOINT_URL_STS", "http://AGENT"),
        ],
        files: &[("token", PROOF)],
    },
    Source {
        name: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        variables: &[
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "http://AGENT/container",
            ),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "HOME/token"),
        ],
        files: &[("token", PROOF)],
    },
    Source {
        name: "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        variables: &[
            ("AWS_EC2_METADATA_DISABLED", "false"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://AGENT"),
        ],
        files: &[],
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sources_of_the_page_give_credentials() {
    let page = Page::read("docs/credentials.md").text;
    let emulator = emulator().await;
    let agent = agent().await;

    let tries = SOURCES.iter().map(async |source| {
        assert!(
            page.contains(source.name),
            "{} is not on the page",
            source.name
        );
        let outcome = attempt(source, agent, &emulator).await;
        outcome.map_err(|problem| format!("{}: {problem}\n", source.name))
    });
    let outcomes: Vec<_> = stream::iter(tries)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;

    let problems: String = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(problems.is_empty(), "\n{problems}");
}

async fn emulator() -> Emulator {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = Options {
        registry: vec![include_str!("../../../config/aws-bedrock-models.json").to_owned()],
        credentials: Credentials {
            access_key_id: ID.to_owned(),
            secret_access_key: SECRET.to_owned(),
            session_token: Some(TOKEN.to_owned()),
            bearer_token: Some(API_KEY.to_owned()),
        },
        ..Options::default()
    };
    Emulator::start(listener, options).unwrap()
}

/// One call through a gateway that has this source and no other.
async fn attempt(source: &Source, agent: SocketAddr, emulator: &Emulator) -> Result<(), String> {
    let home = tempfile::tempdir().unwrap();
    let filled = |text: &str| {
        let text = text.replace("HOME", home.path().to_str().unwrap());
        text.replace("AGENT", &agent.to_string())
    };
    for (name, text) in source.files {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, filled(text)).unwrap();
    }
    let mut serve = serve(emulator, home.path());
    for (name, value) in source.variables {
        serve.env(name, filled(value));
    }
    let mut process = Process::start(serve);
    let address = process.line("gateway listening on ").await;
    process.logs(|log| log.contains(": serving ")).await?;
    let client = InferenceServiceClient::connect(format!("http://{address}"));
    let mut client = soon(client).await.unwrap();

    let answer = soon(client.invoke(prompt("Hi"))).await;

    let (_, log) = process.terminate().await;
    match answer {
        Ok(_)
            if [SECRET, TOKEN, API_KEY, PROOF]
                .iter()
                .any(|secret| log.contains(secret)) =>
        {
            Err(format!("the log holds a secret:\n{log}"))
        }
        Ok(_) => Ok(()),
        Err(status) => Err(format!("{}\n{log}", status.message())),
    }
}

fn serve(emulator: &Emulator, home: &Path) -> Command {
    let mut serve = command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--server-drain-delay",
        "0s",
    ]);
    serve
        .args([
            "--bedrock-endpoint",
            &emulator.endpoint_url(),
            "--server-workers",
            "1",
        ])
        .env("HOME", home);
    serve
}

/// Answers as STS, SSO, a container's agent and IMDS do, if the caller proves itself.
async fn agent() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(exchange(stream));
        }
    });
    address
}

/// One request and its answer.
async fn exchange(mut stream: TcpStream) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        let read = stream.read_buf(&mut request).await;
        if read.is_err() || read.is_ok_and(|bytes| bytes == 0) {
            return;
        }
    }
    let request = String::from_utf8(request).unwrap();
    let body = answer(&request);
    let (status, body) = match &body {
        Some(body) => ("200 OK", body.as_str()),
        None => ("403 Forbidden", ""),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.lines().next()?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// The body of the answer; none if the proof is missing.
fn answer(request: &str) -> Option<String> {
    let line = request.lines().next().unwrap_or_default();
    let has_proof = request.contains(PROOF);
    let json = format!(
        r#"{{"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z",
        "AccessKeyId": "{ID}", "SecretAccessKey": "{SECRET}", "Token": "{TOKEN}",
        "Expiration": "{LONG_FROM_NOW}"}}"#
    );
    let sso = format!(
        r#"{{"roleCredentials": {{"accessKeyId": "{ID}", "secretAccessKey": "{SECRET}",
        "sessionToken": "{TOKEN}", "expiration": 32472144000000}}}}"#
    );
    match line {
        "GET /container HTTP/1.1" => has_proof.then_some(json),
        "PUT /latest/api/token HTTP/1.1" => Some(PROOF.to_owned()),
        "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1" => {
            has_proof.then(|| "gateway".to_owned())
        }
        "GET /latest/meta-data/iam/security-credentials/gateway HTTP/1.1" => {
            has_proof.then_some(json)
        }
        line if line.starts_with("GET /federation/credentials?") => has_proof.then_some(sso),
        "POST / HTTP/1.1" if request.contains("Action=AssumeRoleWithWebIdentity&") => {
            has_proof.then(|| sts("AssumeRoleWithWebIdentity"))
        }
        "POST / HTTP/1.1" if request.contains("Action=AssumeRole&") => {
            let signed_by = [
                "Credential=AKIABASE000000000000/",
                &format!("Credential={ID}/"),
            ];
            let is_signed = signed_by
                .iter()
                .any(|credential| request.contains(credential));
            is_signed.then(|| sts("AssumeRole"))
        }
        _ => None,
    }
}

fn sts(action: &str) -> String {
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/gateway/session</Arn>\
         <AssumedRoleId>AROA:session</AssumedRoleId></AssumedRoleUser><Credentials>\
         <AccessKeyId>{ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>\
         <SessionToken>{TOKEN}</SessionToken><Expiration>{LONG_FROM_NOW}</Expiration></Credentials>\
         </{action}Result></{action}Response>"
    )
}
