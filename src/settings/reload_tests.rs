use std::fs;

use super::*;

/// A settings file, and what is in force of it.
struct File {
    folder: tempfile::TempDir,
    loaded: LoadedSettings,
}

impl File {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        fs::write(&path, text).unwrap();
        let flags = Flags {
            file: Some(path),
            ..Flags::default()
        };
        let loaded = LoadedSettings::read(flags, Environment::default()).unwrap();
        Self { folder, loaded }
    }

    fn change(&self, text: &str) -> Result<Reread, SettingsError> {
        fs::write(self.folder.path().join("gateway.toml"), text).unwrap();
        self.loaded.read_again()
    }
}

#[test]
fn live_setting_changes_and_the_others_are_named_and_stay() {
    let file = File::new("[routing]\nmax_retries = 1\n[server]\nworkers = 2\n");

    let reread = file
        .change("[routing]\nmax_retries = 2\n[server]\nworkers = 3\n")
        .unwrap();

    let settings = &reread.loaded.settings;
    assert_eq!(settings.routing.max_retries, 2);
    assert_eq!(settings.server.workers.get(), 2);
    assert_eq!(reread.changed, ["routing.max_retries"]);
    assert_eq!(reread.need_restart, ["server.workers"]);
}

#[test]
fn value_written_in_another_way_is_no_change() {
    let file = File::new("[routing]\nidle_timeout = \"60s\"\nmax_retries = 3\n");

    let reread = file.change("[routing]\nidle_timeout = \"1m\"\n").unwrap();

    assert!(reread.changed.is_empty(), "{:?}", reread.changed);
    assert!(reread.need_restart.is_empty());
}

#[test]
fn setting_that_needs_a_restart_is_named_again_and_again() {
    let file = File::new("");
    let once = file.change("[server]\nreflection = false\n").unwrap();

    let again = once.loaded.read_again().unwrap();

    assert_eq!(again.need_restart, ["server.reflection"]);
    assert!(again.loaded.settings.server.reflection);
}

#[test]
fn file_that_is_wrong_is_refused_with_all_problems() {
    let file = File::new("");

    let problems = file.change("[server]\nworkers = 0\n[routing]\nmax_retriez = 1\n");

    assert_eq!(problems.err().unwrap().problems.len(), 2);
}

#[test]
fn file_that_is_gone_is_refused() {
    let file = File::new("");
    fs::remove_file(file.folder.path().join("gateway.toml")).unwrap();

    assert!(file.loaded.read_again().is_err());
}
