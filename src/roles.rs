//! What attribute columns are about, by their headers: where an answer comes from, from what kind of facility, and in
//! which survey wave.

use crate::comment::Schema;

const PLACES: &[&str] = &["都道府県", "都道府県名", "県", "地域", "prefecture"];
const KINDS: &[&str] = &["区分", "施設区分", "医療機関区分", "施設種別", "種別", "施設", "facility"];
const WAVES: &[&str] = &["調査時期", "調査年月", "調査回", "調査年", "時期", "年度", "wave"];

/// Headers of attribute columns, by what they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// Where an answer comes from: 都道府県.
    pub place: Option<String>,
    /// From what kind of facility: 区分.
    pub kind: Option<String>,
    /// In which survey wave: 調査時期.
    pub wave: Option<String>,
}

impl Roles {
    /// The roles of the attributes of `schema`, as far as their headers tell.
    pub fn of(schema: &Schema) -> Self {
        let recognised = |names: &[&str]| {
            names.iter().find(|name| schema.attribute(name).is_some()).map(|&name| name.to_owned())
        };
        Roles { place: recognised(PLACES), kind: recognised(KINDS), wave: recognised(WAVES) }
    }

    /// These roles, with `wave` for the column of waves if it is given.
    #[must_use]
    pub fn with_wave(self, wave: Option<&str>) -> Self {
        Roles { wave: wave.map(str::to_owned).or(self.wave), ..self }
    }
}
