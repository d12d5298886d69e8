//! What the documentation shows is so: README.md and the pages of docs/.
//!
//! How a page marks its blocks:
//!
//! - ```` ```sh ```` is pasted into bash and has to succeed, in the order of the page, in a folder of
//!   its own that has the repository's `config`, with the emulator's credentials in the environment.
//!   A gateway in front of an emulator runs while the page is read, on free ports: where the page
//!   writes `127.0.0.1:50051` or `localhost:50051`, that gateway is called, where it writes
//!   `127.0.0.1:8787`, that emulator. `invoke` and plain `models` find the gateway by themselves, as
//!   on the reader's machine; every other command has to say `--address 127.0.0.1:50051`. Commands
//!   that do not end by themselves (`serve`, `emulate`, `demo`) are only parsed.
//!   `cargo run --release --` is `bedrock-gateway`. Lines that begin with `grpcurl` are run by
//!   tests/external.
//! - ```` ```sh aws ```` needs an account, a cluster or a program that not everybody has. Lines of
//!   it that begin with `bedrock-gateway` are parsed, so that each subcommand and flag exists; the
//!   rest is not looked at.
//! - ```` ```console ```` is a session with its outcome. A line that begins with `$ ` is a command,
//!   which goes on behind a `\` at the end; the lines below are all that it prints, standard error
//!   included. `…` stands for any text within a line, alone on a line for any lines. Each session has
//!   an emulator and a gateway of its own, so nothing that an earlier one did is remembered. A session
//!   that starts one of them itself, with `&` at the end, has that one instead, and the lines below
//!   it are looked for in its log, in this order.
//! - Whatever else is shown has another word behind the fence: `text`, `json`, `toml`, `yaml`, …

mod credentials;
mod errors;
mod page;
mod session;

use futures_util::StreamExt as _;
use futures_util::stream;

use page::Page;
use session::Session;

/// How many sessions run at one time.
const AT_ONCE: usize = 2;

#[test]
fn fences_say_what_they_hold() {
    let mut mistakes = Vec::new();
    for page in Page::all() {
        for block in page.blocks() {
            let is_shell = matches!(
                block.language(),
                "" | "bash" | "shell" | "zsh" | "shell-session"
            );
            let is_known = matches!(&*block.info, "sh" | "sh aws" | "console");
            if is_shell || (block.language() == "sh" && !is_known) {
                mistakes.push(format!(
                    "{}: ```{}: write ```sh, ```sh aws or ```console, or what else it is",
                    block.place, block.info
                ));
            }
        }
    }

    assert!(mistakes.is_empty(), "\n{}\n", mistakes.join("\n"));
}

#[test]
fn links_lead_somewhere() {
    let mut mistakes = Vec::new();
    let mut links = 0;
    for page in Page::all() {
        for link in page.links() {
            links += 1;
            mistakes.extend(page.broken(&link));
        }
    }

    assert!(links > 10, "{links} links found");
    assert!(mistakes.is_empty(), "\n{}\n", mistakes.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_work_as_shown() {
    let pages = Page::all().into_iter().map(paste);
    let outcomes: Vec<_> = stream::iter(pages)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;

    let commands: usize = outcomes.iter().map(|outcome| outcome.commands).sum();
    let problems: String = outcomes
        .into_iter()
        .map(|outcome| outcome.problems)
        .collect();
    assert!(commands >= 5, "{commands} commands found");
    assert!(problems.is_empty(), "\n{problems}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_as_shown() {
    let pages = Page::all();
    let blocks = pages.iter().flat_map(Page::blocks);
    let sessions = blocks
        .filter(|block| block.info == "console")
        .map(async |block| {
            let problems = Session::default().play(&block.text).await;
            problems.map(|problem| format!("{}: {problem}\n", block.place))
        });
    let outcomes: Vec<_> = stream::iter(sessions)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;

    let problems: String = outcomes.iter().flatten().map(String::as_str).collect();
    assert!(problems.is_empty(), "\n{problems}");
}

/// What became of the `sh` blocks of a page.
#[derive(Default)]
struct Outcome {
    commands: usize,
    problems: String,
}

async fn paste(page: Page) -> Outcome {
    let mut outcome = Outcome::default();
    let mut session = Session::default();
    for block in page.blocks() {
        let commands = match &*block.info {
            "sh" => session.script(&block.text),
            "sh aws" => session.parse_only(&block.text),
            _ => continue,
        };
        outcome.commands += commands.len();
        if let Err(problem) = session.run_script(&commands).await {
            outcome.problems += &format!("{}: {problem}\n", block.place);
        }
    }
    outcome
}
