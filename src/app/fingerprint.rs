//! What the files of the configuration hold, in a few bytes that can be compared.

use std::fs;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::path::Path;

use tokio::task::spawn_blocking;

use crate::settings::LoadedSettings;
use crate::settings::RegistrySource;

/// The contents of settings file and registry file, or why they cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    /// Of the files that these settings come from and name.
    pub(super) async fn of(settings: &LoadedSettings) -> Self {
        let registry = match &settings.settings.registry.file {
            RegistrySource::File(path) => Some(path.clone()),
            RegistrySource::Embedded => None,
        };
        let files = [settings.file(), registry];
        let hash = spawn_blocking(move || {
            let mut hasher = DefaultHasher::new();
            for file in &files {
                file.hash(&mut hasher);
                file.as_deref().map(content).hash(&mut hasher);
            }
            hasher.finish()
        });
        // Reading cannot panic.
        Self(hash.await.unwrap_or_default())
    }
}

fn content(path: &Path) -> Result<Vec<u8>, Option<i32>> {
    fs::read(path).map_err(|error| error.raw_os_error())
}
