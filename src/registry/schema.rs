//! The JSON Schema of the registry file, for editors and for checks outside the gateway.

use schemars::generate::SchemaSettings;

use crate::registry::file::RegistryFile;

/// The JSON Schema (draft 2020-12) of the registry file, as indented text.
///
/// It says which members there are and of what type. What must hold between members, such as an
/// ARN that fits its model id, only [`Registry::parse`](crate::registry::Registry::parse) checks.
pub fn json_schema() -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.into_root_schema_for::<RegistryFile>();
    format!("{:#}\n", schema.as_value())
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
