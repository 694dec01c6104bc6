//! One row per option: Kafka's name, aliases, who takes it, type, default, range, meaning.
//!
//! The rows are the only definition of the configuration: parsing, documentation and the bindings read them. Options of
//! the Java client and of librdkafka that mean nothing here have a row too, so that they are refused with a reason
//! instead of being ignored.

mod common;
mod consumer;
mod foreign;
mod producer;
mod security;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// Which client an option is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientKind {
    /// `Producer`.
    Producer,
    /// `Consumer`.
    Consumer,
    /// `Admin`.
    Admin,
}

impl ClientKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Producer, Self::Consumer, Self::Admin];

    const fn bit(self) -> u8 {
        match self {
            Self::Producer => 1,
            Self::Consumer => 2,
            Self::Admin => 4,
        }
    }
}

impl fmt::Display for ClientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Producer => "producer",
            Self::Consumer => "consumer",
            Self::Admin => "admin",
        })
    }
}

/// A set of client kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    pub(super) const PRODUCER: Self = Self(ClientKind::Producer.bit());
    pub(super) const CONSUMER: Self = Self(ClientKind::Consumer.bit());
    pub(super) const ADMIN: Self = Self(ClientKind::Admin.bit());
    pub(super) const ALL: Self = Self(7);
    pub(super) const PRODUCER_ADMIN: Self = Self(5);
    pub(super) const PRODUCER_CONSUMER: Self = Self(3);
    pub(super) const CONSUMER_ADMIN: Self = Self(6);

    /// Whether `kind` is in the set.
    pub const fn contains(self, kind: ClientKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// The kinds in the set.
    pub fn iter(self) -> impl Iterator<Item = ClientKind> {
        ClientKind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

/// An option's type and range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueType {
    /// `true` or `false`.
    Boolean,
    /// A whole number between two bounds, both inclusive.
    Int {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// A number between two bounds, both inclusive.
    Float {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// Any text.
    Text,
    /// Text of at least one character.
    NonEmptyText,
    /// One of these words, case insensitive.
    Choice(&'static [&'static str]),
    /// Comma-separated texts.
    List,
}

/// What an option is when nobody sets it. Texts are parsed as a user's would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// Must be set.
    Required,
    /// Not set; Kafka's null.
    Null,
    /// The same for every kind.
    Text(&'static str),
    /// Producer, consumer and admin differ.
    PerKind(&'static str, &'static str, &'static str),
}

impl DefaultValue {
    /// The default for one kind; `None` when the option is required or null.
    pub fn for_kind(self, kind: ClientKind) -> Option<&'static str> {
        match (self, kind) {
            (Self::Required | Self::Null, _) => None,
            (Self::Text(text), _)
            | (Self::PerKind(text, _, _), ClientKind::Producer)
            | (Self::PerKind(_, text, _), ClientKind::Consumer)
            | (Self::PerKind(_, _, text), ClientKind::Admin) => Some(text),
        }
    }
}

/// How much an option matters, in Kafka's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// Look at it before going to production.
    High,
    /// For tuning.
    Medium,
    /// Rarely changed.
    Low,
}

/// What this library does with an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Obeyed.
    Used,
    /// Not obeyed yet: only these values, which ask for what happens anyway, are taken.
    NotYet(&'static [&'static str]),
    /// Means nothing here; the text says why and what to do instead. Only these values are taken.
    Refused(&'static str, &'static [&'static str]),
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct OptionRow {
    /// Kafka's name, or librdkafka's where Kafka has none.
    pub name: &'static str,
    /// Other names that mean the same, mostly librdkafka's.
    pub aliases: &'static [&'static str],
    /// Which clients take it.
    pub kinds: Kinds,
    /// Type and range.
    pub value_type: ValueType,
    /// The default.
    pub default: DefaultValue,
    /// How much it matters.
    pub importance: Importance,
    /// Whether its value must never be shown.
    pub sensitive: bool,
    /// What is done with it.
    pub support: Support,
    /// Why it is not obeyed yet and what to do meanwhile; empty where its meaning says enough.
    pub remark: &'static str,
    /// What it is, in one line.
    pub doc: &'static str,
}

impl OptionRow {
    pub(super) const fn new(
        name: &'static str,
        kinds: Kinds,
        value_type: ValueType,
        default: DefaultValue,
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            aliases: &[],
            kinds,
            value_type,
            default,
            importance: Importance::Low,
            sensitive: false,
            support: Support::Used,
            remark: "",
            doc,
        }
    }

    pub(super) const fn high(mut self) -> Self {
        self.importance = Importance::High;
        self
    }

    pub(super) const fn medium(mut self) -> Self {
        self.importance = Importance::Medium;
        self
    }

    pub(super) const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub(super) const fn secret(mut self) -> Self {
        self.sensitive = true;
        self
    }

    pub(super) const fn not_yet(mut self, harmless: &'static [&'static str]) -> Self {
        self.support = Support::NotYet(harmless);
        self
    }

    pub(super) const fn remark(mut self, remark: &'static str) -> Self {
        self.remark = remark;
        self
    }

    pub(super) const fn refused(mut self, why: &'static str, harmless: &'static [&'static str]) -> Self {
        self.support = Support::Refused(why, harmless);
        self
    }
}

const fn int(min: i64, max: i64) -> ValueType {
    ValueType::Int { min, max }
}

const INT_MAX: i64 = i32::MAX as i64;
/// Times are added to clocks: a bound of about 292,000 years keeps the sum inside every clock's range.
const LONG_MAX: i64 = i64::MAX / 1_000_000;
/// `[0,...]` of a Kafka `int`.
const INT: ValueType = int(0, INT_MAX);
/// `[0,...]` of a Kafka `long`.
const LONG: ValueType = int(0, LONG_MAX);

/// Every option, sorted by name.
pub fn rows() -> &'static [OptionRow] {
    static ROWS: OnceLock<Vec<OptionRow>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let mut rows: Vec<_> =
            [common::ROWS, producer::ROWS, consumer::ROWS, security::ROWS, foreign::ROWS].concat();
        rows.sort_by_key(|row| row.name);
        rows
    })
}

/// The row of an option, by its name or an alias.
pub fn find(name: &str) -> Option<&'static OptionRow> {
    static INDEX: OnceLock<BTreeMap<&'static str, usize>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let mut index = BTreeMap::new();
        for (position, row) in rows().iter().enumerate() {
            for name in std::iter::once(&row.name).chain(row.aliases) {
                index.insert(*name, position);
            }
        }
        index
    });
    index.get(name).map(|position| &rows()[*position])
}

#[cfg(test)]
mod published_tests;
#[cfg(test)]
mod tests;
