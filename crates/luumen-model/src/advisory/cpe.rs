//! Names of upstream products (CPE 2.3) and the NVD's trees of which combinations are vulnerable.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A CPE name in the formatted-string binding of NISTIR 7695, its parts unescaped. An empty part is `*` (any); `-` is "not applicable".
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cpe {
    /// `a` application, `o` operating system, `h` hardware.
    pub part: String,
    /// `openbsd`.
    pub vendor: String,
    /// `openssh`.
    pub product: String,
    /// `8.9`; empty for any.
    pub version: String,
    /// `p1`; empty for any.
    pub update: String,
    /// Edition.
    pub edition: String,
    /// Language.
    pub language: String,
    /// Edition of the software: `enterprise`, `community`.
    pub sw_edition: String,
    /// What it runs on: `windows`, `wordpress`, `node.js`.
    pub target_sw: String,
    /// Hardware it runs on.
    pub target_hw: String,
    /// Anything else.
    pub other: String,
}

/// A text that is no CPE 2.3 name.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not a CPE 2.3 name: {why}")]
pub struct ParseCpeError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// How the children of a node are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CpeOperator {
    /// Every one must hold.
    And,
    /// One is enough.
    Or,
}

/// A range of versions of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpeMatch {
    /// False: only context ("running on …"), never itself what is vulnerable.
    pub vulnerable: bool,
    /// The product; its version is used when there is no range.
    pub cpe: Cpe,
    /// First version of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Whether the first version itself is outside.
    #[serde(default, skip_serializing_if = "is_false")]
    pub start_excluded: bool,
    /// Last version of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Whether the last version itself is outside.
    #[serde(default, skip_serializing_if = "is_false")]
    pub end_excluded: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// A node of a configuration: its matches and its children, joined by the operator, turned round if negated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpeNode {
    /// How they are joined.
    pub operator: CpeOperator,
    /// Turned round.
    #[serde(default, skip_serializing_if = "is_false")]
    pub negate: bool,
    /// Ranges of products.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<CpeMatch>,
    /// Nodes below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<CpeNode>,
}

/// Which combinations of upstream products are vulnerable, as one source says. Any one configuration is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpeConfiguration {
    /// `CVE-…`.
    pub vulnerability: String,
    /// Which feed.
    pub source: String,
    /// `nvd` or `cna`.
    pub authority: super::Authority,
    /// The tree.
    pub root: CpeNode,
}

impl FromStr for Cpe {
    type Err = ParseCpeError;
    fn from_str(text: &str) -> Result<Self, ParseCpeError> {
        let wrong = |why| ParseCpeError {
            text: text.to_owned(),
            why,
        };
        let rest = text
            .strip_prefix("cpe:2.3:")
            .ok_or_else(|| wrong("it does not begin with cpe:2.3:"))?;
        let parts = unescaped_parts(rest);
        let parts: [String; 11] = parts
            .try_into()
            .map_err(|_| wrong("it does not have eleven parts"))?;
        let [
            part,
            vendor,
            product,
            version,
            update,
            edition,
            language,
            sw_edition,
            target_sw,
            target_hw,
            other,
        ] = parts;
        if !matches!(part.as_str(), "a" | "o" | "h" | "") {
            return Err(wrong("its part is none of a, o, h"));
        }
        Ok(Self {
            part,
            vendor,
            product,
            version,
            update,
            edition,
            language,
            sw_edition,
            target_sw,
            target_hw,
            other,
        })
    }
}

/// Parts between unescaped colons, without their backslashes; `*` alone becomes empty.
fn unescaped_parts(text: &str) -> Vec<String> {
    let mut parts = Vec::with_capacity(11);
    let (mut part, mut bare) = (String::new(), true);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                bare = false;
                part.extend(chars.next());
            }
            ':' => {
                parts.push(finished(std::mem::take(&mut part), bare));
                bare = true;
            }
            _ => part.push(c),
        }
    }
    parts.push(finished(part, bare));
    parts
}

fn finished(part: String, bare: bool) -> String {
    if bare && part == "*" { String::new() } else { part }
}

impl fmt::Display for Cpe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cpe:2.3")?;
        let parts = [
            &self.part,
            &self.vendor,
            &self.product,
            &self.version,
            &self.update,
            &self.edition,
            &self.language,
            &self.sw_edition,
            &self.target_sw,
            &self.target_hw,
            &self.other,
        ];
        for part in parts {
            f.write_str(":")?;
            match part.as_str() {
                "" => f.write_str("*")?,
                "-" => f.write_str("-")?,
                text => write_escaped(f, text)?,
            }
        }
        Ok(())
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for c in text.chars() {
        if !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')) {
            f.write_str("\\")?;
        }
        write!(f, "{c}")?;
    }
    Ok(())
}

impl Serialize for Cpe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cpe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Cpe;

    #[track_caller]
    fn check(text: &str) -> Cpe {
        let cpe: Cpe = text.parse().expect("a CPE name");
        assert_eq!(cpe.to_string(), text);
        cpe
    }

    #[test]
    fn a_name_is_read_and_written_again() {
        let cpe = check("cpe:2.3:a:openbsd:openssh:8.9:p1:*:*:*:*:*:*");
        assert_eq!((cpe.version.as_str(), cpe.update.as_str()), ("8.9", "p1"));
        let cpe = check("cpe:2.3:a:foo\\:bar:big\\$money:1.2\\+3:-:*:*:*:node.js:*:*");
        assert_eq!(cpe.vendor, "foo:bar");
        assert_eq!(cpe.version, "1.2+3");
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_reason() {
        for text in [
            "cpe:/a:openbsd:openssh",
            "cpe:2.3:a:b",
            "cpe:2.3:x:b:c:*:*:*:*:*:*:*:*",
        ] {
            assert!(text.parse::<Cpe>().is_err(), "{text}");
        }
    }
}
