//! The shapes of requests, as the service's API model has them.
//!
//! `shapes.json` is written by `tests/boto3/shapes.py` from the model in botocore, and a test there
//! fails when it is stale. Checking a request against them is the work of `validate`.

use std::collections::HashMap;

use regex_lite::Regex;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;

use crate::emulator::route::Operation;

/// All shapes that requests are made of.
#[derive(Deserialize)]
pub(super) struct Shapes {
    operations: HashMap<String, String>,
    shapes: HashMap<String, Shape>,
}

/// One shape. Others stand in it by name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Shape {
    Structure(Members),
    /// Exactly one member is set.
    Union(Members),
    List {
        member: String,
        #[serde(default)]
        bounds: Bounds,
    },
    Map {
        key: String,
        value: String,
        #[serde(default)]
        bounds: Bounds,
    },
    String {
        #[serde(default, rename = "enum")]
        values: Vec<String>,
        #[serde(default, deserialize_with = "pattern")]
        pattern: Option<Regex>,
        #[serde(default)]
        bounds: Bounds,
    },
    /// Base64 on the wire.
    Blob {
        #[serde(default)]
        bounds: Bounds,
    },
    Integer {
        #[serde(default)]
        bounds: Bounds,
    },
    Float {
        #[serde(default)]
        bounds: Bounds,
    },
    Boolean {},
    /// JSON of any form.
    Document {},
}

/// Members by name, with the names of their shapes.
#[derive(Debug, Deserialize)]
pub(super) struct Members {
    pub(super) members: HashMap<String, String>,
    pub(super) required: Vec<String>,
}

/// Inclusive bounds of a length or a number.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct Bounds {
    #[serde(default)]
    pub(super) min: Option<u32>,
    #[serde(default)]
    pub(super) max: Option<u32>,
}

impl Shapes {
    #[expect(
        clippy::expect_used,
        reason = "the text is a part of the program, and every test reads it"
    )]
    pub(super) fn read() -> Self {
        serde_json::from_str(include_str!("shapes.json")).expect("shapes.json is readable")
    }

    /// The shape of an operation's body; raw bodies have none.
    pub(super) fn of(&self, operation: Operation) -> Option<&Shape> {
        self.named(self.operations.get(operation.name())?)
    }

    pub(super) fn named(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }
}

/// A pattern of the model, which stands for the whole string.
fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    let written = String::deserialize(deserializer)?;
    let compiled = Regex::new(&format!("^(?:{written})$")).map_err(D::Error::custom)?;
    Ok(Some(compiled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_is_named_is_there() {
        let shapes = Shapes::read();

        for (name, shape) in &shapes.shapes {
            let named: Vec<&String> = match shape {
                Shape::Structure(all) | Shape::Union(all) => all.members.values().collect(),
                Shape::List { member, .. } => vec![member],
                Shape::Map { key, value, .. } => vec![key, value],
                Shape::String { .. }
                | Shape::Blob { .. }
                | Shape::Integer { .. }
                | Shape::Float { .. }
                | Shape::Boolean {}
                | Shape::Document {} => Vec::new(),
            };
            for other in named {
                assert!(shapes.named(other).is_some(), "{other} in {name}");
            }
        }
        assert!(shapes.of(Operation::Converse).is_some());
        assert!(shapes.of(Operation::InvokeModel).is_none());
    }
}
