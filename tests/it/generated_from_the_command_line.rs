//! Completions and manual pages: made from the definitions of the commands, and complete.

use std::collections::BTreeSet;
use std::fs;
use std::process::Output;
use std::process::Stdio;

use tokio::process::Command;

use crate::support::process::command;
use crate::support::soon;

async fn run(arguments: &[&str]) -> Output {
    soon(command(arguments).output()).await.unwrap()
}

async fn text(arguments: &[&str]) -> String {
    let output = run(arguments).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// All commands, as words behind the program's name, read off the help texts.
async fn commands() -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut index = 0;
    while let Some(command) = found.get(index).cloned() {
        let help = help(&command).await;
        let section = help.split("\nCommands:\n").nth(1).unwrap_or_default();
        let lines = section.lines().take_while(|line| line.starts_with("  "));
        let names = lines.filter_map(|line| {
            let is_name = line.starts_with("  ") && !line.starts_with("   ");
            is_name.then(|| line.split_whitespace().next())?
        });
        for name in names.filter(|name| *name != "help") {
            found.push([&command[..], &[name.to_owned()]].concat());
        }
        index += 1;
    }
    found
}

async fn help(command: &[String]) -> String {
    let command = command.iter().map(String::as_str);
    let arguments: Vec<&str> = command.chain(["-h"]).collect();
    text(&arguments).await
}

/// The long flags in a help text.
fn flags(help: &str) -> BTreeSet<String> {
    // Examples have flags of other programs.
    let options = help.split("\nExample").next().unwrap_or_default();
    let options = options.lines().map(str::trim_start);
    let options = options.filter(|line| line.starts_with('-'));
    let flags = options.filter_map(|line| {
        let flag = line
            .split_whitespace()
            .find(|word| word.starts_with("--"))?;
        let end = |c: char| c != '-' && !c.is_ascii_alphanumeric();
        flag.split(end).next().map(str::to_owned)
    });
    flags.collect()
}

/// What bash offers behind these words.
async fn completed(words: &[&str]) -> BTreeSet<String> {
    let script = text(&["completions", "bash"]).await;
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let ask = format!(
        "{script}\nspec=$(complete -p bedrock-gateway); name=${{spec##*-F }}; name=${{name%% *}}\n\
         COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         $name bedrock-gateway \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.join(" ")
    );
    let bash = Command::new("bash")
        .args(["--norc", "-c", &ask])
        .stdin(Stdio::null())
        .output();
    let output = soon(bash).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn bash_completes_commands_subcommands_flags_and_choices() {
    let commands = completed(&["bedrock-gateway", ""]).await;
    let begun = completed(&["bedrock-gateway", "models", "val"]).await;
    let flags = completed(&["bedrock-gateway", "models", "validate", "--str"]).await;
    let shells = completed(&["bedrock-gateway", "completions", ""]).await;
    let formats = completed(&["bedrock-gateway", "iam-policy", "--format", ""]).await;
    let settings = completed(&["bedrock-gateway", "serve", "--log-format", ""]).await;

    for command in ["serve", "invoke", "models", "completions", "man"] {
        assert!(commands.contains(command), "{commands:?}");
    }
    assert_eq!(begun.into_iter().collect::<Vec<_>>(), ["validate"]);
    assert_eq!(flags.into_iter().collect::<Vec<_>>(), ["--strict"]);
    assert!(shells.contains("powershell"), "{shells:?}");
    assert!(formats.contains("terraform"), "{formats:?}");
    assert_eq!(settings.into_iter().collect::<Vec<_>>(), ["json", "text"]);
}

#[tokio::test]
async fn every_shell_gets_every_command_and_flag() {
    let commands = commands().await;
    assert!(commands.len() > 10, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = text(&["completions", shell]).await;

        for command in &commands {
            for word in command {
                assert!(script.contains(word), "{shell}: {word}");
            }
            for flag in flags(&help(command).await) {
                // fish writes `-l flag`.
                let is_there = script.contains(flag.trim_start_matches('-'));
                assert!(is_there, "{shell}: {command:?} {flag}");
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_shell_is_refused_with_those_there_are() {
    let output = run(&["completions", "tcsh"]).await;

    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        message.contains("bash, elvish, fish, powershell, zsh"),
        "{message}"
    );
}

#[tokio::test]
async fn there_is_a_page_for_every_command_with_every_flag() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("man1");

    text(&["man", "--output-dir", folder.to_str().unwrap()]).await;

    let commands = commands().await;
    assert_eq!(fs::read_dir(&folder).unwrap().count(), commands.len());
    for command in commands {
        let name = [&["bedrock-gateway".to_owned()], &command[..]].concat();
        let page = fs::read_to_string(folder.join(format!("{}.1", name.join("-")))).unwrap();
        assert_is_page(&page);
        // Hyphens are escaped, so that they can be copied.
        let page = page.replace("\\-", "-");
        assert!(page.contains(&name.join(" ")), "{page}");
        let help = help(&command).await;
        for flag in flags(&help) {
            assert!(page.contains(&flag), "{command:?}: {flag}");
        }
        let subcommands = help.split("\nCommands:\n").nth(1).unwrap_or_default();
        for line in subcommands
            .lines()
            .take_while(|line| line.starts_with("  "))
        {
            let word = line.split_whitespace().next().unwrap();
            let is_name = !line.starts_with("   ") && word != "help";
            let subpage = format!("{}-{word}(1)", name.join("-"));
            assert!(
                !is_name || page.contains(&subpage),
                "{command:?}: {subpage}"
            );
        }
    }
}

/// Whether this is a manual page: a title, the sections that belong there in their order, and no
/// request that `man` does not know.
#[track_caller]
fn assert_is_page(page: &str) {
    let requests: Vec<&str> = page.lines().filter(|line| line.starts_with('.')).collect();
    let known = [
        ".TH", ".SH", ".SS", ".TP", ".RE", ".RS", ".IP", ".br", ".PP", ".ie", ".el", ".nh", ".hy",
    ];
    for request in &requests {
        let name = request.split_whitespace().next().unwrap();
        assert!(known.contains(&name), "{request}");
    }
    let titles = requests.iter().filter(|line| line.starts_with(".TH "));
    assert_eq!(titles.count(), 1);
    let sections: Vec<&str> = requests
        .iter()
        .filter_map(|line| line.strip_prefix(".SH "))
        .collect();
    assert_eq!(sections[..3], ["NAME", "SYNOPSIS", "DESCRIPTION"]);
    let opened = requests
        .iter()
        .filter(|line| line.starts_with(".RS"))
        .count();
    let closed = requests.iter().filter(|line| **line == ".RE").count();
    assert_eq!(opened, closed);
}

#[tokio::test]
async fn one_page_is_printed() {
    let program = text(&["man"]).await;
    let show = text(&["man", "models", "show"]).await;
    let unknown = run(&["man", "models", "shwo"]).await;
    let nobody = run(&["man", "nope"]).await;

    assert_is_page(&program);
    assert!(
        program.contains("bedrock\\-gateway\\-models(1)"),
        "{program}"
    );
    assert!(show.contains(".TH bedrock-gateway-models-show 1"), "{show}");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&nobody.stderr)
            .starts_with("error: bedrock-gateway has no subcommand \"nope\"; there are "),
        "{nobody:?}"
    );
    assert!(
        String::from_utf8_lossy(&unknown.stderr).contains("there are list, show, validate, diff"),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn pages_that_cannot_be_written_are_named() {
    let output = run(&["man", "--output-dir", "/dev/null/man1"]).await;

    assert!(!output.status.success());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("/dev/null/man1"),
        "{output:?}"
    );
}
