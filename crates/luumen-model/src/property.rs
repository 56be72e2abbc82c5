//! Properties: every single fact of a section under a dotted path, for search, checks and diff.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::SectionKind;

/// One fact, such as `os.id = "debian"` or `sysctl.values.net.ipv4.ip_forward = "0"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Property {
    /// Dotted path that begins with the section's name. Elements of a list of objects are named by
    /// their key (`mounts.items[/home].size_bytes`), plain lists repeat the same path.
    pub path: String,
    /// The fact.
    pub value: PropertyValue,
}

/// A scalar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum PropertyValue {
    /// True or false.
    Bool(bool),
    /// A number; JSON integers beyond 2^53 lose digits, none of our facts are that large.
    Number(f64),
    /// Anything else.
    Text(String),
}

/// Keys that name an element of a list, in order of preference.
const NAMING_KEYS: [&str; 9] = [
    "name",
    "id",
    "mount_point",
    "unit",
    "path",
    "address",
    "port",
    "username",
    "key",
];

/// All facts of a section's `data`, in document order.
pub fn flatten(kind: SectionKind, data: &Value) -> Vec<Property> {
    let mut out = Vec::new();
    walk(kind.as_str().to_owned(), data, &mut out);
    out
}

fn walk(path: String, value: &Value, out: &mut Vec<Property>) {
    let scalar = |value| Property {
        path: path.clone(),
        value,
    };
    match value {
        Value::Null => {}
        Value::Bool(flag) => out.push(scalar(PropertyValue::Bool(*flag))),
        Value::Number(number) => {
            out.push(scalar(PropertyValue::Number(number.as_f64().unwrap_or(f64::NAN))));
        }
        Value::String(text) => out.push(scalar(PropertyValue::Text(text.clone()))),
        Value::Object(map) => {
            for (key, inner) in map {
                walk(format!("{path}.{key}"), inner, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                match element_name(item) {
                    Some(name) => walk(format!("{path}[{name}]"), item, out),
                    None => walk(path.clone(), item, out),
                }
            }
        }
    }
}

fn element_name(item: &Value) -> Option<String> {
    let map = item.as_object()?;
    NAMING_KEYS.iter().find_map(|key| match map.get(*key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::flatten;
    use crate::SectionKind;
    use serde_json::json;

    #[test]
    fn names_list_elements_by_their_key() {
        let data =
            json!({"items": [{"mount_point": "/home", "size_bytes": 10}], "tags": ["a", "b"], "none": null});
        let seen: Vec<String> = flatten(SectionKind::Mounts, &data)
            .into_iter()
            .map(|p| format!("{}={}", p.path, serde_json::to_string(&p.value).expect("json")))
            .collect();
        assert_eq!(
            seen,
            [
                r#"mounts.items[/home].mount_point="/home""#,
                "mounts.items[/home].size_bytes=10.0",
                r#"mounts.tags="a""#,
                r#"mounts.tags="b""#
            ]
        );
    }
}
