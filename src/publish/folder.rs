//! A set of files that appears as one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Draft, Sealed, Sink, failure, folder_of, sync_folder};
use crate::error::{Error, Result};
use crate::manifest::{self, Digesting, FileDigest, Manifest};

/// A folder of results being written. Nothing appears in it before [`Folder::commit_all`].
///
/// The files are made in a folder of their own, under a temporary name beside the final one. At the end it takes that name,
/// or, where there are earlier results, trades places with them, so that the set is there whole at any moment, the
/// earlier one or the new one. Where the system can't do that, files are replaced one by one, and the manifest of the
/// earlier run goes before the first: a set without a manifest is none.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    /// Where the files are written, if not in `dir` itself; goes with all it holds when dropped.
    work: Option<TempDir>,
    /// Whether `dir` held something when the work began.
    is_there: bool,
    sealed: Vec<Sealed>,
}

impl Folder {
    /// Starts results in `dir`. What it holds already stays until replaced.
    pub fn create(dir: &Path) -> Result<Self> {
        let failed = |source| Error::write(dir, source);
        let entries = match entries(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed(error)),
        };
        let is_there = !entries.is_empty();
        // Neither `.` nor a link can take another folder's place.
        let is_name = dir.file_name().is_some()
            && !fs::symlink_metadata(dir).is_ok_and(|found| found.file_type().is_symlink());
        let parent = folder_of(dir);
        let work = if is_name && (!is_there || can_be_replaced(dir, &entries)) {
            fs::create_dir_all(parent).map_err(failed)?;
            let mut builder = tempfile::Builder::new();
            builder.prefix(".jirei-");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                builder.permissions(fs::Permissions::from_mode(0o777));
            }
            Some(builder.tempdir_in(parent).map_err(failed)?)
        } else {
            None
        };
        Ok(Folder { dir: dir.to_owned(), work, is_there, sealed: Vec::new() })
    }

    /// Where the file `name` will be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Starts the file `name`. Several may be in work at a time; each is given back by [`Folder::seal`].
    pub fn draft(&self, name: &str) -> Result<Draft> {
        let target = self.path(name);
        let open = || {
            let Some(work) = &self.work else { return Sink::open(&target) };
            let sink = Sink::open(&work.path().join(name))?;
            if let (Sink::Temporary(file, ..), Ok(found)) = (&sink, fs::metadata(&target)) {
                // As if the file itself were replaced.
                if found.permissions().readonly() {
                    return Err(io::ErrorKind::PermissionDenied.into());
                }
                file.as_file().set_permissions(found.permissions())?;
            }
            Ok(sink)
        };
        let sink = open().map_err(|source| failure(&target, source))?;
        Ok(Draft::new(sink, Some(Digesting::default()), target))
    }

    /// Takes back a draft of this folder that is complete.
    pub fn seal(&mut self, draft: Draft) -> Result<()> {
        let mut sealed = draft.seal()?;
        if let (Ok(name), Some(digest)) = (sealed.target.strip_prefix(&self.dir), &mut sealed.digest) {
            digest.path = name.display().to_string();
        }
        self.sealed.push(sealed);
        Ok(())
    }

    /// Makes all sealed files appear, and `manifest`, with its `outputs` filled in in the order they were sealed.
    ///
    /// Every file is on the disk before anything appears. Should replacing files one by one break off all the same, there is
    /// no manifest in the folder.
    pub fn commit_all(self, mut manifest: Manifest) -> Result<Manifest> {
        manifest.outputs = self.sealed.iter().filter_map(|sealed| sealed.digest.clone()).collect();
        let mut last = self.draft(manifest::FILE_NAME)?;
        last.put(&manifest.to_json())?;
        let last = last.seal()?;
        let Folder { dir, work, is_there, sealed } = self;
        let failed = |source| Error::write(&dir, source);
        // In the order of the set, the manifest last.
        let publish = || sealed.into_iter().chain([last]).try_for_each(Sealed::publish);
        match work {
            None => {
                remove_manifest(&dir).map_err(failed)?;
                publish()?;
            }
            Some(work) => {
                publish()?;
                sync_folder(work.path());
                if is_there {
                    replace(&dir, work.path(), &manifest).map_err(failed)?;
                } else {
                    // Only an empty folder lets itself be removed. Where there is none, or somebody else's results by now,
                    // the rename decides.
                    let _ = fs::remove_dir(&dir);
                    fs::rename(work.path(), &dir).map_err(|source| match source.kind() {
                        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                            Error::OutputExists { path: dir.clone() }
                        }
                        _ => failed(source),
                    })?;
                    // It has another name now.
                    let _ = work.keep();
                }
            }
        }
        sync_folder(folder_of(&dir));
        Ok(manifest)
    }
}

/// Puts the set in `work` into the place of what `dir` holds, which is the earlier set and maybe files of other origin, which
/// stay. What is replaced is in `work` afterwards.
fn replace(dir: &Path, work: &Path, manifest: &Manifest) -> io::Result<()> {
    let earlier = Manifest::read(dir).map(|earlier| earlier.outputs).unwrap_or_default();
    let is_new =
        |name: &str| name == manifest::FILE_NAME || manifest.outputs.iter().any(|output| output.path == name);
    // Files of the earlier set that the new one lacks, unless somebody has put something else into them.
    let is_outdated = |name: &str| {
        let is_same = |output: &FileDigest| {
            FileDigest::of_file(&dir.join(name))
                .is_ok_and(|now| (now.bytes, now.sha256) == (output.bytes, output.sha256.clone()))
        };
        earlier.iter().any(|output| output.path == name && is_same(output))
    };
    let names: Vec<PathBuf> = entries(dir)?.iter().map(|entry| PathBuf::from(entry.file_name())).collect();
    let (outdated, others): (Vec<PathBuf>, Vec<PathBuf>) = names
        .into_iter()
        .filter(|name| !is_new(&name.to_string_lossy()))
        .partition(|name| is_outdated(&name.to_string_lossy()));
    // A second name for each of the others, so that they are in both folders when these trade places.
    let linked = others.iter().try_for_each(|name| fs::hard_link(dir.join(name), work.join(name)));
    let permissions = fs::metadata(dir)?.permissions();
    if linked.and_then(|()| fs::set_permissions(work, permissions)).and_then(|()| exchange(work, dir)).is_ok()
    {
        return Ok(());
    }
    remove_manifest(dir)?;
    outdated.iter().try_for_each(|name| fs::remove_file(dir.join(name)))?;
    let set = manifest.outputs.iter().map(|output| output.path.as_str()).chain([manifest::FILE_NAME]);
    for name in set {
        fs::rename(work.join(name), dir.join(name))?;
    }
    sync_folder(dir);
    Ok(())
}

/// Whether a folder beside `dir` can take its place or give its files to it: both are on one file system, and nothing in it
/// leads elsewhere.
fn can_be_replaced(dir: &Path, entries: &[fs::DirEntry]) -> bool {
    let is_plain = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file() || kind.is_dir());
    entries.iter().all(is_plain) && on_one_system(dir, folder_of(dir))
}

#[cfg(unix)]
fn on_one_system(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev());
    matches!((device(a), device(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(not(unix))]
fn on_one_system(_: &Path, _: &Path) -> bool {
    false
}

/// Has two folders trade places in one step.
#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn entries(dir: &Path) -> io::Result<Vec<fs::DirEntry>> {
    fs::read_dir(dir)?.collect()
}

/// From here on `dir` holds no set.
fn remove_manifest(dir: &Path) -> io::Result<()> {
    match fs::remove_file(dir.join(manifest::FILE_NAME)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => {
            sync_folder(dir);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::names;
    use super::*;
    use crate::manifest::{State, verify};

    #[test]
    fn a_folder_appears_whole_and_matches_its_manifest() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("new").join("results");
        let mut folder = Folder::create(&dir).unwrap();
        let (mut b, mut a) = (folder.draft("b.csv").unwrap(), folder.draft("a.csv").unwrap());
        b.put(b"bb").unwrap();
        a.put(b"a").unwrap();
        folder.seal(b).unwrap();
        folder.seal(a).unwrap();
        assert!(!dir.exists());
        let written = folder.commit_all(crate::manifest::tests::manifest()).unwrap();
        assert_eq!(names(&dir), ["a.csv", "b.csv", "manifest.json"]);
        let outputs: Vec<(&str, u64)> =
            written.outputs.iter().map(|file| (file.path.as_str(), file.bytes)).collect();
        assert_eq!(outputs, [("b.csv", 2), ("a.csv", 1)]);
        assert_eq!(Manifest::read(&dir).unwrap(), written);
        let findings = verify(&dir).unwrap();
        assert!(findings[..2].iter().all(|finding| finding.state == State::Same), "{findings:?}");
    }

    #[test]
    fn a_new_folder_is_there_whole_or_not_at_all() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("out");
        let start = || {
            let mut folder = Folder::create(&dir).unwrap();
            let mut draft = folder.draft("a.csv").unwrap();
            draft.put(b"a").unwrap();
            folder.seal(draft).unwrap();
            folder
        };
        let (first, second) = (start(), start());
        assert!(!dir.exists());
        drop(start());
        first.commit_all(crate::manifest::tests::manifest()).unwrap();
        assert_eq!(names(&dir), ["a.csv", "manifest.json"]);
        // Another run was faster: its results stay.
        let error = second.commit_all(crate::manifest::tests::manifest()).unwrap_err();
        assert!(matches!(error, Error::OutputExists { .. }), "{error}");
        assert_eq!(
            (names(&dir), names(parent.path())),
            (vec!["a.csv".into(), "manifest.json".into()], vec!["out".into()])
        );
    }

    #[test]
    fn a_folder_given_up_keeps_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.csv"), "old").unwrap();
        let mut folder = Folder::create(dir.path()).unwrap();
        let mut a = folder.draft("a.csv").unwrap();
        a.put(b"new").unwrap();
        folder.seal(a).unwrap();
        drop(folder);
        assert_eq!(names(dir.path()), ["a.csv"]);
        assert_eq!(fs::read(dir.path().join("a.csv")).unwrap(), b"old");
    }

    /// Writes a set of files with this content.
    fn set(dir: &Path, files: &[&str], content: &str) {
        let mut folder = Folder::create(dir).unwrap();
        for name in files {
            let mut draft = folder.draft(name).unwrap();
            draft.put(content.as_bytes()).unwrap();
            folder.seal(draft).unwrap();
        }
        folder.commit_all(crate::manifest::tests::manifest()).unwrap();
    }

    #[test]
    fn a_set_takes_the_place_of_the_earlier_one_and_leaves_other_files_alone() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("out");
        set(&dir, &["a.csv", "b.csv", "c.csv"], "old");
        fs::write(dir.join("memo.txt"), "memo").unwrap();
        // Somebody's by now, though the name is one of ours.
        fs::write(dir.join("c.csv"), "mine").unwrap();
        for nested in [false, true] {
            if nested {
                // A folder has one name only: files are replaced one by one.
                fs::create_dir(dir.join("sub")).unwrap();
                fs::write(dir.join("b.csv"), "also mine").unwrap();
            }
            set(&dir, &["a.csv"], "new");
            let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
            assert_eq!(
                (read("a.csv"), read("memo.txt"), read("c.csv")),
                ("new".into(), "memo".into(), "mine".into())
            );
            assert_eq!(dir.join("b.csv").exists(), nested);
            assert_eq!(Manifest::read(&dir).unwrap().outputs.len(), 1);
            assert_eq!(names(parent.path()), ["out"]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_protected_is_not_replaced_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("out");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        set(&dir, &["a.csv"], "old");
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o750)).unwrap();
        fs::set_permissions(dir.join("a.csv"), fs::Permissions::from_mode(0o640)).unwrap();
        set(&dir, &["a.csv"], "new");
        assert_eq!((mode(&dir), mode(&dir.join("a.csv"))), (0o750, 0o640));
        fs::set_permissions(dir.join("a.csv"), fs::Permissions::from_mode(0o440)).unwrap();
        assert!(Folder::create(&dir).unwrap().draft("a.csv").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn files_behind_links_are_replaced_where_they_are() {
        let parent = tempfile::tempdir().unwrap();
        let (dir, place) = (parent.path().join("out"), parent.path().join("elsewhere.csv"));
        fs::create_dir(&dir).unwrap();
        fs::write(&place, "old").unwrap();
        std::os::unix::fs::symlink(&place, dir.join("a.csv")).unwrap();
        set(&dir, &["a.csv"], "new");
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
        assert_eq!(names(&dir), ["a.csv", "manifest.json"]);
    }
}
