//! `integrity` attributes (W3C Subresource Integrity). Pure.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// Compares bytes with an attribute's value. None if they fit, or the value names no known algorithm; else the hash
/// of the bytes by the strongest algorithm that the value names, written as in the attribute.
pub(super) fn find_mismatch(attribute: &str, bytes: &[u8]) -> Option<String> {
    let wanted: Vec<(Algorithm, &str)> = attribute.split_ascii_whitespace().filter_map(read_hash).collect();
    let strongest = wanted.iter().map(|(algorithm, _)| *algorithm).max()?;
    let actual = strongest.hash(bytes);
    let fits = wanted.iter().filter(|(algorithm, _)| *algorithm == strongest).any(|(_, hash)| {
        STANDARD.decode(hash).or_else(|_| URL_SAFE.decode(hash)).is_ok_and(|hash| hash == actual)
    });
    (!fits).then(|| format!("{}-{}", strongest.name(), STANDARD.encode(actual)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

fn read_hash(token: &str) -> Option<(Algorithm, &str)> {
    let (name, rest) = token.split_once('-')?;
    let algorithm = match name.to_ascii_lowercase().as_str() {
        "sha256" => Algorithm::Sha256,
        "sha384" => Algorithm::Sha384,
        "sha512" => Algorithm::Sha512,
        _ => return None,
    };
    Some((algorithm, rest.split('?').next().unwrap_or("")))
}

#[cfg(test)]
mod tests {
    use super::find_mismatch;

    const EMPTY_256: &str = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn the_strongest_algorithm_decides() {
        let of_384 = find_mismatch("sha384-x", b"").unwrap();
        assert!(of_384.starts_with("sha384-OLBgp1GsljhM2TJ"));
        assert_eq!(find_mismatch(EMPTY_256, b""), None);
        assert_eq!(find_mismatch(EMPTY_256, b"x").unwrap().split_once('-').unwrap().0, "sha256");
        assert_eq!(find_mismatch(&format!("{EMPTY_256} sha384-AAAA"), b""), Some(of_384.clone()));
        assert_eq!(find_mismatch(&format!("sha384-AAAA {of_384}?opt sha256-BBBB"), b""), None);
        assert_eq!(find_mismatch("md5-x sha1-y", b"anything"), None);
        assert!(
            find_mismatch("sha512-AAAA", b"")
                .unwrap()
                .starts_with("sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg")
        );
    }
}
