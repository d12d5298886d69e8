use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;
use tempfile::tempdir;

use super::*;
use crate::proto::CountTokensRequest;

/// A script of the shell in a folder of its own.
fn script(text: &str) -> (TempDir, ClientProgram) {
    let folder = tempdir().unwrap();
    let file = folder.path().join("client");
    fs::write(&file, format!("#!/bin/sh\n{text}")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let program = ClientProgram::start(&file, "http://127.0.0.1:1").unwrap();
    (folder, program)
}

async fn call(program: &ClientProgram) -> Result<Reply, String> {
    let request = CountTokensRequest::default();
    program
        .call("CountTokens", &request, Duration::from_secs(1))
        .await
}

#[tokio::test]
async fn replies_find_their_calls_in_any_order() {
    let (_folder, program) = script(
        r#"[ "$GATEWAY_ADDRESS" = http://127.0.0.1:1 ] || exit 3
        read first; read second
        echo '{"id": 2, "response": ""}'; echo '{"id": 1, "response": ""}'
        read end; exit 0"#,
    );

    let (first, second) = tokio::join!(call(&program), call(&program));

    let ids = [first, second].map(|reply| reply.unwrap().id);
    assert!(ids == [1, 2] || ids == [2, 1], "{ids:?}");
    assert_eq!(program.end().await, Ok(()));
}

#[tokio::test]
async fn program_that_ends_too_early_is_told_to_all_who_wait_and_come() {
    let (_folder, program) = script("read first; exit 4");

    let waiting = call(&program).await;
    let coming = call(&program).await;

    assert!(waiting.is_err() && coming.is_err());
    let ended = program.end().await.unwrap_err();
    assert!(ended.contains("exit status: 4"), "{ended}");
}

#[tokio::test]
async fn program_that_writes_something_else_is_told() {
    let (_folder, program) = script("read first; echo 'hello'; cat > /dev/null");

    let problem = call(&program).await.map(drop).unwrap_err();

    assert!(problem.contains("wrote no reply"), "{problem}");
}

#[test]
fn program_that_is_not_there_does_not_start() {
    let started = ClientProgram::start(Path::new("/does/not/exist"), "http://127.0.0.1:1");

    assert!(started.is_err());
}
