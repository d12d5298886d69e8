//! What the registry's tests share.

use std::fs;
use std::path::Path;

use jiff::civil::Date;
use jiff::civil::date;

use super::ParseChoices;
use super::Registry;
use crate::settings::ProfileAccount;

pub(super) const TODAY: Date = date(2026, 11, 22);

pub(super) fn choices() -> ParseChoices {
    ParseChoices {
        region: "us-east-1".to_owned(),
        profile_account: ProfileAccount::AsWritten,
    }
}

pub(super) fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

pub(super) fn registry(path: &str) -> Registry {
    Registry::parse(&file(path), &choices()).unwrap()
}
