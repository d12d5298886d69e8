//! Where in a request a rule is broken, such as `messages[2].content[0].image.mime_type`.
//!
//! A path is a chain of steps on the stack. It becomes text only when it is shown.

use std::fmt;

/// Longest member name of a `Struct` or map that a path shows. Longer ones are the caller's text.
const MAX_SHOWN_MEMBER: usize = 64;

/// A field of the request, as the way from its root.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    /// The request itself.
    Root,
    /// A field of a message.
    Field(&'a Self, &'static str),
    /// An item of a list, counted from 0.
    Index(&'a Self, usize),
    /// A member of a map or a `Struct`. Shown only if it looks like an identifier.
    Member(&'a Self, &'a str),
}

impl<'a> Path<'a> {
    pub(super) const fn field(&'a self, name: &'static str) -> Self {
        Self::Field(self, name)
    }

    pub(super) const fn index(&'a self, index: usize) -> Self {
        Self::Index(self, index)
    }

    pub(super) const fn member(&'a self, name: &'a str) -> Self {
        Self::Member(self, name)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
            Self::Member(parent, name) if is_identifier(name) => write!(f, "{parent}.{name}"),
            Self::Member(parent, _) => write!(f, "{parent}"),
        }
    }
}

fn is_identifier(name: &str) -> bool {
    (1..=MAX_SHOWN_MEMBER).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn path_reads_as_in_a_program() {
        let messages = Path::Root.field("messages");
        let message = messages.index(2);
        let content = message.field("content");
        let block = content.index(0);
        let image = block.field("image");

        let shown = image.field("mime_type").to_string();

        assert_eq!(shown, "messages[2].content[0].image.mime_type");
    }

    #[test]
    fn member_that_is_no_identifier_is_not_shown() {
        let fields = Path::Root.field("request_metadata");

        assert_eq!(fields.member("team").to_string(), "request_metadata.team");
        assert_eq!(fields.member("my secret").to_string(), "request_metadata");
        assert_eq!(
            fields.member(&"a".repeat(65)).to_string(),
            "request_metadata"
        );
    }
}
