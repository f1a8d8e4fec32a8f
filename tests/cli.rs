//! The command line, case by case: `cli/*.md` hold commands, exit statuses and everything they print, with the files
//! they work on in the folders `.in` beside them. `TRYCMD=overwrite cargo test --test cli` writes what is printed now.

#[test]
fn commands_do_and_say_what_is_written() {
    // Help is wrapped to the terminal's width.
    trycmd::TestCases::new().env("COLUMNS", "100").case("tests/cli/*.md");
}
