//! The 47 prefectures in their customary order: the only places that quotes name, and how tables are ordered.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// The prefectures from north to south (JIS X 0401), without 都, 府 and 県.
pub(crate) const PREFECTURES: &[&str] = &[
    "北海道",
    "青森",
    "岩手",
    "宮城",
    "秋田",
    "山形",
    "福島",
    "茨城",
    "栃木",
    "群馬",
    "埼玉",
    "千葉",
    "東京",
    "神奈川",
    "新潟",
    "富山",
    "石川",
    "福井",
    "山梨",
    "長野",
    "岐阜",
    "静岡",
    "愛知",
    "三重",
    "滋賀",
    "京都",
    "大阪",
    "兵庫",
    "奈良",
    "和歌山",
    "鳥取",
    "島根",
    "岡山",
    "広島",
    "山口",
    "徳島",
    "香川",
    "愛媛",
    "高知",
    "福岡",
    "佐賀",
    "長崎",
    "熊本",
    "大分",
    "宮崎",
    "鹿児島",
    "沖縄",
];

/// Bytes of two characters: no two prefectures begin with the same.
const START: usize = 6;

/// The prefectures by how they begin. Every answer that may be quoted comes from somewhere.
static BY_START: LazyLock<FxHashMap<&str, &str>> =
    LazyLock::new(|| PREFECTURES.iter().map(|&name| (&name[..START], name)).collect());

/// The number of a prefecture, if `name` is one.
pub(crate) fn prefecture(name: &str) -> Option<usize> {
    let stem = name.strip_suffix(['都', '府', '県']).unwrap_or(name);
    // 京都 itself ends in 都.
    PREFECTURES.iter().position(|&known| known == name || known == stem)
}

/// The places that a cell names: several are told apart (茨城県・埼玉県), and what lies below a prefecture is left off.
pub(crate) fn of(cell: &str) -> impl Iterator<Item = &str> {
    let names =
        cell.split(['・', '、', ',', '，', '/', '／', ';']).map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| {
        let is_whole = |stem: &&str| {
            let rest = name.strip_prefix(*stem);
            *stem == "北海道" && rest.is_some()
                || rest.is_some_and(|rest| rest.starts_with(['都', '府', '県']))
        };
        let begun = name.get(..START).and_then(|start| BY_START.get(start)).copied();
        let stem = begun.filter(is_whole).map_or(name.len(), str::len);
        let suffix = if name[..stem] == *"北海道" {
            0
        } else {
            name[stem..].chars().next().map_or(0, char::len_utf8)
        };
        &name[..stem + suffix]
    })
}

/// Brings prefectures into their order; other names follow in the order given.
pub(crate) fn sort(places: &mut [String]) {
    places.sort_by_key(|place| prefecture(place).unwrap_or(PREFECTURES.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefectures_are_told_by_their_beginnings() {
        assert_eq!(BY_START.len(), PREFECTURES.len());
    }

    #[test]
    fn cells_name_prefectures() {
        for (cell, expected) in [
            ("静岡県浜松市", vec!["静岡県"]),
            ("茨城県・埼玉県、東京", vec!["茨城県", "埼玉県", "東京"]),
            ("北海道札幌市", vec!["北海道"]),
            ("京都府京都市", vec!["京都府"]),
            ("大阪市", vec!["大阪市"]),
            (" ", vec![]),
        ] {
            assert_eq!(of(cell).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn prefectures_come_from_north_to_south() {
        let mut places = ["関東", "神奈川県", "京都府", "北海道", "愛知", "海外"].map(str::to_owned);
        sort(&mut places);
        assert_eq!(places, ["北海道", "神奈川県", "愛知", "京都府", "関東", "海外"]);
        assert_eq!(prefecture("京都"), prefecture("京都府"));
    }
}
