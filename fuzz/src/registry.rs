//! The text of a registry file: a registry that keeps its promises, or problems with their places.

use std::collections::HashSet;

use bedrock_gateway::registry::Problem;
use bedrock_gateway::registry::Registry;

use crate::fixture;
use crate::json::Json;
use crate::text::is_one_line;

/// Reads the input as a registry file.
pub fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    match Registry::parse(text, &fixture::choices()) {
        Ok(registry) => check_registry(&registry),
        Err(errors) => {
            assert!(!errors.problems().is_empty());
            let json = Json::parse(input);
            for problem in errors.problems() {
                check_problem(problem, json.as_ref());
            }
        }
    }
}

fn check_registry(registry: &Registry) {
    let mut names = HashSet::new();
    for model in registry.models() {
        for name in model.aliases.iter().chain([&model.name]) {
            assert!(names.insert(name), "two models are called {name:?}");
            let found = registry.find(name);
            assert!(found.is_some_and(|found| found.name == model.name));
            assert!(registry.removed(name).is_none());
        }
        let limits = &model.limits;
        assert!(limits.default_max_tokens >= 1);
        assert!(limits.default_max_tokens <= limits.max_output_tokens);
        assert!(
            limits.context_window_tokens == 0
                || limits.max_output_tokens <= limits.context_window_tokens
        );
        assert!(!model.target.invocation_id.is_empty());
        assert!(!model.target.base_model_id.is_empty());
        let replacement = model.lifecycle.replacement.as_ref();
        assert!(replacement.is_none_or(|name| registry.find(name).is_some()));
    }
    let in_order = |pair: &[std::sync::Arc<bedrock_gateway::registry::Model>]| {
        (pair[0].priority, &pair[0].name) <= (pair[1].priority, &pair[1].name)
    };
    assert!(registry.models().windows(2).all(in_order));
    for day in ["2020-01-01", "2026-11-25", "9999-12-31"] {
        for warning in registry.warnings(day.parse().unwrap()) {
            assert!(registry.find(&warning.model).is_some());
        }
    }
}

/// A problem is one line, and stands at a place that is there: a value, or a member that its
/// object lacks.
fn check_problem(problem: &Problem, json: Option<&Json>) {
    assert!(!problem.message.is_empty());
    assert!(
        is_one_line(&problem.to_string()),
        "more than one line: {problem:?}"
    );
    let Some(root) = json else {
        return;
    };
    let steps = steps(&problem.path);
    let Some((_, parents)) = steps.split_last() else {
        assert!(
            !matches!(root, Json::Object(_)),
            "a problem without a place: {problem:?}"
        );
        return;
    };
    let mut place = root;
    for step in parents {
        let next = match (step, place) {
            (Step::Member(name), _) => place.member(name),
            (Step::Item(index), Json::Array(items)) => items.get(*index),
            (Step::Item(_), _) => None,
        };
        place = next.unwrap_or_else(|| panic!("no such place: {problem:?}"));
    }
}

enum Step {
    Member(String),
    Item(usize),
}

/// Takes a path such as `modelRegistry["a.b"].aliases[0]` apart.
fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (name, after) = unquoted(quoted);
            steps.push(Step::Member(name));
            rest = after;
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']').unwrap();
            steps.push(Step::Item(index.parse().unwrap()));
            rest = after;
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            steps.push(Step::Member(name[..end].to_owned()));
            rest = &name[end..];
        }
    }
    steps
}

/// The text of a Rust string literal, and what follows its bracket.
fn unquoted(quoted: &str) -> (String, &str) {
    let mut text = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text, quoted[at + 1..].strip_prefix(']').unwrap()),
            '\\' => match letters.next().unwrap().1 {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                '0' => text.push('\0'),
                'u' => {
                    let digits: String = letters
                        .by_ref()
                        .skip(1)
                        .map(|(_, digit)| digit)
                        .take_while(|digit| *digit != '}')
                        .collect();
                    let code = u32::from_str_radix(&digits, 16).unwrap();
                    text.push(char::from_u32(code).unwrap());
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    panic!("a path that does not end: {quoted:?}");
}
