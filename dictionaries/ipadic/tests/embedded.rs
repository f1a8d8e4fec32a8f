//! What the rest of the program relies on: the pinned dictionary, whole, decoded right and used in place.

use lindera_dictionary::dictionary::Dictionary;

fn dictionary() -> Dictionary {
    jirei_ipadic::load().expect("the embedded dictionary loads")
}

/// The detail fields of every entry spelled `surface`, comma-separated.
fn entries(dictionary: &Dictionary, surface: &str) -> Vec<String> {
    dictionary
        .prefix_dictionary
        .find_surface_iter(surface)
        .map(|entry| dictionary.word_details(entry.word_id().id() as usize).join(","))
        .collect()
}

#[test]
fn every_source_row_is_an_entry() {
    let dictionary = dictionary();
    // `cat *.csv | wc -l` over the sources.
    assert_eq!(dictionary.prefix_dictionary.word_count(), 392_127);
    let matrix = &dictionary.connection_cost_matrix;
    // The first line of `matrix.def`.
    assert_eq!((matrix.forward_size, matrix.backward_size), (1316, 1316));
}

#[test]
fn the_cost_matrix_is_not_copied() {
    assert!(dictionary().connection_cost_matrix.is_zero_copy());
}

#[test]
fn euc_jp_sources_are_decoded() {
    assert_eq!(entries(&dictionary(), "表示"), ["名詞,サ変接続,*,*,*,*,表示,ヒョウジ,ヒョージ"]);
}

/// U+2212 in this conjugation type would mean that something other than the WHATWG table decoded the sources.
#[test]
fn the_dash_of_suru_conjugation_is_a_fullwidth_hyphen() {
    let found = entries(&dictionary(), "関する");
    assert!(found.iter().any(|fields| fields.contains("サ変・\u{ff0d}スル")), "{found:?}");
}

/// 令和 (Reiwa), the era since 2019, is in Debian's sources and not in the upstream release of 2007.
#[test]
fn debians_additions_are_included() {
    assert!(!entries(&dictionary(), "令和").is_empty());
}

#[test]
fn the_digest_pins_the_built_files() {
    assert_eq!(
        jirei_ipadic::DICTIONARY_SHA256,
        "0537b4fa82604b81305c44ed00201329b6cf46706ec11fd7e21856c424a8d36d"
    );
}

#[test]
fn the_licence_travels_with_the_dictionary() {
    assert!(jirei_ipadic::LICENSE.contains("Nara Institute of Science"));
    assert!(jirei_ipadic::LICENSE.contains("NO WARRANTY"));
}
