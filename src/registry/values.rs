//! Single values of a registry file: names, ids, regions, dates, amounts, and what each allows.

use jiff::civil::Date;

use crate::registry::file::Decimal;
use crate::registry::file::Placed;
use crate::registry::node::Node;

/// A guard against slips of the pen, far above any price.
const MOST_DOLLARS: i64 = 1_000_000;
const NANOS_PER_DOLLAR: i64 = 1_000_000_000;
const MOST_TIMEOUT_MS: i64 = 3_600_000;

pub(super) fn list<'a, T>(
    node: &Node<'a>,
    read: impl Fn(&Node<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    Some(node.array()?.iter().filter_map(read).collect())
}

pub(super) fn names(node: &Node<'_>) -> Option<Vec<Placed<String>>> {
    list(node, |node| {
        Some(Placed {
            path: node.path.clone(),
            value: name(node)?,
        })
    })
}

pub(super) fn name(node: &Node<'_>) -> Option<String> {
    let name = node.text()?;
    check_name(node, &name);
    Some(name)
}

/// The API promises names of this form; see `Model.name`.
pub(super) fn check_name(node: &Node<'_>, name: &str) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '-');
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !begins_well || name.len() > 128 || !name.chars().all(allowed) {
        node.wrong(format!(
            "{name:?} is not a name; must be 1 to 128 of a-z A-Z 0-9 . _ : -, first a letter or digit"
        ));
    }
}

pub(super) fn model_id(node: &Node<'_>) -> Option<String> {
    let id = node.text()?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '-');
    if id.is_empty() || id.len() > 2048 || !id.chars().all(allowed) {
        node.wrong(format!(
            "{id:?} is not a model id; must be 1 to 2048 of a-z A-Z 0-9 . _ : / -"
        ));
        return None;
    }
    Some(id)
}

pub(super) fn filled_text(node: &Node<'_>) -> Option<String> {
    let text = node.text()?;
    if text.trim().is_empty() {
        node.wrong("is blank; must have text");
        return None;
    }
    Some(text)
}

/// How many there may be of something, at least one.
pub(super) fn count(node: &Node<'_>) -> Option<u32> {
    // The API counts in 32 bits with a sign.
    u32::try_from(node.integer(1, i64::from(i32::MAX))?).ok()
}

/// A time limit in milliseconds, at most an hour.
pub(super) fn timeout_ms(node: &Node<'_>) -> Option<u32> {
    u32::try_from(node.integer(1, MOST_TIMEOUT_MS)?).ok()
}

pub(super) fn regions(node: &Node<'_>) -> Option<Vec<String>> {
    list(node, |node| {
        let region = node.text()?;
        if is_region(&region) {
            return Some(region);
        }
        node.wrong(format!(
            "{region:?} is not an AWS region; must be like us-east-1"
        ));
        None
    })
}

/// Whether this has the form of an AWS region: two letters, words, a number.
pub(super) fn is_region(text: &str) -> bool {
    let Some((rest, number)) = text.rsplit_once('-') else {
        return false;
    };
    let mut words = rest.split('-');
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    matches!(number.len(), 1 | 2)
        && number.bytes().all(|b| b.is_ascii_digit())
        && words
            .next()
            .is_some_and(|geo| geo.len() == 2 && is_word(geo))
        && rest.contains('-')
        && words.all(is_word)
}

pub(super) fn date(node: &Node<'_>) -> Option<Date> {
    let text = node.text()?;
    // The parser also knows other spellings; the format has one.
    match text.parse() {
        Ok(date) if text.len() == "2026-11-22".len() => Some(date),
        _ => {
            node.wrong(format!(
                "{text:?} is not a date; must be a day like 2026-11-22"
            ));
            None
        }
    }
}

pub(super) fn choice<T: Copy>(node: &Node<'_>, choices: &[(&str, T)]) -> Option<T> {
    let text = node.text()?;
    let chosen = choices.iter().find(|(name, _)| *name == text);
    if chosen.is_none() {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        node.wrong(format!("{text:?} is unknown; must be {}", names.join(", ")));
    }
    chosen.map(|(_, value)| *value)
}

/// A list of words, each once.
pub(super) fn choices<T: Copy + PartialEq>(
    node: &Node<'_>,
    choices: &[(&str, T)],
) -> Option<Vec<T>> {
    let mut chosen = Vec::new();
    for node in node.array()? {
        match choice(&node, choices) {
            Some(word) if chosen.contains(&word) => node.wrong("is there twice; must be once"),
            Some(word) => chosen.push(word),
            None => {}
        }
    }
    Some(chosen)
}

pub(super) fn decimal(node: &Node<'_>) -> Option<Decimal> {
    let digits = node.digits()?;
    if digits.starts_with('-') {
        node.wrong(format!(
            "is {}; must not be negative",
            digits.escape_debug()
        ));
        return None;
    }
    match nanos(&digits) {
        Some(nanos) if nanos <= MOST_DOLLARS * NANOS_PER_DOLLAR => Some(Decimal { nanos }),
        _ => {
            node.wrong(format!(
                "is {}; must be an amount up to {MOST_DOLLARS} with at most nine decimals",
                digits.escape_debug()
            ));
            None
        }
    }
}

/// The billionths in a decimal number, exactly, or nothing.
fn nanos(digits: &str) -> Option<i64> {
    let (number, exponent) = match digits.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let all = format!("{whole}{fraction}");
    if whole.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mantissa: i64 = all.parse().ok()?;
    let decimals = i32::try_from(fraction.len()).ok()?;
    let shift = exponent.checked_sub(decimals)?.checked_add(9)?;
    let power = 10_i64.checked_pow(shift.unsigned_abs());
    match power {
        _ if mantissa == 0 => Some(0),
        Some(power) if shift >= 0 => mantissa.checked_mul(power),
        Some(power) if mantissa % power == 0 => Some(mantissa / power),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_exact_nanos() {
        for (digits, expected) in [
            ("3", Some(3_000_000_000)),
            ("0.035", Some(35_000_000)),
            ("18.75", Some(18_750_000_000)),
            ("0.000000001", Some(1)),
            ("1.10000000000000", Some(1_100_000_000)),
            ("25e-2", Some(250_000_000)),
            ("1E3", Some(1_000_000_000_000)),
            ("10e-10", Some(1)),
            ("0e-99", Some(0)),
            ("0.0000000001", None),
            ("1e99", None),
            ("1e99999999999", None),
            ("", None),
            (".5", None),
            ("1,5", None),
        ] {
            assert_eq!(nanos(digits), expected, "{digits:?}");
        }
    }

    #[test]
    fn regions_have_two_letters_words_and_a_number() {
        for region in ["us-east-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1"] {
            assert!(is_region(region), "{region}");
        }
        for region in [
            "",
            "us",
            "us-1",
            "useast1",
            "us-east-",
            "US-east-1",
            "us--1",
        ] {
            assert!(!is_region(region), "{region}");
        }
    }
}
