//! Results appear whole or not at all.
//!
//! A [`Draft`] collects a file under a temporary name beside the final one and takes its place in one rename; a
//! [`Folder`] does so for a set of files. What is in the files is up to [`crate::export`] and
//! `report`. A run that is killed leaves at worst files called `.jirei-…`, which are safe to delete.

mod folder;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

pub use self::folder::Folder;
use crate::error::{Error, Result};
use crate::manifest::{self, Digesting, FileDigest};

/// The path that means stdout, or stdin among the inputs.
const STDOUT: &str = "-";

/// What systems call stdout. Where it leads to a file, that file is the shell's, which has it open already.
const STDOUT_DEVICES: [&str; 3] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Bytes per write to the system. Batches of the pipeline are larger and pass through.
const BUFFER_BYTES: usize = 64 * 1024;

/// Refuses an `output` that is one of the `inputs`, under whatever name.
///
/// Only regular files count: a terminal may well be both. A hard link doesn't, for publishing replaces the name and
/// leaves the content to the other link.
///
/// # Errors
/// [`Error::OutputIsInput`].
pub fn check_not_input(output: &Path, inputs: &[&Path]) -> Result<()> {
    // What is not there yet is nobody's input.
    let Some(place) = regular_file(output) else { return Ok(()) };
    let is_input = inputs.iter().filter_map(|input| regular_file(input)).any(|input| input == place);
    if is_input { Err(Error::OutputIsInput { path: output.to_owned() }) } else { Ok(()) }
}

/// Refuses an `output` that is there already: a regular file, or a folder with the results of an earlier run.
///
/// # Errors
/// [`Error::OutputExists`].
pub fn check_free(output: &Path) -> Result<()> {
    if is_stdout(output) {
        return Ok(());
    }
    let is_result = output.join(manifest::FILE_NAME).exists() || output.join("tagged.csv").exists();
    if regular_file(output).is_some() || (output.is_dir() && is_result) {
        return Err(Error::OutputExists { path: output.to_owned() });
    }
    Ok(())
}

/// Whether `path` means stdout, also where a file or folder is called so.
pub fn is_stdout(path: &Path) -> bool {
    path == Path::new(STDOUT) || (cfg!(unix) && STDOUT_DEVICES.iter().any(|device| path == Path::new(device)))
}

/// The one name of an existing regular file; stdout is none.
fn regular_file(path: &Path) -> Option<PathBuf> {
    if is_stdout(path) {
        return None;
    }
    fs::canonicalize(path).ok().filter(|place| place.is_file())
}

/// A file being written.
///
/// [`Draft::commit`] makes it appear; dropped without, it leaves no trace and the file that was there before stays.
/// Stdout ([`is_stdout`]) and existing paths that are no regular files (a device, a named pipe) can't be taken back: they are
/// written directly.
#[derive(Debug)]
pub struct Draft {
    out: BufWriter<Sink>,
    /// Taken in passing, so that no output is read again, and only where a manifest records it: without the processor's
    /// help hashing costs as much as matching.
    digest: Option<Digesting>,
    target: PathBuf,
}

#[derive(Debug)]
enum Sink {
    /// The temporary file, the place it will take, and whether something is to be replaced there.
    Temporary(NamedTempFile, PathBuf, Place),
    Direct(File),
    Stdout(Stdout),
}

/// What is at the place of a file when it is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing: what is there at the end is another run's.
    Free,
    Taken,
}

impl Draft {
    /// Starts the file `target`, in a folder that exists.
    pub fn create(target: &Path) -> Result<Self> {
        let sink = Sink::open(target).map_err(|source| failure(target, source))?;
        Ok(Draft::new(sink, None, target.to_owned()))
    }

    /// `target` stands for it in messages.
    fn new(sink: Sink, digest: Option<Digesting>, target: PathBuf) -> Self {
        Draft { out: BufWriter::with_capacity(BUFFER_BYTES, sink), digest, target }
    }

    /// Appends `bytes`. Like [`Write::write_all`], with an error that names the file.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|source| failure(&self.target, source))
    }

    /// Makes the file appear under its name, complete and on the disk.
    pub fn commit(self) -> Result<()> {
        self.seal()?.publish()
    }

    /// Makes files appear, none of them before all are complete and on the disk.
    pub fn commit_all(drafts: Vec<Draft>) -> Result<()> {
        let sealed: Vec<Sealed> = drafts.into_iter().map(Draft::seal).collect::<Result<_>>()?;
        sealed.into_iter().try_for_each(Sealed::publish)
    }

    /// Everything that can fail for want of space, before anything appears.
    fn seal(self) -> Result<Sealed> {
        let Draft { out, digest, target } = self;
        let digest = digest.map(|digest| digest.finish(target.display().to_string()));
        let sink = out.into_inner().map_err(io::IntoInnerError::into_error).and_then(Sink::sync);
        match sink {
            Ok(sink) => Ok(Sealed { sink, digest, target }),
            Err(source) => Err(failure(&target, source)),
        }
    }
}

impl Write for Draft {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buffer)?;
        if let Some(digest) = &mut self.digest {
            digest.write_all(&buffer[..written])?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Sink {
    fn open(target: &Path) -> io::Result<Self> {
        if is_stdout(target) {
            return Ok(Sink::Stdout(io::stdout()));
        }
        let found = match fs::metadata(target) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Sink::Temporary(temporary_beside(target)?, target.to_owned(), Place::Free));
            }
            Err(error) => return Err(error),
        };
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !found.is_file() {
            return OpenOptions::new().write(true).open(target).map(Sink::Direct);
        }
        // A rename would get past the protection of the file it replaces, and would replace a link instead of the
        // file it leads to. Neither is what `>` does.
        if found.permissions().readonly() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let place = fs::canonicalize(target)?;
        let file = temporary_beside(&place)?;
        file.as_file().set_permissions(found.permissions())?;
        Ok(Sink::Temporary(file, place, Place::Taken))
    }

    /// Waits until the disk has everything.
    fn sync(mut self) -> io::Result<Self> {
        match &mut self {
            Sink::Temporary(file, ..) => file.as_file().sync_all()?,
            // A pipe has nothing to wait for and would answer with an error.
            Sink::Direct(_) => {}
            Sink::Stdout(stdout) => stdout.flush()?,
        }
        Ok(self)
    }
}

impl Write for Sink {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Temporary(file, ..) => file.write(buffer),
            Sink::Direct(file) => file.write(buffer),
            Sink::Stdout(stdout) => stdout.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Temporary(file, ..) => file.flush(),
            Sink::Direct(file) => file.flush(),
            Sink::Stdout(stdout) => stdout.flush(),
        }
    }
}

/// A new file in the folder of `place`: a rename can't cross file systems.
fn temporary_beside(place: &Path) -> io::Result<NamedTempFile> {
    let folder = folder_of(place);
    if !folder.exists() {
        // The system's "not found" would be read as being about the file, which is not meant to exist yet.
        return Err(io::Error::other(format!("フォルダー `{}` がありません", folder.display())));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".jirei-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What any new file gets, less the umask. Temporary files are private otherwise, and would stay so.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// A file complete under its temporary name.
#[derive(Debug)]
struct Sealed {
    sink: Sink,
    /// Of files of a set only.
    digest: Option<FileDigest>,
    target: PathBuf,
}

impl Sealed {
    fn publish(self) -> Result<()> {
        if let Sink::Temporary(file, path, place) = self.sink {
            let is_there = |error: &io::Error| error.kind() == io::ErrorKind::AlreadyExists;
            let placed = match place {
                Place::Taken => file.persist(&path),
                Place::Free => {
                    file.persist_noclobber(&path).or_else(|failed| match is_there(&failed.error) {
                        true => Err(failed),
                        // Not every file system can do that in one step.
                        false => failed.file.persist(&path),
                    })
                }
            };
            match placed {
                Ok(_) => sync_folder(folder_of(&path)),
                Err(failed) if is_there(&failed.error) => {
                    return Err(Error::OutputExists { path: self.target });
                }
                Err(failed) => return Err(failure(&self.target, failed.error)),
            }
        }
        Ok(())
    }
}

/// The folder that `path` stands in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Waits until the names in `folder` are on the disk, where the system has a way to ask for that. The files are complete in
/// any case.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

fn failure(target: &Path, source: io::Error) -> Error {
    if is_stdout(target) { Error::Output { source } } else { Error::write(target, source) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(super) fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_dropped_draft_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out.csv");
        fs::write(&target, "old").unwrap();
        let mut draft = Draft::create(&target).unwrap();
        draft.put(b"new").unwrap();
        draft.flush().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert!(names(dir.path()).iter().any(|name| name.starts_with(".jirei-")));
        drop(draft);
        assert_eq!(
            (names(dir.path()), fs::read(&target).unwrap()),
            (vec!["out.csv".to_owned()], b"old".to_vec())
        );
    }

    #[test]
    fn a_committed_draft_is_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out.csv");
        for content in ["first", "2nd"] {
            let mut draft = Draft::create(&target).unwrap();
            draft.put(content.as_bytes()).unwrap();
            draft.commit().unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), content);
        }
        assert_eq!(names(dir.path()), ["out.csv"]);
    }

    #[test]
    fn what_another_run_was_faster_with_stays() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out.csv");
        let start = || {
            let mut draft = Draft::create(&target).unwrap();
            draft.put(b"mine").unwrap();
            draft
        };
        let late = start();
        fs::write(&target, "theirs").unwrap();
        assert!(matches!(late.commit(), Err(Error::OutputExists { .. })));
        assert_eq!(
            (names(dir.path()), fs::read(&target).unwrap()),
            (vec!["out.csv".to_owned()], b"theirs".to_vec())
        );
        start().commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"mine");
    }

    #[test]
    fn files_that_belong_together_appear_together() {
        let dir = tempfile::tempdir().unwrap();
        let draft = |name: &str| Draft::create(&dir.path().join(name)).unwrap();
        Draft::commit_all(vec![draft("a.csv"), draft("b.csv")]).unwrap();
        assert_eq!(names(dir.path()), ["a.csv", "b.csv"]);
        if cfg!(target_os = "linux") {
            let mut full = Draft::create(Path::new("/dev/full")).unwrap();
            full.put(b"x").unwrap();
            Draft::commit_all(vec![draft("c.csv"), full]).unwrap_err();
            assert_eq!(names(dir.path()), ["a.csv", "b.csv"], "the first waits for the second");
        }
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_new_file_or_of_the_file_replaced() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (usual, target) = (dir.path().join("usual"), dir.path().join("out.csv"));
        fs::write(&usual, "").unwrap();
        Draft::create(&target).unwrap().commit().unwrap();
        assert_eq!(mode(&target), mode(&usual));
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        Draft::create(&target).unwrap().commit().unwrap();
        assert_eq!(mode(&target), 0o640);
        fs::set_permissions(&target, fs::Permissions::from_mode(0o440)).unwrap();
        assert!(Draft::create(&target).unwrap_err().to_string().ends_with("許可がありません"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("real.csv"), dir.path().join("link.csv"));
        fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut draft = Draft::create(&link).unwrap();
        draft.put(b"new").unwrap();
        draft.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_is_written_directly() {
        use std::os::unix::fs::FileTypeExt;
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        let mut draft = Draft::create(&pipe).unwrap();
        draft.put(b"through").unwrap();
        draft.commit().unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn errors_name_the_final_path_and_what_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("missing").join("out.csv");
        let message = Draft::create(&target).unwrap_err().to_string();
        assert!(message.contains(&format!("`{}` に書けません", target.display())), "{message}");
        assert!(message.ends_with("missing` がありません"), "{message}");
        let message = Draft::create(dir.path()).unwrap_err().to_string();
        assert!(message.ends_with("ファイルではなくフォルダーです"), "{message}");
    }

    #[test]
    fn an_input_is_recognised_under_another_name() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        let (input, other) = (dir.path().join("answers.csv"), dir.path().join("other.csv"));
        let detour = dir.path().join("sub").join("..").join("answers.csv");
        fs::write(&input, "").unwrap();
        fs::write(&other, "").unwrap();
        assert!(
            matches!(check_not_input(&detour, &[&other, &input]), Err(Error::OutputIsInput { path }) if path == detour)
        );
        check_not_input(&other, &[&input]).unwrap();
        check_not_input(&dir.path().join("new.csv"), &[&input, &dir.path().join("new.csv")]).unwrap();
        check_not_input(Path::new("-"), &[Path::new("-")]).unwrap();
    }

    #[test]
    fn results_are_not_replaced_unasked() {
        let dir = tempfile::tempdir().unwrap();
        check_free(dir.path()).unwrap();
        check_free(&dir.path().join("new")).unwrap();
        for stdout in ["-", "/dev/stdout", "/dev/fd/1"] {
            check_free(Path::new(stdout)).unwrap();
        }
        fs::write(dir.path().join("memo.txt"), "").unwrap();
        check_free(dir.path()).unwrap();
        fs::write(dir.path().join("tagged.csv"), "").unwrap();
        for there in [dir.path().to_owned(), dir.path().join("memo.txt")] {
            let error = check_free(&there).unwrap_err();
            assert!(error.hint().unwrap().contains("--force"), "{error}");
        }
    }
}
