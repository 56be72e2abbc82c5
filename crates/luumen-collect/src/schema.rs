//! The JSON Schema of the Snapshot document, generated from the same types that write it.

use std::collections::BTreeMap;

use luumen_model::{
    Collector, MissingRight, PrivilegeTier, Problem, SNAPSHOT_SCHEMA, SchemaTag, SectionKind, SectionRecord,
    SectionStatus, Snapshot,
};
use serde_json::{Map, Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

/// JSON Schema (2020-12) of a Snapshot document, with the shape of every section's `data`.
pub fn schema_json() -> Value {
    let mut named: Vec<(String, RefOr<Schema>)> = Vec::new();
    Snapshot::schemas(&mut named);
    named.extend([
        ("SchemaTag".to_owned(), SchemaTag::schema()),
        ("Collector".to_owned(), Collector::schema()),
        ("PrivilegeTier".to_owned(), PrivilegeTier::schema()),
        ("SectionRecord".to_owned(), SectionRecord::schema()),
        ("SectionStatus".to_owned(), SectionStatus::schema()),
        ("Problem".to_owned(), Problem::schema()),
        ("MissingRight".to_owned(), MissingRight::schema()),
    ]);
    let mut sections = Map::new();
    for kind in SectionKind::ALL {
        kind.data_schemas(&mut named);
        sections.insert(kind.as_str().to_owned(), section(*kind));
    }
    let defs: BTreeMap<String, Value> = named
        .into_iter()
        .map(|(name, schema)| (name, moved(serde_json::to_value(schema).unwrap_or_default())))
        .collect();
    let mut root = moved(serde_json::to_value(Snapshot::schema()).unwrap_or_default());
    if let Value::Object(root) = &mut root {
        root.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        root.insert(
            "$id".to_owned(),
            json!(format!("urn:{}", SNAPSHOT_SCHEMA.replace('/', ":"))),
        );
        root.insert("title".to_owned(), json!("Luumen snapshot"));
        if let Some(Value::Object(properties)) = root.get_mut("properties") {
            properties.insert(
                "sections".to_owned(),
                json!({
                    "type": "object",
                    "description": "One record per section that was asked for.",
                    "properties": sections,
                    "additionalProperties": {"$ref": "#/$defs/SectionRecord"},
                }),
            );
        }
        root.insert("$defs".to_owned(), json!(defs));
    }
    root
}

/// A record whose `data` has the section's own shape.
fn section(kind: SectionKind) -> Value {
    json!({
        "title": kind.title(),
        "allOf": [
            {"$ref": "#/$defs/SectionRecord"},
            {"type": "object", "properties": {"data": moved(serde_json::to_value(kind.data_schema()).unwrap_or_default())}},
        ],
    })
}

/// OpenAPI keeps shared shapes under `#/components/schemas`, JSON Schema under `#/$defs`.
fn moved(value: Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix("#/components/schemas/") {
            Some(name) => Value::String(format!("#/$defs/{name}")),
            None => Value::String(text),
        },
        Value::Array(items) => Value::Array(items.into_iter().map(moved).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, value)| (key, moved(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::schema_json;
    use luumen_model::SectionKind;
    use serde_json::Value;

    fn references(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(target)) = map.get("$ref") {
                    out.push(target.clone());
                }
                map.values().for_each(|inner| references(inner, out));
            }
            Value::Array(items) => items.iter().for_each(|inner| references(inner, out)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let schema = schema_json();
        let mut all = Vec::new();
        references(&schema, &mut all);
        assert!(all.len() > 40, "{} references", all.len());
        for target in all {
            let pointer = target.strip_prefix('#').expect("a local reference");
            assert!(schema.pointer(pointer).is_some(), "{target}");
        }
    }

    #[test]
    fn every_section_is_described() {
        let schema = schema_json();
        for kind in SectionKind::ALL {
            assert!(
                schema
                    .pointer(&format!("/properties/sections/properties/{kind}"))
                    .is_some(),
                "{kind}"
            );
        }
    }
}
