//! What the documents show is what happens: rule files are accepted, and transcripts are run again.
//!
//! A `toml` block of the guide (docs/rules.md and docs/rules.ja.md, which show the same) is a complete rule file that
//! `check` has nothing to say about. In every document a `console` block is a transcript: it is run in a folder that has the
//! sample corpus, the last `toml` block as `my-rules/80-own.toml`, and the last `csv` block as `my-words.csv`; a fence that names a
//! file (`toml rules.toml`) writes that. A line of `…` in a transcript stands for any number of lines. Links lead to files and
//! headings that are there.

mod common;

use std::fs;
use std::path::Path;

/// The guide in both languages.
const GUIDES: [&str; 2] = ["docs/rules.md", "docs/rules.ja.md"];

/// A fenced block: its language, the file it is (if the fence names one), its line in the document, and its content
/// without the fence's indentation.
struct Block {
    language: String,
    file: Option<String>,
    line: usize,
    content: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let text = fs::read_to_string(common::root().join(document)).expect("the document is there");
    let mut lines = text.lines().enumerate();
    let mut blocks = Vec::new();
    while let Some((at, line)) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else { continue };
        let indent = line.len() - line.trim_start().len();
        let content: Vec<&str> = lines
            .by_ref()
            .map(|(_, line)| line.get(indent.min(line.len())..).unwrap_or(line))
            .take_while(|line| *line != "```")
            .collect();
        blocks.push(Block {
            language: language.split_whitespace().next().unwrap_or_default().to_owned(),
            file: language.split_whitespace().nth(1).map(str::to_owned),
            line: at + 1,
            content: content.join("\n") + "\n",
        });
    }
    blocks
}

#[test]
fn the_guide_shows_the_same_in_both_languages() {
    let [english, japanese] = GUIDES.map(blocks);
    for (ours, theirs) in english.iter().zip(&japanese) {
        let places = format!("{}:{} and {}:{}", GUIDES[0], ours.line, GUIDES[1], theirs.line);
        assert_eq!(ours.language, theirs.language, "{places}");
        assert_eq!(ours.file, theirs.file, "{places}");
        assert_eq!(ours.content, theirs.content, "{places}");
    }
    assert_eq!(english.len(), japanese.len());
    let [english, japanese] = GUIDES.map(|guide| {
        let text = fs::read_to_string(common::root().join(guide)).unwrap();
        text.lines().filter(|line| line.starts_with("## ")).count()
    });
    assert_eq!(english, japanese, "chapters");
}

#[test]
fn rule_files_of_the_guide_are_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let (mut count, mut all) = (0, String::new());
    for block in blocks(GUIDES[0]).iter().filter(|block| block.language == "toml") {
        let name = format!("line-{}.toml", block.line);
        fs::write(dir.path().join(&name), &block.content).unwrap();
        let output = common::jirei(dir.path(), &["check", "--color", "never", "--rules", &name]);
        if !output.status.success() {
            all.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        count += 1;
    }
    assert!(all.is_empty(), "\n{all}");
    assert!(count > 10, "the guide has only {count} rule files; are its fences still read?");
}

#[test]
fn transcripts_of_the_guide_go_as_shown() {
    rerun(GUIDES[0]);
}

#[test]
fn transcripts_of_the_readme_go_as_shown() {
    rerun("README.md");
}

#[test]
fn transcripts_of_the_japanese_readme_go_as_shown() {
    rerun("README.ja.md");
}

fn rerun(document: &str) {
    let dir = tempfile::tempdir().expect("there is room for a folder");
    let dir = dir.path();
    fs::create_dir(dir.join("corpus")).expect("the folder is ours");
    fs::copy(common::root().join("corpus/sample.csv"), dir.join("corpus/sample.csv"))
        .expect("the sample is there");
    let mut differences = String::new();
    for block in blocks(document) {
        if let Some(file) = &block.file {
            fs::write(dir.join(file), &block.content).expect("the folder is ours");
            continue;
        }
        match &*block.language {
            // The first transcript of the READMEs makes the folder.
            "toml" if dir.join("my-rules").is_dir() => {
                fs::write(dir.join("my-rules/80-own.toml"), &block.content).expect("the folder is ours");
            }
            "csv" => fs::write(dir.join("my-words.csv"), &block.content).expect("the folder is ours"),
            "console" => {
                let found = transcript(dir, &block.content);
                if !goes_as_shown(&lines(&block.content), &lines(&found)) {
                    differences.push_str(&format!("{document}:{}\n{found}\n", block.line));
                }
            }
            _ => {}
        }
    }
    assert!(differences.is_empty(), "transcripts that go otherwise now:\n{differences}");
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// Whether `found` is what is shown, `…` standing for any lines.
fn goes_as_shown(shown: &[&str], found: &[&str]) -> bool {
    match (shown, found) {
        ([], []) => true,
        ([first, shown @ ..], _) if first.trim() == "…" => {
            (0..=found.len()).any(|at| goes_as_shown(shown, &found[at..]))
        }
        ([first, shown @ ..], [line, found @ ..]) => first == line && goes_as_shown(shown, found),
        _ => false,
    }
}

/// The transcript as it goes now: every command (`$ jirei …`) of `shown` with what it says.
fn transcript(dir: &Path, shown: &str) -> String {
    let mut found = String::new();
    for line in shown.lines() {
        let Some(command) = line.strip_prefix("$ jirei ") else { continue };
        let output = common::jirei(dir, &arguments(command));
        let said = [output.stdout, output.stderr].concat();
        found.push_str(&format!(
            "{line}\n{}\n",
            String::from_utf8(said).expect("messages are UTF-8").trim_end()
        ));
    }
    found
}

#[test]
fn the_answer_that_the_readme_shows_is_one_of_tagged_jsonl() {
    let sample = common::root().join("corpus/sample.csv");
    let sample = sample.to_str().expect("the path is UTF-8");
    let output = common::jirei_ok(common::root(), &["tag", "-q", sample, "--format", "jsonl", "-o", "-"]);
    let parse = |json: &str| serde_json::from_str::<serde_json::Value>(json).expect("it is JSON");
    let tagged = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let shown: Vec<_> = blocks("README.md")
        .iter()
        .filter(|block| block.language == "json")
        .map(|block| parse(&block.content))
        .collect();
    assert!(!shown.is_empty());
    for shown in shown {
        assert!(tagged.lines().any(|line| parse(line) == shown), "no line of tagged.jsonl is {shown}");
    }
}

/// The documents that people are led through by links.
const DOCUMENTS: [&str; 12] = [
    "README.md",
    "README.ja.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs/accuracy.md",
    "docs/exchange.md",
    "docs/input.md",
    "docs/output.md",
    "docs/quotes.md",
    "docs/rules.ja.md",
    "docs/rules.md",
    "docs/stats.md",
];

/// The lines of a document outside its blocks.
fn prose(document: &Path) -> String {
    let text = fs::read_to_string(document).expect("the document is there");
    text.split("```").step_by(2).collect()
}

/// The names by which the headings of `text` are linked to.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let kept = |c: char| (c.is_alphanumeric() || "-_ ".contains(c)).then_some(if c == ' ' { '-' } else { c });
    headings
        .map(|line| line.trim_start_matches('#').trim().to_lowercase().chars().filter_map(kept).collect())
        .collect()
}

#[test]
fn links_lead_somewhere() {
    for name in DOCUMENTS {
        let document = common::root().join(name);
        let text = prose(&document);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = document.parent().expect("it is in a folder");
            let target = if file.is_empty() { document.clone() } else { folder.join(file) };
            assert!(target.exists(), "{name}: {link} leads nowhere");
            let is_there = || anchors(&prose(&target)).iter().any(|known| known == anchor);
            assert!(anchor.is_empty() || is_there(), "{name}: {link} leads to no heading");
        }
    }
}

/// The arguments of a command line; `'…'` holds one together.
fn arguments(command: &str) -> Vec<&str> {
    let parts = command.split('\'').enumerate();
    parts
        .flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() })
        .collect()
}
