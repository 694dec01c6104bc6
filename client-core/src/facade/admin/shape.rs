//! Rust types that are read from JSON, written to it, and have a row in the table: one definition makes all three.

use super::table::{Field, Type};
use crate::error::Error;
use crate::facade::error_json;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What a type is in the table.
pub(super) trait Typed {
    const TYPE: Type;
}

/// Can be written.
pub(super) trait Write: Typed {
    fn write(self) -> Value;
}

/// Can be read.
pub(super) trait Read: Typed + Sized {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, Wrong>;
}

/// An argument that cannot be.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Where: `topics[0].name`.
    pub(super) argument: String,
    pub(super) problem: String,
}

/// Where in the arguments a value is.
pub(super) enum At<'a> {
    Root,
    Field(&'a At<'a>, &'a str),
    Index(&'a At<'a>, usize),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Self::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl At<'_> {
    pub(super) fn wrong(&self, problem: impl Into<String>) -> Wrong {
        Wrong { argument: self.to_string(), problem: problem.into() }
    }

    fn expected(&self, what: &str, found: &Value) -> Wrong {
        let sort = match found {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.wrong(format!("it must be {what}, not {sort}"))
    }
}

macro_rules! numbers {
    ($($type:ty = $row:ident, $range:literal;)*) => {$(
        impl Typed for $type {
            const TYPE: Type = Type::$row;
        }

        impl Write for $type {
            fn write(self) -> Value {
                self.into()
            }
        }

        impl Read for $type {
            fn read(value: &Value, at: &At<'_>) -> Result<Self, Wrong> {
                let number = whole(value).ok_or_else(|| at.expected("a whole number", value))?;
                Self::try_from(number)
                    .map_err(|_| at.wrong(format!("{number} is out of the range of {} bits", $range)))
            }
        }
    )*};
}

numbers! {
    i16 = I16, "16";
    i32 = I32, "32";
    i64 = I64, "64";
}

/// Hosts without whole numbers of 64 bits write them as text.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

impl Typed for () {
    const TYPE: Type = Type::Unit;
}

impl Write for () {
    fn write(self) -> Value {
        Value::Null
    }
}

impl Typed for bool {
    const TYPE: Type = Type::Bool;
}

impl Write for bool {
    fn write(self) -> Value {
        self.into()
    }
}

impl Read for bool {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, Wrong> {
        value.as_bool().ok_or_else(|| at.expected("true or false", value))
    }
}

impl Typed for String {
    const TYPE: Type = Type::Text;
}

impl Write for String {
    fn write(self) -> Value {
        self.into()
    }
}

impl Read for String {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, Wrong> {
        value.as_str().map(str::to_owned).ok_or_else(|| at.expected("a text", value))
    }
}

impl Typed for Duration {
    const TYPE: Type = Type::Duration;
}

impl Write for Duration {
    fn write(self) -> Value {
        i64::try_from(self.as_millis()).unwrap_or(i64::MAX).into()
    }
}

impl Read for Duration {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, Wrong> {
        let ms = whole(value).ok_or_else(|| at.expected("a whole number of milliseconds", value))?;
        let ms = u64::try_from(ms).map_err(|_| at.wrong(format!("{ms} ms are less than nothing")))?;
        // Times are added to clocks: what is beyond them waits as long as they go.
        Ok(Self::from_millis(ms.min(MOST_MS)))
    }
}

/// A hundred years.
const MOST_MS: u64 = 100 * 365 * 24 * 3600 * 1000;

impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = Type::Optional(&T::TYPE);
}

impl<T: Write> Write for Option<T> {
    fn write(self) -> Value {
        self.map_or(Value::Null, T::write)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, Wrong> {
        if value.is_null() { Ok(None) } else { T::read(value, at).map(Some) }
    }
}

impl<T: Typed> Typed for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE);
}

impl<T: Write> Write for Vec<T> {
    fn write(self) -> Value {
        self.into_iter().map(T::write).collect()
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, Wrong> {
        let items = value.as_array().ok_or_else(|| at.expected("a list", value))?;
        items.iter().enumerate().map(|(index, item)| T::read(item, &At::Index(at, index))).collect()
    }
}

impl<T: Typed> Typed for BTreeMap<String, T> {
    const TYPE: Type = Type::Map(&T::TYPE);
}

impl<T: Write> Write for BTreeMap<String, T> {
    fn write(self) -> Value {
        Value::Object(self.into_iter().map(|(name, value)| (name, value.write())).collect())
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, Wrong> {
        let fields = value.as_object().ok_or_else(|| at.expected("an object", value))?;
        let read = |(name, value): (&String, &Value)| {
            T::read(value, &At::Field(at, name)).map(|value| (name.clone(), value))
        };
        fields.iter().map(read).collect()
    }
}

impl Typed for Error {
    const TYPE: Type = Type::Error;
}

impl Write for Error {
    fn write(self) -> Value {
        error_json(&self)
    }
}

/// What became of each item.
pub(super) struct PerItem<K, V>(Vec<(K, Result<V, Error>)>);

impl<K, V> PerItem<K, V> {
    /// The client's results with keys and values as they are told.
    pub(super) fn from<A, B>(
        results: BTreeMap<A, Result<B, Error>>,
        key: impl Fn(A) -> K,
        value: impl Fn(B) -> V,
    ) -> Self {
        Self(results.into_iter().map(|(item, result)| (key(item), result.map(&value))).collect())
    }
}

impl<K: Typed, V: Typed> Typed for PerItem<K, V> {
    const TYPE: Type = Type::Results(&K::TYPE, &V::TYPE);
}

impl<K: Write, V: Write> Write for PerItem<K, V> {
    fn write(self) -> Value {
        let outcome = |(key, result): (K, Result<V, Error>)| {
            let (name, outcome) = match result {
                Ok(value) => ("value", value.write()),
                Err(error) => ("error", error.write()),
            };
            Value::Object([("key".to_owned(), key.write()), (name.to_owned(), outcome)].into_iter().collect())
        };
        self.0.into_iter().map(outcome).collect()
    }
}

/// The object of a struct or of an operation's arguments, without fields nobody knows.
pub(super) fn fields<'a>(
    value: &'a Value,
    at: &At<'_>,
    known: &[Field],
) -> Result<&'a Map<String, Value>, Wrong> {
    let object = value.as_object().ok_or_else(|| at.expected("an object", value))?;
    if let Some(name) = object.keys().find(|name| known.iter().all(|field| field.name != **name)) {
        let names: Vec<_> = known.iter().map(|field| field.name).collect();
        return Err(
            At::Field(at, name).wrong(format!("there is no such argument: there are {}", names.join(", ")))
        );
    }
    Ok(object)
}

/// One field, or its default.
pub(super) fn field<T: Read>(
    object: &Map<String, Value>,
    at: &At<'_>,
    name: &str,
    default: Option<&'static str>,
) -> Result<T, Wrong> {
    let at = At::Field(at, name);
    match (object.get(name).filter(|value| !value.is_null()), default) {
        (Some(value), _) => T::read(value, &at),
        (None, Some(text)) => {
            let value: Value = serde_json::from_str(text)
                .map_err(|error| at.wrong(format!("its default is broken: {error}")))?;
            T::read(&value, &at)
        }
        (None, None) => Err(at.wrong("it is required")),
    }
}

/// Doc comments as one line.
macro_rules! one_line {
    ($($doc:literal)*) => {
        concat!($($doc),*).trim_ascii()
    };
}

/// JSON text of a default.
macro_rules! default_of {
    () => {
        None
    };
    ($default:literal) => {
        Some($default)
    };
}

/// A struct that callers make: read and written.
macro_rules! given {
    ($($(#[doc = $doc:literal])* $name:ident {
        $($(#[doc = $field_doc:literal])* $field:ident: $type:ty $(= $default:literal)?,)*
    })*) => {$(
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) struct $name {
            $(pub(super) $field: $type,)*
        }

        impl $name {
            pub(super) const FIELDS: &'static [$crate::facade::admin::table::Field] =
                $crate::facade::admin::shape::rows!($($(#[doc = $field_doc])* $field: $type $(= $default)?,)*);
        }

        impl $crate::facade::admin::shape::Typed for $name {
            const TYPE: $crate::facade::admin::table::Type =
                $crate::facade::admin::table::Type::Struct(&$crate::facade::admin::table::StructRow {
                    name: stringify!($name),
                    doc: $crate::facade::admin::shape::one_line!($($doc)*),
                    fields: Self::FIELDS,
                    is_argument: true,
                });
        }

        $crate::facade::admin::shape::readable!($name { $($field $(= $default)?,)* });
        $crate::facade::admin::shape::writable!($name { $($field,)* });
    )*};
}

/// A struct that comes in results only.
macro_rules! told {
    ($($(#[doc = $doc:literal])* $name:ident {
        $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
    })*) => {$(
        pub(super) struct $name {
            $(pub(super) $field: $type,)*
        }

        impl $crate::facade::admin::shape::Typed for $name {
            const TYPE: $crate::facade::admin::table::Type =
                $crate::facade::admin::table::Type::Struct(&$crate::facade::admin::table::StructRow {
                    name: stringify!($name),
                    doc: $crate::facade::admin::shape::one_line!($($doc)*),
                    fields: $crate::facade::admin::shape::rows!($($(#[doc = $field_doc])* $field: $type,)*),
                    is_argument: false,
                });
        }

        $crate::facade::admin::shape::writable!($name { $($field,)* });
    )*};
}

macro_rules! rows {
    ($($(#[doc = $doc:literal])* $field:ident: $type:ty $(= $default:literal)?,)*) => {
        &[$($crate::facade::admin::table::Field {
            name: stringify!($field),
            value_type: <$type as $crate::facade::admin::shape::Typed>::TYPE,
            default: $crate::facade::admin::shape::default_of!($($default)?),
            doc: $crate::facade::admin::shape::one_line!($($doc)*),
        },)*]
    };
}

macro_rules! readable {
    ($name:ident { $($field:ident $(= $default:literal)?,)* }) => {
        impl $crate::facade::admin::shape::Read for $name {
            fn read(
                value: &serde_json::Value,
                at: &$crate::facade::admin::shape::At<'_>,
            ) -> Result<Self, $crate::facade::admin::shape::Wrong> {
                let object = $crate::facade::admin::shape::fields(value, at, Self::FIELDS)?;
                Ok(Self {
                    $($field: $crate::facade::admin::shape::field(
                        object,
                        at,
                        stringify!($field),
                        $crate::facade::admin::shape::default_of!($($default)?),
                    )?,)*
                })
            }
        }
    };
}

macro_rules! writable {
    ($name:ident { $($field:ident,)* }) => {
        impl $crate::facade::admin::shape::Write for $name {
            fn write(self) -> serde_json::Value {
                let mut object = serde_json::Map::new();
                $(object.insert(
                    stringify!($field).to_owned(),
                    $crate::facade::admin::shape::Write::write(self.$field),
                );)*
                serde_json::Value::Object(object)
            }
        }
    };
}

/// An enumeration: read and written as its words.
macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident {
        $($(#[doc = $value_doc:literal])* $value:ident = $word:literal,)*
    })*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $name {
            $($value,)*
        }

        impl $crate::facade::admin::shape::Typed for $name {
            const TYPE: $crate::facade::admin::table::Type =
                $crate::facade::admin::table::Type::Enum(&$crate::facade::admin::table::EnumRow {
                    name: stringify!($name),
                    doc: $crate::facade::admin::shape::one_line!($($doc)*),
                    values: &[$($crate::facade::admin::table::EnumValue {
                        name: $word,
                        doc: $crate::facade::admin::shape::one_line!($($value_doc)*),
                    },)*],
                });
        }

        impl $crate::facade::admin::shape::Write for $name {
            fn write(self) -> serde_json::Value {
                match self {
                    $(Self::$value => $word.into(),)*
                }
            }
        }

        impl $crate::facade::admin::shape::Read for $name {
            fn read(
                value: &serde_json::Value,
                at: &$crate::facade::admin::shape::At<'_>,
            ) -> Result<Self, $crate::facade::admin::shape::Wrong> {
                match value.as_str() {
                    $(Some($word) => Ok(Self::$value),)*
                    _ => Err(at.wrong(format!("{value} is none of {}", [$($word),*].join(", ")))),
                }
            }
        }
    )*};
}

/// Operations: arguments, row and handler of each. The handler is the function of the operation's name.
macro_rules! operations {
    ($($(#[doc = $doc:literal])* $name:ident: $arguments:ident {
        $($(#[doc = $field_doc:literal])* $field:ident: $type:ty $(= $default:literal)?,)*
    } -> $result:ty, errors $errors:literal, source $source:literal;)*) => {
        $(
            pub(super) struct $arguments {
                $(pub(super) $field: $type,)*
            }

            impl $arguments {
                const FIELDS: &'static [$crate::facade::admin::table::Field] = $crate::facade::admin::shape::rows!(
                    $($(#[doc = $field_doc])* $field: $type $(= $default)?,)*
                );
            }

            $crate::facade::admin::shape::readable_arguments!($arguments { $($field $(= $default)?,)* });
        )*

        pub(super) const ENTRIES: &[$crate::facade::admin::Entry] = &[$($crate::facade::admin::Entry {
            row: &$crate::facade::admin::table::OperationRow {
                name: stringify!($name),
                doc: $crate::facade::admin::shape::one_line!($($doc)*),
                errors: $errors,
                source: $source,
                parameters: $arguments::FIELDS,
                result: <$result as $crate::facade::admin::shape::Typed>::TYPE,
            },
            run: |admin, arguments| Box::pin(async move {
                let given = $arguments::read(&arguments)
                    .map_err(|wrong| $crate::facade::admin::refused(stringify!($name), wrong))?;
                let result: $result = $name(admin, given).await?;
                Ok($crate::facade::admin::shape::Write::write(result))
            }),
        },)*];
    };
}

macro_rules! readable_arguments {
    ($name:ident { $($field:ident $(= $default:literal)?,)* }) => {
        impl $name {
            fn read(value: &serde_json::Value) -> Result<Self, $crate::facade::admin::shape::Wrong> {
                let at = &$crate::facade::admin::shape::At::Root;
                #[allow(unused_variables)] // Of operations without parameters.
                let object = $crate::facade::admin::shape::fields(value, at, Self::FIELDS)?;
                Ok(Self {
                    $($field: $crate::facade::admin::shape::field(
                        object,
                        at,
                        stringify!($field),
                        $crate::facade::admin::shape::default_of!($($default)?),
                    )?,)*
                })
            }
        }
    };
}

pub(super) use {
    default_of, given, one_line, operations, readable, readable_arguments, rows, told, words, writable,
};
