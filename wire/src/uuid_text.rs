//! Kafka's text form of ids (topics, directories, clusters): URL-safe base 64 of the 16 bytes, without padding.

use uuid::Uuid;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const TEXT_CHARS: usize = 22;

/// The 22 characters of an id.
pub fn to_text(id: Uuid) -> String {
    // 128 bits are 21 digits of 6 bits and one of 2, which stands in the digit's high bits.
    let value = id.as_u128();
    (0..TEXT_CHARS)
        .map(|index| {
            let shift = 122i32 - 6 * index as i32;
            let digit = if shift >= 0 { value >> shift } else { value << -shift } & 0x3f;
            char::from(ALPHABET[digit as usize])
        })
        .collect()
}

/// The id of a text; `None` for any text that [`to_text`] does not give.
pub fn from_text(text: &str) -> Option<Uuid> {
    if text.len() != TEXT_CHARS {
        return None;
    }
    let mut value = 0u128;
    for (index, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|&other| other == byte)? as u128;
        if index + 1 < TEXT_CHARS {
            value = value << 6 | digit;
        } else if digit & 0xf != 0 {
            return None;
        } else {
            value = value << 2 | digit >> 4;
        }
    }
    Some(Uuid::from_u128(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lead_back_to_their_id() {
        for value in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210] {
            let id = Uuid::from_u128(value);
            assert_eq!(from_text(&to_text(id)), Some(id));
        }
        assert_eq!(to_text(Uuid::from_u128(1)), "AAAAAAAAAAAAAAAAAAAAAQ");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "AAAAAAAAAAAAAAAAAAAAAB",
            "AAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAA+A",
            "AAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }
}
