//! Walks the one long array of a document without holding it: an entry at a time, as the text it was written in.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::read::ReadError;

/// What stands beside the array.
pub(super) struct Beside<'a> {
    /// How many entries the array had; absent when there was no such array.
    pub(super) entries: Option<u64>,
    fields: Vec<(String, &'a RawValue)>,
}

impl<'a> Beside<'a> {
    /// The text of a field.
    pub(super) fn field(&self, name: &str) -> Option<&'a str> {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.get())
    }

    /// A number, also one written as a text.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.field(name)?.trim_matches('"').parse().ok()
    }
}

/// Hands each entry of the array `key` of the document to `take`.
pub(super) fn each<'a>(
    bytes: &'a [u8],
    key: &'static str,
    take: &mut dyn FnMut(&'a RawValue),
) -> Result<Beside<'a>, ReadError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let beside = Top { key, take }
        .deserialize(&mut json)
        .map_err(ReadError::Json)?;
    json.end().map_err(ReadError::Json)?;
    Ok(beside)
}

/// What to call an entry that could not be read: its id where there is one, else its place.
pub(super) fn name_of(entry: &RawValue, place: &str, at: u64) -> String {
    let text = entry.get();
    let id = text
        .find("\"CVE-")
        .and_then(|from| text[from + 1..].split('"').next());
    id.map_or_else(|| format!("{place}[{at}]"), str::to_owned)
}

struct Top<'t, 'a> {
    key: &'static str,
    take: &'t mut dyn FnMut(&'a RawValue),
}

impl<'a> DeserializeSeed<'a> for Top<'_, 'a> {
    type Value = Beside<'a>;
    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Beside<'a>, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Top<'_, 'a> {
    type Value = Beside<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the array {:?}", self.key)
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Beside<'a>, M::Error> {
        let mut beside = Beside {
            entries: None,
            fields: Vec::new(),
        };
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            if key == self.key {
                let more = map.next_value_seed(Array(&mut *self.take))?;
                beside.entries = Some(beside.entries.unwrap_or(0) + more);
            } else if beside.fields.len() < 32 {
                beside.fields.push((key.into_owned(), map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(beside)
    }
}

struct Array<'t, 'a>(&'t mut dyn FnMut(&'a RawValue));

impl<'a> DeserializeSeed<'a> for Array<'_, 'a> {
    type Value = u64;
    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<u64, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for Array<'_, 'a> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<u64, S::Error> {
        let mut entries = 0;
        while let Some(entry) = seq.next_element::<&'a RawValue>()? {
            (self.0)(entry);
            entries += 1;
        }
        Ok(entries)
    }
}
