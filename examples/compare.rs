//! Measures `jirei tag` against bare tokenizing; `benches/compare.sh` builds what it needs and runs it.
//!
//! Usage: `compare JIREI BARE_LINDERA answers.csv ROUNDS [THREADS…]`. The two programs take turns, because a machine that does other
//! work too is slower now and faster then: only times measured next to each other compare. What is reported is the
//! median of the rounds, and the lowest and the highest.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often a running program is asked for its memory.
const POLL: Duration = Duration::from_millis(2);

/// Runs for the start-up time: single ones differ by half.
const STARTS: usize = 21;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [jirei, bare, answers, rounds, threads @ ..] = &args[..] else {
        return Err("usage: compare JIREI BARE_LINDERA answers.csv ROUNDS [THREADS…]".into());
    };
    let threads = if threads.is_empty() { &["1".to_owned(), "2".to_owned()] } else { threads };
    let rounds: usize = rounds.parse()?;
    let scratch = std::env::temp_dir().join(format!("jirei-compare-{}", std::process::id()));
    std::fs::create_dir_all(&scratch)?;
    let measured = measure(jirei, bare, answers, rounds, threads, &scratch);
    std::fs::remove_dir_all(&scratch)?;
    measured
}

fn measure(
    jirei: &str,
    bare: &str,
    answers: &str,
    rounds: usize,
    threads: &[String],
    scratch: &Path,
) -> Result<()> {
    startup(jirei, scratch)?;
    println!("{:>2}  {:34}{:>18}  {:>14}  {:>9}", "-j", "", "seconds", "comments/s", "peak RSS");
    for threads in threads {
        let (mut bares, mut tags, mut sets) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            bares.push(Bare::run(bare, answers, threads)?);
            tags.push(Run::of(&mut tag(jirei, answers, threads, &["--format", "jsonl", "-o", "/dev/null"]))?);
            let folder = scratch.join(format!("set-{threads}-{round}"));
            sets.push(Run::of(&mut tag(jirei, answers, threads, &["-o", &folder.display().to_string()]))?);
            std::fs::remove_dir_all(folder)?;
        }
        let texts = bares[0].texts as f64;
        let bare = Spread::of(bares.iter().map(|run| run.seconds));
        println!(
            "{threads:>2}  {:34}{bare:>18}  {:>14.0}",
            "bare lindera, texts in memory",
            texts / bare.median
        );
        for (name, runs) in
            [("tag --format jsonl, whole process", &tags), ("tag -o FOLDER, whole process", &sets)]
        {
            let seconds = Spread::of(runs.iter().map(|run| run.seconds));
            let ratio = Spread::of(runs.iter().zip(&bares).map(|(run, bare)| run.seconds / bare.seconds));
            let peak = runs.iter().map(|run| run.peak_kib).max().unwrap_or(0) / 1024;
            let rate = texts / seconds.median;
            println!("{threads:>2}  {name:34}{seconds:>18}  {rate:>14.0}  {peak:>5} MiB  x{ratio} of bare");
        }
    }
    Ok(())
}

/// The whole process on an input of one line.
fn startup(jirei: &str, scratch: &Path) -> Result<()> {
    let one: PathBuf = scratch.join("one.csv");
    std::fs::write(&one, "id,text\n1,顔認証ができず、暗証番号も忘れていた。\n")?;
    let one = one.display().to_string();
    let run = || Run::of(&mut tag(jirei, &one, "1", &["--format", "jsonl", "-o", "/dev/null"]));
    let runs = (0..STARTS).map(|_| run()).collect::<Result<Vec<Run>>>()?;
    let ms = Spread::of(runs.iter().map(|run| run.seconds * 1000.0));
    println!("one answer, whole process: {ms} ms\n");
    Ok(())
}

fn tag(jirei: &str, answers: &str, threads: &str, rest: &[&str]) -> Command {
    let mut command = Command::new(jirei);
    command.args(["tag", "-q", answers, "-j", threads]).args(rest);
    command
}

/// One run of the yardstick, which times itself.
struct Bare {
    seconds: f64,
    texts: u64,
}

impl Bare {
    fn run(bare: &str, answers: &str, threads: &str) -> Result<Self> {
        let output = Command::new(bare).args([answers, threads]).output()?;
        let printed = String::from_utf8(output.stdout)?;
        let fields: Vec<&str> = printed.split_whitespace().collect();
        let &[seconds, texts, _tokens] = &fields[..] else { return Err(format!("{bare} failed").into()) };
        Ok(Bare { seconds: seconds.parse()?, texts: texts.parse()? })
    }
}

/// One run of a whole process.
struct Run {
    seconds: f64,
    /// Its peak resident memory; 0 where the system has no /proc.
    peak_kib: u64,
}

impl Run {
    fn of(command: &mut Command) -> Result<Self> {
        let started = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut peak_kib = 0;
        let status = loop {
            // The high-water mark only rises: the last one read before the end counts.
            peak_kib = high_water(&child).unwrap_or(peak_kib);
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(POLL);
        };
        let seconds = started.elapsed().as_secs_f64();
        if status.success() {
            Ok(Run { seconds, peak_kib })
        } else {
            Err(format!("{command:?} failed: {status}").into())
        }
    }
}

fn high_water(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// The median of some measurements, with the lowest and the highest.
struct Spread {
    median: f64,
    lowest: f64,
    highest: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        Spread { median: values[values.len() / 2], lowest: values[0], highest: values[values.len() - 1] }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{:.2} ({:.2}–{:.2})", self.median, self.lowest, self.highest))
    }
}
