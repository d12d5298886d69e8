//! An answer while it is converted: where in it the conversion is, and its own bytes.
//!
//! The SDK's types keep neither the order and spelling of JSON nor the name of a member they do not
//! know, and they make up what a required member lacks. All three are told from the bytes that
//! came, and only where they are needed. The SDK has read the bytes before.

use std::cell::Cell;
use std::cell::OnceCell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::omissions::Omissions;
use super::omissions::Part;

/// Longest name of a member or value that is passed on. Bedrock's longest has 33 letters.
const MAX_NAME: usize = 64;

/// Parts of one answer that are named; more are counted only.
pub(super) const MAX_OMITTED: usize = 50;

/// What the SDK says for a required value of an enumeration that is not there. For a union it says
/// `Unknown`.
///
/// Source: aws-sdk-bedrockruntime 1.153.0, `serde_util.rs`.
const NO_VALUE: &str = "no value was set";

/// One answer, or one event of a stream, while it is converted.
pub(super) struct Reading<'a> {
    /// The registry's name of the model.
    pub(super) model: &'a str,
    bytes: &'a [u8],
    /// The blocks of a whole answer, once they were needed.
    blocks: OnceCell<Vec<Box<RawValue>>>,
    omissions: &'a Omissions,
    omitted: RefCell<Vec<String>>,
    lost_json: Cell<bool>,
}

/// A place in an answer. Its path names what is left out, and finds its bytes.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    reading: &'a Reading<'a>,
    above: Option<&'a Self>,
    step: Step<'a>,
}

/// From one place to the next.
#[derive(Clone, Copy)]
enum Step<'a> {
    /// The answer or event itself.
    Top,
    /// A block of a whole answer.
    Block(usize),
    /// An event about this block.
    EventOf(i32),
    /// A member of an object.
    Member(&'static str),
    /// The same, without a trace in the path.
    Hidden(&'static str),
    /// An entry of a map. Its key is the caller's own word and stays out of the path.
    Key(&'a str),
    /// An item of a list.
    Item(usize),
}

impl<'a> Reading<'a> {
    /// Begins to read an answer or the payload of an event.
    pub(super) fn new(bytes: &'a [u8], model: &'a str, omissions: &'a Omissions) -> Self {
        Self {
            model,
            bytes,
            blocks: OnceCell::new(),
            omissions,
            omitted: RefCell::default(),
            lost_json: Cell::new(false),
        }
    }

    /// The answer or event itself.
    pub(super) fn top(&self) -> Place<'_> {
        self.place(Step::Top)
    }

    /// A block of a whole answer.
    pub(super) fn block(&self, position: usize) -> Place<'_> {
        self.place(Step::Block(position))
    }

    /// An event about this block.
    pub(super) fn event_of(&self, index: i32) -> Place<'_> {
        self.place(Step::EventOf(index))
    }

    /// Leaves a whole event out.
    pub(super) fn leave_out_event(&self, name: Option<&str>) {
        let name = format!("event.{}", known_form(name));
        self.omissions.add(Part::Event, name.clone(), self.model);
        self.list(name);
    }

    /// Whether the JSON of a place could not be found, so that the answer is not whole.
    pub(super) fn has_lost_json(&self) -> bool {
        self.lost_json.get()
    }

    /// What was left out, by place and name.
    pub(super) fn take_omitted(&self) -> Vec<String> {
        self.omitted.take()
    }

    fn place<'p>(&'p self, step: Step<'p>) -> Place<'p> {
        Place {
            reading: self,
            above: None,
            step,
        }
    }

    fn list(&self, name: String) {
        let mut omitted = self.omitted.borrow_mut();
        if omitted.len() < MAX_OMITTED && !omitted.contains(&name) {
            omitted.push(name);
        }
    }

    fn raw_block(&self, position: usize) -> Option<&RawValue> {
        let blocks = self.blocks.get_or_init(|| {
            let answer: Option<Answer> = serde_json::from_slice(self.bytes).ok();
            answer.map_or_else(Vec::new, |answer| answer.output.message.content)
        });
        blocks.get(position).map(Box::as_ref)
    }
}

impl<'a> Place<'a> {
    /// A member of the object here.
    pub(super) fn member(&'a self, name: &'static str) -> Self {
        self.next(Step::Member(name))
    }

    /// A member of the object here that the API has no level for.
    pub(super) fn hidden(&'a self, name: &'static str) -> Self {
        self.next(Step::Hidden(name))
    }

    /// An entry of the map here.
    pub(super) fn key(&'a self, key: &'a str) -> Self {
        self.next(Step::Key(key))
    }

    /// An item of the list here.
    pub(super) fn item(&'a self, position: usize) -> Self {
        self.next(Step::Item(position))
    }

    /// The registry's name of the model.
    pub(super) fn model(&self) -> &str {
        self.reading.model
    }

    /// The JSON here, as it came.
    pub(super) fn json(&self) -> String {
        if let Some(raw) = self.raw() {
            raw.get().to_owned()
        } else {
            self.reading.lost_json.set(true);
            String::new()
        }
    }

    /// Whether the answer has nothing here, whatever the SDK says.
    pub(super) fn is_absent(&self) -> bool {
        let is_null = |raw: &RawValue| raw.get() == "null";
        !self.reading.bytes.is_empty() && self.raw().is_none_or(is_null)
    }

    /// Leaves out the member that the union here holds, if there is a union.
    pub(super) fn leave_out_member(&self) {
        if !self.is_absent() {
            let name = self.raw().and_then(member_of_union);
            self.leave_out(Part::Member, name.as_deref());
        }
    }

    /// Treats the value of the enumeration here, if there is one, as if none was given.
    pub(super) fn leave_out_value(&self, value: &str) {
        if value != NO_VALUE {
            self.leave_out(Part::Value, Some(value));
        }
    }

    fn leave_out(&self, part: Part, name: Option<&str>) {
        let name = known_form(name);
        let omissions = self.reading.omissions;
        omissions.add(part, self.path(false) + "." + name, self.reading.model);
        self.reading.list(self.path(true) + "." + name);
    }

    fn next(&'a self, step: Step<'a>) -> Self {
        Self {
            reading: self.reading,
            above: Some(self),
            step,
        }
    }

    fn path(&self, with_positions: bool) -> String {
        let mut path = self
            .above
            .map_or_else(String::new, |above| above.path(with_positions));
        let position = match self.step {
            Step::Top | Step::Hidden(_) => return path,
            Step::Member(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
                return path;
            }
            Step::Key(_) => {
                path.push_str(".*");
                return path;
            }
            Step::Item(position) | Step::Block(position) => i64::try_from(position).ok(),
            Step::EventOf(index) => Some(index.into()),
        };
        if self.above.is_none() {
            path.push_str("content");
        }
        let _ = match position {
            Some(position) if with_positions => write!(path, "[{position}]"),
            _ => write!(path, "[]"),
        };
        path
    }

    fn raw(&self) -> Option<&'a RawValue> {
        match self.step {
            Step::Top | Step::EventOf(_) => serde_json::from_slice(self.reading.bytes).ok(),
            Step::Block(position) => self.reading.raw_block(position),
            Step::Member(name) | Step::Hidden(name) | Step::Key(name) => {
                let raw = self.above?.raw()?;
                let mut members: BTreeMap<String, &RawValue> =
                    serde_json::from_str(raw.get()).ok()?;
                members.remove(name)
            }
            Step::Item(position) => {
                let raw = self.above?.raw()?;
                let items: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
                items.get(position).copied()
            }
        }
    }
}

/// A value of an enumeration as it came; empty if there is none.
pub(super) fn spelling(value: &str) -> &str {
    if value == NO_VALUE { "" } else { value }
}

/// The one member that a union has, read as the SDK reads it.
fn member_of_union(raw: &RawValue) -> Option<String> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let mut members = members.into_iter();
    let member = members.find(|(name, value)| name != "__type" && value.get() != "null");
    member.map(|(name, _)| name)
}

/// A name of the kind that Bedrock's model has. Anything else might be content.
fn known_form(name: Option<&str>) -> &str {
    let is_name = |name: &&str| {
        (1..=MAX_NAME).contains(&name.len())
            && name
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || b"_-.:".contains(&letter))
    };
    name.filter(is_name).unwrap_or("unnamed")
}

#[derive(Deserialize)]
struct Answer {
    output: Output,
}

#[derive(Deserialize)]
struct Output {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Vec<Box<RawValue>>,
}
