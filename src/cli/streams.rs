//! Standard input, output and error as a command sees them, and what the output is: a terminal of
//! some width, with or without colours, or something that wants plain text.

use std::io;
use std::io::Read;
use std::io::Write;

use anstream::AutoStream;
use anstream::ColorChoice;
use clap::builder::styling::Style;

/// Where a command reads and writes.
pub(super) struct Streams<'a> {
    /// Standard input.
    pub(super) input: &'a mut dyn Read,
    /// What was asked for.
    pub(super) output: &'a mut dyn Write,
    /// What went wrong.
    pub(super) notes: &'a mut dyn Write,
    /// What the output is.
    pub(super) screen: Screen,
}

/// What an output is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Screen {
    /// Characters in a line of the terminal; `None` if it is no terminal.
    pub(super) width: Option<usize>,
    /// Whether it takes colours.
    pub(super) has_colors: bool,
}

impl Screen {
    /// Of standard output. Colours are for terminals, unless `NO_COLOR` is set or `TERM` is dumb.
    pub(super) fn of_stdout() -> Self {
        let stdout = io::stdout();
        let size = terminal_size::terminal_size_of(&stdout);
        Self {
            width: size.map(|(width, _height)| usize::from(width.0)),
            has_colors: AutoStream::choice(&stdout) != ColorChoice::Never,
        }
    }

    /// A text in a style, if colours are taken.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        if self.has_colors && style != Style::new() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::builder::styling::AnsiColor;

    use super::*;

    #[test]
    fn only_screens_with_colors_are_painted() {
        let red = AnsiColor::Red.on_default();
        let colored = Screen {
            width: None,
            has_colors: true,
        };

        assert_eq!(Screen::default().paint(red, "no"), "no");
        assert_eq!(colored.paint(red, "no"), "\u{1b}[31mno\u{1b}[0m");
        assert_eq!(colored.paint(Style::new(), "plain"), "plain");
    }
}
