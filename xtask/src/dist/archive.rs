//! Archives: tarballs with the same bytes for the same files, and the weight of a zip's contents.

use crate::run::run;
use std::fs;
use std::path::Path;

/// Packs a folder, named by itself, into a tarball beside nothing else: names sorted, no owner, no time.
pub(super) fn tarball(root: &Path, folder: &Path, to: &Path) -> Result<(), String> {
    let (above, name) = match (folder.parent(), folder.file_name()) {
        (Some(above), Some(name)) => (above.display().to_string(), name.to_string_lossy().into_owned()),
        _ => return Err(format!("{} is no folder to pack", folder.display())),
    };
    let to = to.display().to_string();
    let same = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@315532800"];
    run(root, "tar", &[&same[..], &["-C", &above, "-czf", &to, &name]].concat())
}

/// The bytes of a zip's files, unpacked: the sum over its central directory (APPNOTE 4.3.12).
pub(super) fn unpacked_zip(file: &Path) -> Result<u64, String> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    unpacked(&bytes).ok_or_else(|| format!("{}: not a zip", file.display()))
}

fn unpacked(bytes: &[u8]) -> Option<u64> {
    let end = bytes.windows(4).rposition(|found| found == b"PK\x05\x06")?;
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let short = |at: usize| Some(usize::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let mut at = usize::try_from(number(end + 16)?).ok()?;
    let mut sum = 0;
    for _ in 0..short(end + 10)? {
        if bytes.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        sum += u64::from(number(at + 24)?);
        at += 46 + short(at + 28)? + short(at + 30)? + short(at + 32)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_weighs_what_its_directory_says() {
        let mut zip = b"data".to_vec();
        for (size, name) in [(70_000_u32, "a"), (5, "bcd")] {
            let mut entry = vec![0; 46];
            entry[..4].copy_from_slice(b"PK\x01\x02");
            entry[24..28].copy_from_slice(&size.to_le_bytes());
            entry[28] = u8::try_from(name.len()).unwrap();
            zip.extend(entry);
            zip.extend(name.bytes());
        }
        let mut end = vec![0; 22];
        end[..4].copy_from_slice(b"PK\x05\x06");
        end[10] = 2;
        end[16] = 4;
        zip.extend(end);
        assert_eq!(unpacked(&zip), Some(70_005));
        assert_eq!(unpacked(b"no zip"), None);
    }
}
