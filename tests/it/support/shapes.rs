//! The shapes of Bedrock's API model, and which of their members a JSON value holds.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Written by `tests/data/converse_shapes.py`.
static SHAPES: LazyLock<BTreeMap<String, Map<String, Value>>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/converse-shapes.json")).unwrap()
});

/// A member of a shape, found in a value.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `Shape.member`.
    pub(crate) member: String,
    /// JSON pointer.
    pub(crate) pointer: String,
    /// Members above it, the outermost first.
    pub(crate) above: Vec<String>,
    /// What it holds: a shape's name, `[x]`, `{x}`, a plain type or the values of an enum.
    held: String,
}

/// Every `Shape.member` there is.
pub(crate) fn members() -> BTreeSet<String> {
    SHAPES
        .iter()
        .flat_map(|(shape, members)| members.keys().map(move |name| format!("{shape}.{name}")))
        .collect()
}

/// Every `Shape.member` that a value of a shape can hold.
pub(crate) fn members_below(shape: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![shape];
    while let Some(shape) = left.pop() {
        for (name, held) in &SHAPES[shape] {
            let held = held.as_str().unwrap().trim_matches(['[', ']', '{', '}']);
            if found.insert(format!("{shape}.{name}")) && SHAPES.contains_key(held) {
                left.push(held);
            }
        }
    }
    found
}

/// The values of a member that is an enum.
pub(crate) fn values(shape: &str, member: &str) -> Vec<String> {
    let held = SHAPES[shape][member].as_str().unwrap();
    held.split('|').map(str::to_owned).collect()
}

/// For each member that is an enum: the whole value once with each of the enum's.
pub(crate) fn enum_values(shape: &str, value: &Value) -> Vec<(String, Vec<Value>)> {
    let places = walk(shape, value).0.into_iter();
    let enums = places.filter(|place| place.held.contains('|'));
    enums
        .map(|place| {
            let item = inside(&place.held, '[', ']');
            let each = item.unwrap_or(&place.held).split('|').map(|one| {
                let mut changed = value.clone();
                let one = item.map_or_else(|| json!(one), |_| json!([one]));
                *changed.pointer_mut(&place.pointer).unwrap() = one;
                changed
            });
            (place.member.clone(), each.collect())
        })
        .collect()
}

/// The value once for each of its members that can be another one of the same type.
pub(crate) fn changes(shape: &str, value: &Value) -> Vec<(Place, Value)> {
    let places = walk(shape, value).0.into_iter();
    places
        .filter_map(|place| Some((place.clone(), place.changed_in(value)?)))
        .collect()
}

/// The members in a value of a shape, and those that the shape does not know.
pub(crate) fn walk(shape: &str, value: &Value) -> (Vec<Place>, Vec<String>) {
    let mut walk = Walk::default();
    walk.held(shape, value, "", &[]);
    (walk.places, walk.unknown)
}

#[derive(Default)]
struct Walk {
    places: Vec<Place>,
    unknown: Vec<String>,
}

impl Walk {
    fn held(&mut self, held: &str, value: &Value, pointer: &str, above: &[String]) {
        if let Some(item) = inside(held, '[', ']') {
            for (position, value) in value.as_array().into_iter().flatten().enumerate() {
                self.held(item, value, &format!("{pointer}/{position}"), above);
            }
        } else if let Some(item) = inside(held, '{', '}') {
            for (key, value) in value.as_object().into_iter().flatten() {
                self.held(item, value, &format!("{pointer}/{}", escaped(key)), above);
            }
        } else if let Some(members) = SHAPES.get(held) {
            for (name, value) in value.as_object().into_iter().flatten() {
                self.member(held, name, members.get(name), value, pointer, above);
            }
        }
    }

    fn member(
        &mut self,
        shape: &str,
        name: &str,
        held: Option<&Value>,
        value: &Value,
        pointer: &str,
        above: &[String],
    ) {
        let member = format!("{shape}.{name}");
        let Some(held) = held.and_then(Value::as_str) else {
            self.unknown.push(member);
            return;
        };
        let pointer = format!("{pointer}/{}", escaped(name));
        self.places.push(Place {
            member: member.clone(),
            pointer: pointer.clone(),
            above: above.to_vec(),
            held: held.to_owned(),
        });
        let above: Vec<String> = above.iter().cloned().chain([member]).collect();
        self.held(held, value, &pointer, &above);
    }
}

fn inside(held: &str, open: char, close: char) -> Option<&str> {
    held.strip_prefix(open)?.strip_suffix(close)
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl Place {
    /// The value with something else at this place that the API model allows there; `None` for
    /// members that only hold others.
    fn changed_in(&self, value: &Value) -> Option<Value> {
        let mut changed = value.clone();
        let there = changed.pointer_mut(&self.pointer)?;
        if let Some(other) = other(&self.held, there) {
            *there = other;
            return Some(changed);
        }
        let (parent, name) = self.pointer.rsplit_once('/')?;
        let parent = changed.pointer_mut(parent)?.as_object_mut()?;
        if let Some(members) = SHAPES.get(&self.held) {
            let (shape, _) = self.member.split_once('.')?;
            let sibling = members.is_empty().then(|| empty_sibling(shape, name))??;
            *parent = Map::from_iter([(sibling, json!({}))]);
            return Some(changed);
        }
        if inside(&self.held, '[', ']').is_some() || inside(&self.held, '{', '}').is_some() {
            return None;
        }
        // The only value of its enum: it is there or it is not.
        parent.remove(name);
        Some(changed)
    }
}

/// Another value of the same type, if it is a plain one.
fn other(held: &str, value: &Value) -> Option<Value> {
    if let Some(item) = inside(held, '[', ']') {
        let first = value.as_array()?.first()?;
        return Some(json!([other(item, first)?]));
    }
    if SHAPES.contains_key(held) || inside(held, '{', '}').is_some() {
        return None;
    }
    Some(match held {
        "blob" => json!("Y2hhbmdlZA=="),
        "boolean" => json!(!value.as_bool()?),
        "document" => json!({"changed": true}),
        "integer" | "long" => json!(value.as_i64()? + 1),
        "float" | "double" => json!(value.as_f64()? + 0.25),
        "string" => json!(format!("{} changed", value.as_str()?)),
        values => json!(values.split('|').find(|other| *value != **other)?),
    })
}

/// A member of a union that holds as little as this one.
fn empty_sibling(union: &str, name: &str) -> Option<String> {
    let is_empty = |held: &Value| SHAPES.get(held.as_str()?).map(Map::is_empty);
    SHAPES[union]
        .iter()
        .find(|(other, held)| *other != name && is_empty(held) == Some(true))
        .map(|(other, _)| other.clone())
}
