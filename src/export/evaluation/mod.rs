//! The machine-readable results of `jirei eval`: one CSV or one JSON document, specified in `docs/output.md`.
//!
//! What is counted is decided by [`crate::evaluate`]. Numbers are rounded to six decimals: more than any of them is
//! worth, and few enough that every machine writes the same.

mod csv;
mod json;

pub use csv::write_csv;
pub use json::{About, Prediction, SCHEMA, to_json};

fn rounded(value: f64) -> f64 {
    // Adding zero makes -0 a 0.
    (value * 1e6).round() / 1e6 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::evaluate;
    use crate::evaluate::score::Options;
    use crate::evaluate::tests::pairs;
    use crate::export::fixture::{rulebook, specified};

    #[test]
    fn the_examples_of_the_specification_are_what_is_written() {
        // The worked matrix of `crate::evaluate`.
        let pairs = pairs(&["A A", "AB A", "- B", "B B", "- -"]);
        let rulebook = rulebook();
        let options = Options { min_support: 1, by: Some("都道府県".to_owned()), ..Options::default() };
        let evaluation = evaluate(&pairs, &rulebook, &options).unwrap();
        let mut csv = Vec::new();
        write_csv(&mut csv, &evaluation, &rulebook);
        let shown = String::from_utf8(csv).unwrap().trim_start_matches('\u{feff}').replace("\r\n", "\n");
        assert_eq!(shown, specified("eval --format csv"));
        let width = shown.lines().next().unwrap().split(',').count();
        assert!(shown.lines().all(|line| line.split(',').count() == width));

        let options = Options { by: None, ..options };
        let evaluation = evaluate(&pairs, &rulebook, &options).unwrap();
        let about = About {
            gold: "gold.csv",
            labels: "labels",
            prediction: Prediction::Rules { source: "my-rules", sha256: "6c621d1a…" },
        };
        let json = String::from_utf8(to_json(&about, &pairs, &evaluation, &options, &rulebook)).unwrap();
        assert_eq!(json, specified("eval --format json"));
    }

    #[test]
    fn numbers_are_rounded_and_never_minus_zero() {
        assert_eq!(
            [2.0 / 3.0, -0.000_000_1, 1.0].map(|value| rounded(value).to_string()),
            ["0.666667", "0", "1"]
        );
    }
}
