//! The rules built into the program, so that it needs nothing beside it.

use std::sync::Arc;

use crate::diagnostic::SourceFile;

macro_rules! rule_files {
    ($($name:literal),* $(,)?) => {
        /// Name and content of every shipped rule file, by name.
        pub const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../rules/", $name)))),*];
    };
}

rule_files![
    "00-variants.toml",
    "10-eligibility.toml",
    "20-display.toml",
    "30-devices.toml",
    "40-patients.toml",
    "50-consequences.toml",
    "60-opinions.toml",
    "70-subjects.toml",
    "90-cases.toml",
];

/// The shipped files as rule sources; their names begin with `rules/`.
pub fn sources() -> Vec<Arc<SourceFile>> {
    let source =
        |&(name, text): &(&str, &str)| SourceFile { name: format!("rules/{name}"), text: text.to_owned() };
    FILES.iter().map(|file| Arc::new(source(file))).collect()
}

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn every_rule_file_is_built_in() {
        let mut on_disk: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".toml"))
            .collect();
        on_disk.sort();
        assert_eq!(on_disk, FILES.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    }
}
