//! Text to typed configuration values, and the ranges they must keep.
//!
//! Owns [`ConfigValue`] and its forms. A password never shows its text, whatever prints it.

use std::fmt;

/// How the text of a value is read: Kafka's own types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConfigType {
    Boolean,
    Short,
    Int,
    Long,
    Double,
    String,
    List,
    Class,
    Password,
}

/// A parsed value.
#[derive(Clone, PartialEq)]
pub(crate) enum ConfigValue {
    Null,
    Boolean(bool),
    /// Short, int and long.
    Number(i64),
    Double(f64),
    Text(String),
    List(Vec<String>),
    /// Never shown.
    Password(String),
}

/// What values a key allows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Valid {
    Any,
    /// Inclusive on both ends.
    Range {
        min: Option<f64>,
        max: Option<f64>,
        or: Option<f64>,
    },
    OneOf {
        allowed: Vec<&'static str>,
        ignore_case: bool,
    },
    NonEmpty,
}

impl ConfigType {
    /// The type by the name the tables use.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "boolean" => Self::Boolean,
            "short" => Self::Short,
            "int" => Self::Int,
            "long" => Self::Long,
            "double" => Self::Double,
            "list" => Self::List,
            "class" => Self::Class,
            "password" => Self::Password,
            _ => Self::String,
        }
    }

    /// The name the tables use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Short => "short",
            Self::Int => "int",
            Self::Long => "long",
            Self::Double => "double",
            Self::String => "string",
            Self::List => "list",
            Self::Class => "class",
            Self::Password => "password",
        }
    }

    /// Reads `text`. Errors: what was expected, in words, without the text itself when it is a password.
    pub(crate) fn parse(self, text: &str) -> Result<ConfigValue, String> {
        let text = text.trim();
        let number = |min: i64, max: i64, kind: &str| match text.parse::<i64>() {
            Ok(number) if (min..=max).contains(&number) => Ok(ConfigValue::Number(number)),
            _ => Err(format!("{text:?} is not {kind}")),
        };
        match self {
            Self::Boolean if text.eq_ignore_ascii_case("true") => Ok(ConfigValue::Boolean(true)),
            Self::Boolean if text.eq_ignore_ascii_case("false") => Ok(ConfigValue::Boolean(false)),
            Self::Boolean => Err(format!("{text:?} is neither true nor false")),
            Self::Short => number(i64::from(i16::MIN), i64::from(i16::MAX), "a 16-bit number"),
            Self::Int => number(i64::from(i32::MIN), i64::from(i32::MAX), "a 32-bit number"),
            Self::Long => number(i64::MIN, i64::MAX, "a 64-bit number"),
            Self::Double => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(ConfigValue::Double(number)),
                _ => Err(format!("{text:?} is not a number")),
            },
            Self::List => Ok(ConfigValue::List(
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect(),
            )),
            Self::String | Self::Class => Ok(ConfigValue::Text(text.to_owned())),
            Self::Password => Ok(ConfigValue::Password(text.to_owned())),
        }
    }
}

impl Valid {
    /// Reads the tables' own notation: `[0,...]`, `[1,...,9] or -1`, `[a, b]`, `non-empty string`.
    pub(crate) fn described(text: &'static str) -> Self {
        if text.starts_with("non-empty") {
            return Self::NonEmpty;
        }
        let ignore_case = text.starts_with("(case insensitive)");
        let Some((_, rest)) = text.split_once('[') else { return Self::Any };
        let Some((inside, after)) = rest.split_once(']') else { return Self::Any };
        if inside.contains("...") {
            let (min, max) = inside.split_once("...").unwrap_or((inside, ""));
            let bound = |text: &str| text.trim_matches(',').trim().parse().ok();
            let or = after.trim().strip_prefix("or ").and_then(bound);
            return Self::Range { min: bound(min), max: bound(max), or };
        }
        if inside.contains(':') || inside == "partitionId" {
            // `[partitionId]:[brokerId],…` and the like: a form, not a choice.
            return Self::Any;
        }
        let allowed: Vec<&str> = inside.split(',').map(str::trim).collect();
        if after.starts_with(':') {
            return Self::Any;
        }
        Self::OneOf { allowed, ignore_case }
    }

    /// Passes `value` on when it is allowed, else says what is.
    pub(crate) fn check(&self, value: ConfigValue) -> Result<ConfigValue, String> {
        let in_range = |number: f64, min: Option<f64>, max: Option<f64>, or: Option<f64>| {
            or == Some(number) || (min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max))
        };
        match (self, &value) {
            (Self::Range { min, max, or }, ConfigValue::Number(_) | ConfigValue::Double(_)) => {
                let number = match &value {
                    ConfigValue::Double(number) => *number,
                    #[allow(clippy::cast_precision_loss)] // Bounds are small or the type's own ends.
                    ConfigValue::Number(number) => *number as f64,
                    _ => return Ok(value),
                };
                if in_range(number, *min, *max, *or) {
                    return Ok(value);
                }
                let end = |bound: &Option<f64>| bound.map_or(String::new(), |bound| bound.to_string());
                Err(format!("{number} is outside {}..{}", end(min), end(max)))
            }
            (Self::OneOf { allowed, ignore_case }, ConfigValue::Text(text)) => {
                choice(allowed, *ignore_case, text).map(|()| value.clone())
            }
            (Self::OneOf { allowed, ignore_case }, ConfigValue::List(items)) => {
                items.iter().try_for_each(|item| choice(allowed, *ignore_case, item)).map(|()| value.clone())
            }
            (Self::NonEmpty, ConfigValue::Text(text)) if text.is_empty() => {
                Err("the text is empty".to_owned())
            }
            _ => Ok(value),
        }
    }
}

fn choice(allowed: &[&str], ignore_case: bool, text: &str) -> Result<(), String> {
    let same = |one: &&str| if ignore_case { one.eq_ignore_ascii_case(text) } else { *one == text };
    // Kafka's own default for lists may be written `""`, which parses to no items and never comes here.
    if allowed.iter().any(same) {
        return Ok(());
    }
    Err(format!("{text:?} is none of {}", allowed.join(", ")))
}

impl ConfigValue {
    /// The text `DescribeConfigs` shows; `None` for null and for passwords.
    pub(crate) fn shown(&self) -> Option<String> {
        match self {
            Self::Null | Self::Password(_) => None,
            Self::Boolean(value) => Some(value.to_string()),
            Self::Number(value) => Some(value.to_string()),
            Self::Double(value) => Some(value.to_string()),
            Self::Text(value) => Some(value.clone()),
            Self::List(items) => Some(items.join(",")),
        }
    }
}

impl fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password(_) => f.write_str("[hidden]"),
            other => write!(f, "{:?}", other.shown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_at_their_ends() {
        let valid = Valid::described("[1,...,9] or -1");
        for (number, allowed) in [(0, false), (1, true), (9, true), (10, false), (-1, true)] {
            assert_eq!(valid.check(ConfigValue::Number(number)).is_ok(), allowed, "{number}");
        }
    }

    #[test]
    fn choices_are_named_in_the_refusal() {
        let valid = Valid::described("[compact, delete]");
        let refused = valid.check(ConfigValue::List(vec!["delete".into(), "shred".into()])).unwrap_err();
        assert!(refused.contains("shred") && refused.contains("compact"), "{refused}");
    }

    #[test]
    fn a_password_shows_in_no_form() {
        let value = ConfigType::Password.parse("canary").unwrap();
        assert!(!format!("{value:?}").contains("canary"));
        assert_eq!(value.shown(), None);
    }
}
