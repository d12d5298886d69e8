//! Aligned text: tables that fit the screen, and lists of labels with texts that wrap.

use clap::builder::styling::Effects;
use clap::builder::styling::Style;

use crate::cli::streams::Screen;

/// Blanks between two columns.
const GAP: usize = 2;

/// Least room for the text behind a label; on narrower screens the terminal wraps.
const LEAST_TEXT: usize = 20;

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// What stands above it.
    pub(super) heading: &'static str,
    /// Whether it holds numbers, which stand to the right.
    pub(super) is_number: bool,
    /// When it goes if the screen is too narrow: the highest first, 0 never.
    pub(super) goes: u8,
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// One line.
    pub(super) text: String,
    /// Its colour.
    pub(super) style: Style,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self {
            text,
            style: Style::new(),
        }
    }
}

/// A table with headings. On a terminal, columns that find no room are left out and named below it.
pub(super) fn table<const N: usize>(
    columns: &[Column; N],
    rows: &[[Cell; N]],
    screen: Screen,
) -> String {
    let bold = Style::new() | Effects::BOLD;
    let headings = columns.map(|column| Cell {
        text: column.heading.to_owned(),
        style: bold,
    });
    let widths: Vec<usize> = (0..N)
        .map(|index| {
            let cells = rows.iter().chain([&headings]);
            let cells = cells.filter_map(|row| row.get(index));
            cells.map(|cell| length(&cell.text)).max().unwrap_or(0)
        })
        .collect();
    let kept = fitting(columns, &widths, screen.width);

    let mut text = String::new();
    for row in [&headings].into_iter().chain(rows) {
        let mut line = String::new();
        let mut owed = 0;
        for (((cell, column), width), is_kept) in row.iter().zip(columns).zip(&widths).zip(&kept) {
            if !is_kept {
                continue;
            }
            let fill = width.saturating_sub(length(&cell.text));
            let (before, after) = if column.is_number {
                (fill, 0)
            } else {
                (0, fill)
            };
            line.push_str(&" ".repeat(owed + before));
            line.push_str(&screen.paint(cell.style, &cell.text));
            owed = after + GAP;
        }
        text.push_str(&line);
        text.push('\n');
    }
    let left_out = columns.iter().zip(&kept).filter(|(_, is_kept)| !**is_kept);
    let left_out: Vec<&str> = left_out.map(|(column, _)| column.heading).collect();
    if !left_out.is_empty() {
        let note = format!("no room for: {}", left_out.join(", "));
        text.push_str(&screen.paint(Style::new() | Effects::DIMMED, &note));
        text.push('\n');
    }
    text
}

/// Which columns fit the width.
fn fitting(columns: &[Column], widths: &[usize], room: Option<usize>) -> Vec<bool> {
    let mut kept = vec![true; columns.len()];
    let Some(room) = room else { return kept };
    loop {
        let shown = widths.iter().zip(&kept).filter(|(_, is_kept)| **is_kept);
        let total: usize = shown.map(|(width, _)| width + GAP).sum();
        let next = columns
            .iter()
            .zip(kept.iter_mut())
            .filter(|(column, is_kept)| **is_kept && column.goes > 0)
            .max_by_key(|(column, _)| column.goes);
        match next {
            Some((_, is_kept)) if total > room + GAP => *is_kept = false,
            _ => return kept,
        }
    }
}

/// Labels with their texts. On a terminal, long texts wrap behind their label.
pub(super) fn labelled(lines: &[(&str, String)], screen: Screen) -> String {
    let bold = Style::new() | Effects::BOLD;
    let widest = lines.iter().map(|(label, _)| length(label)).max();
    let indent = widest.unwrap_or(0) + GAP;
    let mut text = String::new();
    for (label, value) in lines {
        let fill = " ".repeat(indent - length(label));
        text.push_str(&format!("{}{fill}", screen.paint(bold, label)));
        let room = screen.width.map_or(usize::MAX, |width| {
            width.saturating_sub(indent).max(LEAST_TEXT)
        });
        text.push_str(&wrapped(value, room).join(&format!("\n{}", " ".repeat(indent))));
        text.push('\n');
    }
    text
}

/// The words of a text in lines that have room; a longer word has a line of its own.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column {
            heading: "NAME",
            is_number: false,
            goes: 0,
        },
        Column {
            heading: "SIZE",
            is_number: true,
            goes: 1,
        },
        Column {
            heading: "NOTE",
            is_number: false,
            goes: 2,
        },
    ];

    fn rows() -> [[Cell; 3]; 2] {
        [["a", "1", "first of two"], ["bcdef", "10000", "x"]]
            .map(|row| row.map(|text| text.to_owned().into()))
    }

    fn of_width(width: usize) -> Screen {
        Screen {
            width: Some(width),
            has_colors: false,
        }
    }

    #[test]
    fn columns_align_and_lines_end_with_their_text() {
        assert_eq!(
            table(&COLUMNS, &rows(), Screen::default()),
            "NAME    SIZE  NOTE\na          1  first of two\nbcdef  10000  x\n"
        );
    }

    #[test]
    fn columns_that_find_no_room_are_named() {
        assert_eq!(
            table(&COLUMNS, &rows(), of_width(26)),
            table(&COLUMNS, &rows(), Screen::default())
        );
        assert_eq!(
            table(&COLUMNS, &rows(), of_width(25)),
            "NAME    SIZE\na          1\nbcdef  10000\nno room for: NOTE\n"
        );
        assert_eq!(
            table(&COLUMNS, &rows(), of_width(3)),
            "NAME\na\nbcdef\nno room for: SIZE, NOTE\n"
        );
    }

    #[test]
    fn colors_do_not_disturb_the_alignment() {
        let colored = Screen {
            width: None,
            has_colors: true,
        };

        let text = table(&COLUMNS, &rows(), colored);

        let plain = text.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
        assert_ne!(text, plain);
        assert_eq!(plain, table(&COLUMNS, &rows(), Screen::default()));
    }

    #[test]
    fn texts_wrap_behind_their_label_on_a_terminal_only() {
        let lines = [
            ("a", "one two three four five six".to_owned()),
            ("label", "a_word_that_is_longer_than_the_line b".to_owned()),
        ];

        assert_eq!(
            labelled(&lines, of_width(27)),
            "a      one two three four\n       five six\nlabel  a_word_that_is_longer_than_the_line\n       b\n"
        );
        assert_eq!(labelled(&lines, Screen::default()).lines().count(), 2);
    }
}
