//! `jirei watch`, run as a person would: rules are saved, and what changed appears.

mod common;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any machine needs for a turn.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watch under way; it ends with the test.
struct Watch {
    child: Child,
    said: Receiver<Vec<u8>>,
    text: String,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Watch {
    fn start(dir: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_jirei"))
            .args(["watch", "--color", "never"])
            .args(arguments)
            .current_dir(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program is built");
        let mut stdout = child.stdout.take().expect("it is piped");
        let (send, said) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut buffer) {
                if send.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Watch { child, said, text: String::new() }
    }

    /// What is said until the next line.
    fn turn(&mut self) -> String {
        let begun = Instant::now();
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((turn, rest)) = text.split_once("────────────────────\n")
            {
                self.text = rest.to_owned();
                return turn.to_owned();
            }
            let left = PATIENCE.checked_sub(begun.elapsed()).expect("a turn comes in time");
            bytes.extend(self.said.recv_timeout(left).expect("the program goes on"));
        }
    }
}

fn rules(condition: &str) -> String {
    format!(
        "[[category]]\nid = 'crowd'\nname = '混雑'\nrule = '''{condition}'''\nok = ['受付が混む']\nng = ['道が空く']\n"
    )
}

#[test]
fn words_saved_in_the_user_dictionary_change_the_tags() {
    let dir = tempfile::tempdir().unwrap();
    let words = |rows: &str| {
        fs::write(dir.path().join("words.csv"), format!("表記,原形,品詞,読み\n{rows}")).unwrap();
    };
    fs::write(dir.path().join("answers.csv"), "id,text\n1,受付が混む\n2,画面ロックした\n").unwrap();
    fs::write(dir.path().join("a.toml"), rules("near(受付, 混む) または ロック")).unwrap();
    words("");
    let mut watch =
        Watch::start(dir.path(), &["answers.csv", "--rules", "a.toml", "--user-dictionary", "words.csv"]);
    assert!(watch.turn().contains("ここから見張ります"));

    words("画面ロック,画面ロック,サ変,ガメンロック\n");
    let changed = watch.turn();
    assert!(
        changed.contains("  - 2 text\n    画面【ロック】した\n    旧 crowd/2（a.toml:4）: ロック"),
        "{changed}"
    );

    words("画面ロック,画面ロック,五段,ガメンロック\n");
    let broken = watch.turn();
    assert!(broken.contains("エラー: ") && broken.contains("直し方: "), "{broken}");

    words("");
    assert!(watch.turn().contains("  + 2 text\n"));
}

#[test]
fn every_save_shows_what_changed_since_the_last_good_rules() {
    let dir = tempfile::tempdir().unwrap();
    let save = |text: &str| {
        // As editors do: beside, then renamed.
        fs::write(dir.path().join("rules/.new"), text).unwrap();
        fs::rename(dir.path().join("rules/.new"), dir.path().join("rules/a.toml")).unwrap();
    };
    fs::create_dir(dir.path().join("rules")).unwrap();
    fs::write(
        dir.path().join("answers.csv"),
        "id,text,labels\n1,受付が混むので困る,混雑\n2,待合室に行列ができた,混雑\n3,道が混む,\n",
    )
    .unwrap();
    save(&rules("near(受付, 混む)"));
    let mut watch = Watch::start(dir.path(), &["answers.csv", "--rules", "rules", "--labels", "labels"]);

    let first = watch.turn();
    assert!(first.starts_with("rules ← answers.csv 3 件\nエラー 0 件、警告 0 件。例 2 件が合格"), "{first}");
    assert!(first.contains("ここから見張ります"), "{first}");

    save(&rules("near(受付, 混む) または 行列"));
    let gained = watch.turn();
    assert!(gained.contains("見張り始めてから: 1 件の記述"), "{gained}");
    assert!(gained.contains("  + 2 text 正しい\n    待合室に【行列】ができた"), "{gained}");

    save(&rules("near(受付, 混む または 行列"));
    let broken = watch.turn();
    assert!(broken.contains("エラー[E009]") && broken.contains("エラーが直ったら"), "{broken}");

    save(&rules("混む または 行列"));
    let mended = watch.turn();
    // Against the last rules that could be used, not against those with the error.
    assert!(mended.contains("  + 3 text 誤り\n    道が【混む】"), "{mended}");
    assert!(!mended.contains("+ 2 text") && mended.contains("見張り始めてから: 2 件の記述"), "{mended}");

    save(&rules("混雑する"));
    let failing = watch.turn();
    assert!(failing.contains("エラー[E101]") && failing.contains("  - 1 text 誤り"), "{failing}");

    fs::remove_file(dir.path().join("rules/a.toml")).unwrap();
    assert!(watch.turn().contains("ルール（.toml）が 1 つもありません"));
    save(&rules("混雑する"));
    assert!(watch.turn().contains("どれも変わりません"));
}
