//! A page of Markdown: its blocks, headings and links.

use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A page of the documentation.
pub(super) struct Page {
    /// Its path from the root of the project.
    name: String,
    /// All of it.
    pub(super) text: String,
}

/// What stands between two fences.
pub(super) struct Block {
    /// Page and line.
    pub(super) place: String,
    /// The words behind the first fence.
    pub(super) info: String,
    pub(super) text: String,
}

impl Block {
    /// The first of those words.
    pub(super) fn language(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or_default()
    }
}

impl Page {
    /// README.md and all pages of docs/.
    pub(super) fn all() -> Vec<Self> {
        let folder = fs::read_dir(Path::new(ROOT).join("docs")).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names
            .filter(|name| name.ends_with(".md"))
            .map(|name| format!("docs/{name}"))
            .collect();
        names.push("README.md".to_owned());
        names.sort();
        names.iter().map(|name| Self::read(name)).collect()
    }

    /// One page.
    pub(super) fn read(name: &str) -> Self {
        let text = fs::read_to_string(Path::new(ROOT).join(name));
        Self {
            name: name.to_owned(),
            text: text.unwrap_or_else(|error| panic!("{name}: {error}")),
        }
    }

    /// Its blocks, in order.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (index, line) in self.text.lines().enumerate() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(info), None) => {
                    open = Some(Block {
                        place: format!("{}:{}", self.name, index + 1),
                        info: info.trim().to_owned(),
                        text: String::new(),
                    });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, Some(block)) => block.text += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: the last fence is open", self.name);
        blocks
    }

    fn lines_of_prose(&self) -> impl Iterator<Item = &str> {
        let mut is_code = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        })
    }

    /// What may stand behind a `#`, as GitHub makes it from headings.
    pub(super) fn anchors(&self) -> Vec<String> {
        let headings = self.lines_of_prose().filter(|line| line.starts_with('#'));
        headings
            .map(|line| anchor(line.trim_start_matches('#').trim()))
            .collect()
    }

    /// Where its links lead that do not leave the project.
    pub(super) fn links(&self) -> Vec<String> {
        let prose: String = self
            .lines_of_prose()
            .flat_map(|line| [line, "\n"])
            .collect();
        let targets = prose
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        let targets = targets.map(str::to_owned);
        targets.filter(|target| !target.contains("://")).collect()
    }

    /// What is wrong with a link of this page.
    pub(super) fn broken(&self, link: &str) -> Option<String> {
        let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
        let folder = Path::new(&self.name).parent().unwrap();
        let path = match path {
            "" => Path::new(&self.name).to_owned(),
            path => folder.join(path),
        };
        if !Path::new(ROOT).join(&path).exists() {
            return Some(format!("{}: {link}: there is no such file", self.name));
        }
        let is_there = anchor.is_empty()
            || Self::read(&path.to_string_lossy())
                .anchors()
                .iter()
                .any(|there| there == anchor);
        (!is_there).then(|| format!("{}: {link}: there is no such heading", self.name))
    }
}

/// Small letters, digits, `_` and `-`; a blank becomes `-`, and all else goes.
fn anchor(heading: &str) -> String {
    let heading = heading.to_lowercase();
    let kept = heading.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter.is_alphanumeric().then_some(letter),
    });
    kept.collect()
}

#[test]
fn anchors_are_those_of_github() {
    assert_eq!(anchor("UPSTREAM_THROTTLED"), "upstream_throttled");
    assert_eq!(anchor("`reply`: what is said"), "reply-what-is-said");
    assert_eq!(anchor("Call it with grpcurl"), "call-it-with-grpcurl");
}
