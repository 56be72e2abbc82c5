//! Errors as RFC 9457 problem documents with stable codes.

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:literal, $title:literal;)+) => {
        /// A stable error code. Programs choose by it; words may change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $title] #[serde(rename = $code)] $variant,)+
        }

        impl Code {
            /// Every code, for the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it travels.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status it comes with.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// What it means, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

// Written out: the derive does not see a rename that comes from a macro's argument.
impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .description(Some(
                "A stable error code. Programs choose by it; words may change.",
            ))
            .into()
    }
}

impl ToSchema for Code {}

codes! {
    BadRequest = "LUM-API-BAD-REQUEST", 400, "The request could not be understood";
    Unauthenticated = "LUM-API-UNAUTHENTICATED", 401, "Sign in first, or send a valid API key";
    SignInFailed = "LUM-API-SIGN-IN-FAILED", 401, "E-mail address and password do not match";
    LinkInvalid = "LUM-API-LINK-INVALID", 401, "This link was used, has expired or never existed";
    Forbidden = "LUM-API-FORBIDDEN", 403, "This needs a permission that you do not have";
    CrossSite = "LUM-API-CROSS-SITE", 403, "Requests from other sites are refused";
    NotFound = "LUM-API-NOT-FOUND", 404, "There is no such thing in this workspace";
    MethodNotAllowed = "LUM-API-METHOD-NOT-ALLOWED", 405, "This address does not know that method";
    Conflict = "LUM-API-CONFLICT", 409, "That clashes with what is already there";
    OtherWorkspace = "LUM-API-OTHER-WORKSPACE", 409, "Your session is in another workspace by now";
    MissingSections = "LUM-API-MISSING-SECTIONS", 409, "The report names sections that the server does not have yet";
    TooLarge = "LUM-API-TOO-LARGE", 413, "The request is larger than the server takes";
    UnsupportedMedia = "LUM-API-UNSUPPORTED-MEDIA", 415, "The request has a content type that the server does not read";
    Invalid = "LUM-API-INVALID", 422, "Some fields are not valid";
    BundleNotTrusted = "LUM-API-BUNDLE-NOT-TRUSTED", 422, "The bundle is not signed by anyone whom this server trusts";
    BundleDamaged = "LUM-API-BUNDLE-DAMAGED", 422, "The bundle is not whole, or was changed after it was signed";
    BundleOlder = "LUM-API-BUNDLE-OLDER", 409, "The bundle is older than the catalogue in use";
    HashMismatch = "LUM-API-HASH-MISMATCH", 422, "A section does not have the hash that the report says";
    TooManyRequests = "LUM-API-TOO-MANY-REQUESTS", 429, "Too many tries; wait a little";
    Internal = "LUM-API-INTERNAL", 500, "The server made a mistake";
    Unavailable = "LUM-API-UNAVAILABLE", 503, "The server cannot answer just now";
}

/// One field that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Dotted name of the field, or `row 12` in an import.
    pub field: String,
    /// What is wrong with it, in words.
    pub message: String,
}

/// `application/problem+json` (RFC 9457) with our stable code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProblemDetails {
    /// Address of the code's documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means.
    pub title: String,
    /// The HTTP status again.
    pub status: i64,
    /// Stable code.
    pub code: Code,
    /// What happened here, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do next, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// Id to look for in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The fields that are not valid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Hashes the server lacks (with `LUM-API-MISSING-SECTIONS`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<luumen_model::ContentHash>,
}

impl ProblemDetails {
    /// The problem for `code`, with nothing particular said yet.
    pub fn new(code: Code) -> Self {
        Self {
            kind: format!("https://luumen.ai/problems/{}", code.as_str()),
            title: code.title().to_owned(),
            status: i64::from(code.status()),
            code,
            detail: None,
            next_step: None,
            request_id: None,
            errors: Vec::new(),
            missing: Vec::new(),
        }
    }
}
