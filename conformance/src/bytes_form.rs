//! Bytes as people read and write them in cases and reports.

/// Bytes as a report shows them: text where they are text, else `{"hex": …}`.
pub(crate) fn show(bytes: &[u8]) -> serde_json::Value {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text.into(),
        _ => serde_json::json!({ "hex": hex(bytes) }),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Bytes as a case writes them: text, `null`, `{hex: "00ff"}`, or `{repeat: "x", bytes: 1000}`.
pub(crate) fn written(value: &serde_json::Value) -> Result<Option<Vec<u8>>, String> {
    use serde_json::Value;
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone().into_bytes())),
        Value::Number(number) => Ok(Some(number.to_string().into_bytes())),
        Value::Object(form) => {
            if let Some(hex) = form.get("hex").and_then(Value::as_str) {
                return unhex(hex).map(Some).ok_or_else(|| format!("no hexadecimal digits: {hex:?}"));
            }
            let (unit, count) =
                (form.get("repeat").and_then(Value::as_str), form.get("bytes").and_then(Value::as_u64));
            match (unit, count.and_then(|count| usize::try_from(count).ok())) {
                (Some(unit), Some(count)) if !unit.is_empty() && count <= 64 << 20 => {
                    Ok(Some(unit.bytes().cycle().take(count).collect()))
                }
                _ => Err(format!("no form of bytes: {value}")),
            }
        }
        _ => Err(format!("no form of bytes: {value}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bytes_have_three_written_forms() {
        assert_eq!(written(&json!("ab")), Ok(Some(b"ab".to_vec())));
        assert_eq!(written(&json!({"hex": "00 ff"})), Ok(Some(vec![0, 255])));
        assert_eq!(written(&json!({"repeat": "ab", "bytes": 3})), Ok(Some(b"aba".to_vec())));
        assert_eq!(written(&json!(null)), Ok(None));
        assert!(written(&json!({"hex": "0"})).is_err());
        assert!(written(&json!([])).is_err());
    }
}
