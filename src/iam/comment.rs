//! Text as lines of comments.

/// Columns of a comment, the marks aside.
const WIDTH: usize = 90;

/// The text in lines of `# `, each after `indent`. Whatever it holds cannot leave the comment.
pub(super) fn comment(indent: &str, text: &str) -> String {
    let clean = text.replace(char::is_control, " ");
    let mut lines = String::new();
    let mut line = String::new();
    for word in clean.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&format!("{indent}# {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push_str(&format!("{indent}# {line}\n"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_a_comment() {
        let text = comment("  ", "one\ntwo\r\n} resource \u{2028}three\u{7}\u{85}four");

        assert_eq!(text, "  # one two } resource three four\n");
    }

    #[test]
    fn long_text_is_broken_between_words() {
        let text = comment("", &"word ".repeat(40));

        assert!(text.lines().count() > 1);
        assert!(text.lines().all(|line| line.len() <= WIDTH + 2));
        assert_eq!(text.matches("word").count(), 40);
    }
}
