//! What the operator should know about the models of a sound registry.

use std::fmt;

use jiff::civil::Date;

use crate::registry::model::Model;
use crate::registry::object::member_path;

/// Something about one model that the operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Registry name of the model.
    pub model: String,
    /// What it is.
    pub kind: WarningKind,
}

/// What the operator should know about a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WarningKind {
    /// It is marked as deprecated in the file.
    Deprecated {
        /// The file's note; may be empty.
        note: String,
        /// Registry name of the model to use instead, if the file names one.
        replacement: Option<String>,
    },
    /// It is past its end of life.
    PastEndOfLife {
        /// The day it went.
        since: Date,
        /// Registry name of the model to use instead, if the file names one.
        replacement: Option<String>,
    },
    /// It is legacy, and its end is near or not announced.
    Legacy {
        /// The day it became so.
        since: Date,
        /// Days to its end of life, if announced.
        days_left: Option<i32>,
        /// Registry name of the model to use instead, if the file names one.
        replacement: Option<String>,
    },
    /// It cannot be called from the configured region.
    NotOfferedInRegion {
        /// The configured region.
        region: String,
        /// Where it can be called.
        offered: Vec<String>,
    },
    /// It has no prices, so its answers carry no cost.
    NoPrices,
}

impl Warning {
    /// Where in the file it comes from, as a problem would say it.
    pub fn path(&self) -> String {
        let member = |path: String, key: &str| member_path(&path, key);
        let entry = member_path("modelRegistry", &self.model);
        match &self.kind {
            WarningKind::Deprecated { .. } => member(entry, "deprecated"),
            WarningKind::PastEndOfLife { .. } => {
                member(member(entry, "lifecycle"), "endOfLifeDate")
            }
            WarningKind::Legacy { .. } => member(member(entry, "lifecycle"), "legacyDate"),
            WarningKind::NotOfferedInRegion { .. } => member(entry, "regions"),
            WarningKind::NoPrices => entry,
        }
    }
}

impl WarningKind {
    /// A stable name, for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Deprecated { .. } => "DEPRECATED",
            Self::PastEndOfLife { .. } => "PAST_END_OF_LIFE",
            Self::Legacy { .. } => "LEGACY",
            Self::NotOfferedInRegion { .. } => "NOT_OFFERED_IN_REGION",
            Self::NoPrices => "NO_PRICES",
        }
    }
}

/// The warnings of one model, the gravest first.
pub(super) fn warnings_of(
    model: &Model,
    region: &str,
    deprecation_note: Option<&str>,
    today: Date,
) -> Vec<Warning> {
    let mut kinds = Vec::new();
    let lifecycle = &model.lifecycle;
    let replacement = || lifecycle.replacement.clone();
    if lifecycle.deprecated {
        kinds.push(WarningKind::Deprecated {
            note: deprecation_note.unwrap_or_default().to_owned(),
            replacement: replacement(),
        });
    } else if let Some(since) = lifecycle.end_of_life.filter(|end| *end <= today) {
        kinds.push(WarningKind::PastEndOfLife {
            since,
            replacement: replacement(),
        });
    } else if let Some(since) = lifecycle.legacy.filter(|legacy| *legacy <= today) {
        kinds.push(WarningKind::Legacy {
            since,
            days_left: lifecycle.end_of_life.map(|end| (end - today).get_days()),
            replacement: replacement(),
        });
    }
    if !model.is_offered_in(region) {
        kinds.push(WarningKind::NotOfferedInRegion {
            region: region.to_owned(),
            offered: model.regions.clone(),
        });
    }
    if model.prices.is_none() {
        kinds.push(WarningKind::NoPrices);
    }
    let warnings = kinds.into_iter().map(|kind| Warning {
        model: model.name.clone(),
        kind,
    });
    warnings.collect()
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "model {} ", self.model)?;
        match &self.kind {
            WarningKind::Deprecated { note, replacement } => {
                f.write_str("is deprecated")?;
                if !note.is_empty() {
                    write!(f, " ({note})")?;
                }
                write_replacement(f, replacement.as_deref())
            }
            WarningKind::PastEndOfLife { since, replacement } => {
                write!(f, "is past its end of life, {since}")?;
                write_replacement(f, replacement.as_deref())
            }
            WarningKind::Legacy {
                since,
                days_left,
                replacement,
            } => {
                write!(f, "is legacy since {since}")?;
                if let Some(days) = days_left {
                    write!(f, ", {days} days before its end of life")?;
                }
                write_replacement(f, replacement.as_deref())
            }
            WarningKind::NotOfferedInRegion { region, offered } => {
                write!(
                    f,
                    "is not offered in {region}, only in {}",
                    offered.join(", ")
                )
            }
            WarningKind::NoPrices => f.write_str("has no prices: its answers carry no cost"),
        }
    }
}

fn write_replacement(f: &mut fmt::Formatter<'_>, name: Option<&str>) -> fmt::Result {
    name.map_or(Ok(()), |name| write!(f, "; use {name} instead"))
}
